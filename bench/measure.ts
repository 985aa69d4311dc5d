import pg from 'pg'
import { openClients, runRound } from './load.ts'
import type { Operation, ServerName } from './operations.ts'
import type { Options } from './options.ts'
import { requestsOf, reset } from './prepare.ts'
import { type Running, startServer } from './servers.ts'
import { cpuOf, cpuOfTree, memoryOf } from './usage.ts'

/** One server under one operation: medians of its rounds. Milliseconds. */
export interface Figures {
  requestsPerSecond: number
  p50: number
  p99: number
  serverCpu: number | null
  databaseCpu: number | null
}

export interface Measured {
  figures: Record<string, Record<string, Figures>>
  /** Resident megabytes when everything has been asked. */
  memory: Record<string, number | null>
}

/** Rounds of all servers in turn, so that whatever else the machine does meets all of them alike. */
export async function measure(
  database: { url: string; pid: number },
  operations: Operation[],
  options: Options,
  log: (text: string) => void,
): Promise<Measured> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const servers: Running[] = []
  try {
    for (const name of options.servers as ServerName[]) servers.push(await startServer(name, database.url))
    const figures: Measured['figures'] = {}
    for (const operation of operations) {
      const rounds = new Map<string, Figures[]>()
      // The first round is not counted: it fills caches and lets the machine code be made.
      for (let round = 0; round <= options.rounds; round++) {
        for (const server of rotated(servers, round)) {
          const times = round === 0 ? WARM_UP : 1
          const sized = { ...options, seconds: options.seconds * times, writes: options.writes * times }
          const one = await roundOf(server, operation, sized, database.pid, client)
          if (round > 0) rounds.set(server.name, [...(rounds.get(server.name) ?? []), one])
        }
      }
      figures[operation.name] = Object.fromEntries([...rounds].map(([name, all]) => [name, medians(all)]))
      log(`${operation.name} done`)
    }
    const memory = Object.fromEntries(
      await Promise.all(servers.map(async ({ name, pid }) => [name, await memoryOf(pid)] as const)),
    )
    return { figures, memory }
  } finally {
    for (const server of servers) await server.stop()
    await client.end()
  }
}

/** How much longer the round is that is not counted: machine code is made of what has run some thousand times. */
const WARM_UP = 4

const rotated = <T>(all: T[], by: number): T[] => [
  ...all.slice(by % all.length),
  ...all.slice(0, by % all.length),
]

/** @param client puts back what a write changes; a read needs none */
export async function roundOf(
  server: Running,
  operation: Operation,
  options: Options,
  databasePid: number,
  client: pg.Client | null,
): Promise<Figures> {
  if (operation.writes && client) await reset(client, operation, options)
  const requests = requestsOf(server.name, server.port, operation, options)
  const clients = await openClients(server.port, options.connections)
  const used = () => Promise.all([cpuOf(server.pid), cpuOfTree(databasePid)])
  const before = await used()
  const round = await runRound(clients, requests, operation.writes ? null : options.seconds)
  const after = await used()
  if (round.failures > 0)
    throw new Error(
      `${server.name} failed ${round.failures} of ${round.requests} requests of ${operation.name}`,
    )
  const [serverCpu, databaseCpu] = [0, 1].map((at) => {
    const [from, to] = [before[at], after[at]]
    return from == null || to == null ? null : (to - from) / round.requests
  })
  return {
    requestsPerSecond: round.requests / round.seconds,
    p50: quantile(round.latencies, 0.5),
    p99: quantile(round.latencies, 0.99),
    serverCpu: serverCpu ?? null,
    databaseCpu: databaseCpu ?? null,
  }
}

const quantile = (sorted: Float64Array, at: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? 0

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

function medians(all: Figures[]): Figures {
  const of = (pick: (one: Figures) => number | null): number | null => {
    const values = all.map(pick).filter((value): value is number => value !== null)
    return values.length === 0 ? null : median(values)
  }
  return {
    requestsPerSecond: of((one) => one.requestsPerSecond) ?? 0,
    p50: of((one) => one.p50) ?? 0,
    p99: of((one) => one.p99) ?? 0,
    serverCpu: of((one) => one.serverCpu),
    databaseCpu: of((one) => one.databaseCpu),
  }
}
