// Generates the typed operations of the command line when the schema or they have changed since.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const at = (path) => `${ROOT}/${path}`
const made = at('scripts/provision/generated/operations.ts')
const sources = ['schema.graphql', 'scripts/provision/operations.graphql', 'test/codegen.ts'].map(at)
const isFresh = existsSync(made) && sources.every((path) => statSync(path).mtimeMs <= statSync(made).mtimeMs)
if (!isFresh) {
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'codegen:test'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (status !== 0) process.stderr.write(stderr)
  process.exitCode = status ?? 1
}
