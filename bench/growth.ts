import { join } from 'node:path'
import { build } from '../scripts/build.mjs'
import { type BenchDatabase, openDatabase } from './database.ts'
import { type Figures, median, roundOf } from './measure.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { type Options, readOptions } from './options.ts'
import { row } from './report.ts'
import { type Running, startServer } from './servers.ts'

const log = (text: string) => void process.stderr.write(`${text}\n`)

interface Side {
  options: Options
  database: BenchDatabase
  server: Running
}

/**
 * Q1 to Q5 on the data of the benchmark and on a multiple of it, in turn, each on a server of its own: what grows with the data
 * is what the second one takes longer.
 */
export async function main(args: string[]): Promise<void> {
  const large = readOptions(args)
  const { scale, dataDir: folder } = large
  if (!(scale > 1)) throw new Error('Say how much more data: --scale 10, for example.')
  const organizations = Math.round(large.organizations / scale)
  const small: Options = { ...large, organizations, people: organizations * 100 }
  const at = (options: Options, times: number): Options => ({
    ...options,
    dataDir: folder === null ? null : join(folder, String(times)),
  })
  await build()
  const sides: Side[] = []
  try {
    for (const options of [at(small, 1), at(large, scale)]) {
      const database = await openDatabase(options, log)
      sides.push({ options, database, server: await startServer('atrium', database.url) })
    }
    const [one, many] = sides as [Side, Side]
    const lines = [
      `The data of the benchmark, and ${scale} times as much`,
      row(['operation', 'req/s', 'of more', 'ratio', 'cpu', 'db cpu']),
    ]
    for (const operation of OPERATIONS.filter(({ name, writes }) => !writes && large.only.includes(name)))
      lines.push(await compared(operation, one, many))
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    for (const { server, database } of sides) {
      await server.stop()
      await database.stop()
    }
  }
}

async function compared(operation: Operation, one: Side, many: Side): Promise<string> {
  const pairs: [Figures, Figures][] = []
  const roundAt = ({ server, database, options }: Side) =>
    roundOf(server, operation, options, database.pid, null)
  for (let round = 0; round <= one.options.rounds; round++) {
    const pair: [Figures, Figures] = [await roundAt(one), await roundAt(many)]
    // The first fills caches and lets the machine code be made.
    if (round > 0) pairs.push(pair)
  }
  const medianOf = (pick: (pair: [Figures, Figures]) => number) => median(pairs.map(pick))
  return row([
    operation.name,
    medianOf(([{ requestsPerSecond }]) => requestsPerSecond).toFixed(0),
    medianOf(([, { requestsPerSecond }]) => requestsPerSecond).toFixed(0),
    medianOf(([a, b]) => b.requestsPerSecond / a.requestsPerSecond).toFixed(2),
    medianOf(([a, b]) => Number(b.serverCpu) / Number(a.serverCpu)).toFixed(2),
    medianOf(([a, b]) => Number(b.databaseCpu) / Number(a.databaseCpu)).toFixed(2),
  ])
}
