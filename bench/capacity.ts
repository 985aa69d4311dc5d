import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { build } from '../scripts/build.mjs'
import { type BenchDatabase, openDatabase } from './database.ts'
import { globalId, idOf, tokenOf } from './ids.ts'
import { openClients, type Round, runRound } from './load.ts'
import { median } from './measure.ts'
import { halfOf, OPERATIONS, type Operation } from './operations.ts'
import { type Options, readOptions } from './options.ts'
import { requestsOf } from './prepare.ts'
import { type Running, startServer } from './servers.ts'
import { childrenOf, memoryOf, processorsOf } from './usage.ts'

const run = promisify(execFile)

const IDLE_SUBSCRIPTIONS = 1_000
const OPERATIONS_ASKED = ['Q1', 'Q2', 'Q3']

const log = (text: string) => void process.stderr.write(`${text}\n`)
const rateOf = ({ requests, seconds, failures }: Round) => {
  if (failures > 0) throw new Error(`${failures} of ${requests} requests failed`)
  return requests / seconds
}

/**
 * What a second process brings, and what a thousand silent subscriptions cost. Rounds with and without take turns, so that
 * whatever else the machine does meets both.
 */
export async function main(args: string[]): Promise<void> {
  const options = readOptions(args)
  await build()
  const database = await openDatabase(options, log)
  try {
    process.stdout.write(
      `${await processes(database, options)}\n${await subscriptions(database.url, options)}`,
    )
  } finally {
    await database.stop()
  }
}

/**
 * Two processes beside one, twice. With all processors of the machine: what a second process brings here. With everything, database
 * and load too, on one processor for one process and on two for two: whether two are in each other's way.
 */
async function processes({ url, pid }: BenchDatabase, options: Options): Promise<string> {
  const everywhere = await processorsOf(process.pid)
  const [first, second] = everywhere
  if (!first || !second) throw new Error('Two processes can only be compared on two processors.')
  const servers = [await startServer('atrium', url), await startServer('atrium', url)]
  const keepOn = (processors: readonly string[]) =>
    pin(processors, [process.pid, pid, ...servers.map((server) => server.pid)])
  const lines = [
    'A second process, and how many processors of the machine were busy (database and load among them)',
    'operation  processors     one req/s  two req/s  ratio  busy with one  busy with two',
  ]
  try {
    for (const operation of asked())
      for (const [name, ofOne, ofTwo] of [
        ['all, all', everywhere, everywhere],
        ['one, two', [first], [first, second]],
      ] as const) {
        const one: Busy[] = []
        const two: Busy[] = []
        for (let round = 0; round <= options.rounds; round++) {
          await keepOn(ofOne)
          const alone = await busyWhile(() => ratesOf(servers.slice(0, 1), operation, options))
          await keepOn(ofTwo)
          const together = await busyWhile(() => ratesOf(servers, operation, options))
          if (round === 0) continue
          one.push(alone)
          two.push(together)
        }
        lines.push(`${operation.name.padEnd(9)}  ${name.padEnd(13)}  ${compared(one, two)}`)
      }
  } finally {
    await keepOn(everywhere).finally(() => Promise.all(servers.map((server) => server.stop())))
  }
  return `${lines.join('\n')}\n`
}

/** Keeps processes, all their threads and all their children on some processors, by Linux's `taskset`. */
async function pin(processors: readonly string[], pids: readonly number[]): Promise<void> {
  const trees = await Promise.all(pids.map(async (pid) => [pid, ...(await childrenOf(pid))]))
  for (const pid of trees.flat())
    await run('taskset', ['-a', '-c', '-p', processors.join(), String(pid)]).catch((error: Error) => {
      // A connection may have ended meanwhile.
      if (existsSync(`/proc/${pid}`)) throw error
    })
}

