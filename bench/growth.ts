import { join } from 'node:path'
import { build } from '../scripts/build.mjs'
import { type BenchDatabase, openDatabase } from './database.ts'
import { runRound } from './load.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { type Options, readOptions } from './options.ts'
import { requestsOf } from './prepare.ts'
import { type Running, startServer } from './servers.ts'
import { cpuOf, cpuOfTree } from './usage.ts'

const log = (text: string) => void process.stderr.write(`${text}\n`)

interface Side {
  options: Options
  database: BenchDatabase
  server: Running
}

/** Milliseconds of processor time of one request: of the server, of the database. */
interface Cost {
  rate: number
  server: number
  database: number
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
      'operation  req/s at 1  req/s of the other  ratio  server cpu  database cpu',
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
  const pairs: [Cost, Cost][] = []
  for (let round = 0; round <= one.options.rounds; round++) {
    const pair: [Cost, Cost] = [await costOf(operation, one), await costOf(operation, many)]
    // The first fills caches and lets the machine code be made.
    if (round > 0) pairs.push(pair)
  }
  const median = (pick: (pair: [Cost, Cost]) => number) =>
    pairs.map(pick).sort((a, b) => a - b)[Math.floor(pairs.length / 2)] ?? 0
  const cells = [
    median(([{ rate }]) => rate)
      .toFixed(0)
      .padStart(10),
    median(([, { rate }]) => rate)
      .toFixed(0)
      .padStart(18),
    median(([a, b]) => b.rate / a.rate)
      .toFixed(2)
      .padStart(5),
    median(([a, b]) => b.server / a.server)
      .toFixed(2)
      .padStart(10),
    median(([a, b]) => b.database / a.database)
      .toFixed(2)
      .padStart(12),
  ]
  return `${operation.name.padEnd(9)}  ${cells.join('  ')}`
}

async function costOf(operation: Operation, { server, database, options }: Side): Promise<Cost> {
  const requests = requestsOf(server.name, server.port, operation, options)
  const used = async () => [(await cpuOf(server.pid)) ?? 0, (await cpuOfTree(database.pid)) ?? 0] as const
  const before = await used()
  const round = await runRound(server.port, requests, options.connections, options.seconds)
  const after = await used()
  if (round.failures > 0) throw new Error(`${round.failures} of ${round.requests} requests failed`)
  return {
    rate: round.requests / round.seconds,
    server: (after[0] - before[0]) / round.requests,
    database: (after[1] - before[1]) / round.requests,
  }
}
