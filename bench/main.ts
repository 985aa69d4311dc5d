import { existsSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { build } from '../scripts/build.mjs'
import { openDatabase } from './database.ts'
import { measure } from './measure.ts'
import { OPERATIONS } from './operations.ts'
import { type Options, readOptions } from './options.ts'
import { type Report, tableOf } from './report.ts'
import { verify } from './verify.ts'

const log = (text: string) => void process.stderr.write(`${text}\n`)

async function run(options: Options): Promise<Report> {
  const operations = OPERATIONS.filter(({ name }) => options.only.includes(name))
  const before = loadavg()[0] ?? 0
  await build()
  const database = await openDatabase(options, log)
  try {
    const verified = await verify(database.url, operations, options)
    log('all servers answer the same')
    const measured = await measure(database, operations, options, log)
    const { organizations, workspacesEach, membersEach, people, crowd } = options
    return {
      node: process.versions.node,
      processors: availableParallelism(),
      load: { before, after: loadavg()[0] ?? 0 },
      size: {
        organizations,
        workspaces: organizations * workspacesEach,
        'members of each': membersEach,
        people,
        'members of each large workspace': crowd,
      },
      ...verified,
      ...measured,
    }
  } finally {
    await database.stop()
  }
}

async function main([first, ...rest]: string[]): Promise<void> {
  if (first === 'provision') return (await import('./provision.ts')).main(rest)
  if (first === 'growth') return (await import('./growth.ts')).main(rest)
  if (first === 'plans') return (await import('./plans.ts')).main(rest)
  if (first === 'capacity') return (await import('./capacity.ts')).main(rest)
  const options = readOptions([...(first === undefined ? [] : [first]), ...rest])
  if (!existsSync(fileURLToPath(new URL('node_modules/postgraphile', import.meta.url))))
    throw new Error('The peers are not installed: run "npm --prefix bench ci" first.')
  const report = await run(options)
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : tableOf(report))
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  log(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
