#!/usr/bin/env node
// Everything that has to hold before a change is done, in the order in which failures are cheapest. All steps run, so that
// one look tells all that is wrong.
import { spawnSync } from 'node:child_process'

const STEPS = [
  ['generated client', ['node', 'scripts/build.mjs']],
  ['schema.graphql', ['npx', 'tsx', 'scripts/print-schema.ts', '--check']],
  ['docs/permissions.md', ['npx', 'tsx', 'scripts/print-permissions.ts', '--check']],
  ['typed documents', ['npm', 'run', '--silent', 'codegen:test']],
  ['types', ['npm', 'run', '--silent', 'types']],
  ['lint and format', ['npm', 'run', '--silent', 'lint']],
  ['migrations', ['npm', 'run', '--silent', 'db:drift']],
  ['tests', ['npx', 'vitest', 'run']],
]

const wanted = process.argv.includes('--without-tests') ? STEPS.filter(([name]) => name !== 'tests') : STEPS
const failed = wanted.filter(([name, [command, ...args]]) => {
  process.stdout.write(`\n== ${name}\n`)
  return spawnSync(command, args, { stdio: 'inherit' }).status !== 0
})
process.stdout.write(
  failed.length ? `\nFailed: ${failed.map(([name]) => name).join(', ')}\n` : '\nAll checks passed.\n',
)
process.exitCode = failed.length ? 1 : 0