/** A line of medians. */
function compared(one: Busy[], two: Busy[]): string {
  const [few, many] = [one, two].map((all) => median(all.map(({ rate }) => rate))) as [number, number]
  const busy = [one, two].map((all) => median(all.map(({ processors }) => processors)).toFixed(1))
  const rates = [few, many].map((rate) => rate.toFixed(0).padStart(9))
  return [...rates, ` ${(many / few).toFixed(2)}`, ...busy.map((cell) => cell.padStart(13))].join('  ')
}

interface Busy {
  rate: number
  /** Of the machine, by all that ran on it. */
  processors: number
}

async function busyWhile(work: () => Promise<number>): Promise<Busy> {
  const before = cpus()
  const rate = await work()
  const busyOf = ({ times }: (typeof before)[number]) => times.user + times.nice + times.sys + times.irq
  const processors = cpus().map((cpu, nth) => {
    const earlier = before[nth] ?? cpu
    const busy = busyOf(cpu) - busyOf(earlier)
    return busy / (busy + cpu.times.idle - earlier.times.idle)
  })
  return { rate, processors: processors.reduce((sum, one) => sum + one, 0) }
}

const asked = () => OPERATIONS.filter(({ name }) => OPERATIONS_ASKED.includes(name))

/** The same clients, shared by the servers. */
async function ratesOf(servers: Running[], operation: Operation, options: Options): Promise<number> {
  const rounds = servers.map(async ({ port }) =>
    runRound(
      await openClients(port, options.connections / servers.length),
      requestsOf('atrium', port, operation, options),
      options.seconds,
    ),
  )
  return (await Promise.all(rounds)).map(rateOf).reduce((sum, one) => sum + one, 0)
}

async function subscriptions(url: string, options: Options): Promise<string> {
  const without = await startServer('atrium', url)
  const holding = await startServer('atrium', url)
  const open: Socket[] = []
  const [q1] = asked()
  if (!q1) throw new Error('There is no Q1')
  const ask = (server: Running) => ratesOf([server], q1, options)
  try {
    for (let nth = 0; nth < 4; nth++) for (const server of [without, holding]) await ask(server)
    const bare = (await memoryOf(holding.pid)) ?? 0
    for (let nth = 0; nth < IDLE_SUBSCRIPTIONS; nth++) open.push(await subscribe(holding.port, nth, options))
    await sleep(2_000)
    const loaded = (await memoryOf(holding.pid)) ?? 0
    const ratios: number[] = []
    for (let round = 0; round < options.rounds; round++) {
      const alone = await ask(without)
      ratios.push((await ask(holding)) / alone)
    }
    const ended = open.filter(({ destroyed }) => destroyed).length
    if (ended > 0) throw new Error(`${ended} subscriptions ended by themselves`)
    return [
      `${IDLE_SUBSCRIPTIONS} idle subscriptions`,
      `memory      ${bare} MB without, ${loaded} MB with: ${loaded - bare} MB more`,
      `Q1 req/s    ${median(ratios).toFixed(2)} of those of a process without (${options.rounds} pairs of rounds, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
      '',
    ].join('\n')
  } finally {
    for (const socket of open) socket.destroy()
    for (const server of [without, holding]) await server.stop()
  }
}

/** Opens a stream of the events of an organization, by an administrator of it, and waits until it has begun. */
function subscribe(port: number, nth: number, options: Options): Promise<Socket> {
  const organization = nth % halfOf(options)
  const id = globalId('Organization', idOf('organization', organization))
  const body = JSON.stringify({
    query: 'subscription ($id: ID!) { organizationEvents(organizationId: $id) { id type } }',
    variables: { id },
  })
  const request =
    `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${tokenOf(organization + options.organizations)}\r\n` +
    `content-type: application/json\r\naccept: text/event-stream\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.once('error', reject)
    socket.once('data', (chunk: Buffer) => {
      if (!chunk.toString('latin1').startsWith('HTTP/1.1 200')) return reject(new Error(chunk.toString()))
      // What else comes is heartbeats.
      socket.on('data', () => undefined)
      resolve(socket)
    })
  })
}
