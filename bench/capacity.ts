import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from '../scripts/build.mjs'
import { openDatabase } from './database.ts'
import { globalId, idOf, tokenOf } from './ids.ts'
import { type Round, runRound } from './load.ts'
import { halfOf, OPERATIONS, type Operation } from './operations.ts'
import { type Options, readOptions } from './options.ts'
import { requestsOf } from './prepare.ts'
import { type Running, startServer } from './servers.ts'
import { memoryOf } from './usage.ts'

const IDLE_SUBSCRIPTIONS = 1_000
const OPERATIONS_ASKED = ['Q1', 'Q2', 'Q3']

const log = (text: string) => void process.stderr.write(`${text}\n`)
const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
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
      `${await processes(database.url, options)}\n${await subscriptions(database.url, options)}`,
    )
  } finally {
    await database.stop()
  }
}

async function processes(url: string, options: Options): Promise<string> {
  const servers = [await startServer('atrium', url), await startServer('atrium', url)]
  const lines = ['Two processes beside one', 'operation  one req/s  two req/s  ratio']
  try {
    for (const operation of asked()) {
      const one: number[] = []
      const two: number[] = []
      for (let round = 0; round <= options.rounds; round++) {
        const [first] = servers
        const alone = await ratesOf([first as Running], operation, options)
        const together = await ratesOf(servers, operation, options)
        if (round === 0) continue
        one.push(alone)
        two.push(together)
      }
      const [few, many] = [median(one), median(two)]
      lines.push(
        `${operation.name.padEnd(9)}  ${few.toFixed(0).padStart(9)}  ${many.toFixed(0).padStart(9)}  ${(many / few).toFixed(2)}`,
      )
    }
  } finally {
    for (const server of servers) await server.stop()
  }
  return `${lines.join('\n')}\n`
}

const asked = () => OPERATIONS.filter(({ name }) => OPERATIONS_ASKED.includes(name))

/** The same clients, shared by the servers. */
async function ratesOf(servers: Running[], operation: Operation, options: Options): Promise<number> {
  const rounds = servers.map(({ port }) =>
    runRound(
      port,
      requestsOf('atrium', port, operation, options),
      options.connections / servers.length,
      options.seconds,
    ),
  )
  return (await Promise.all(rounds)).map(rateOf).reduce((sum, one) => sum + one, 0)
}

async function subscriptions(url: string, options: Options): Promise<string> {
  const server = await startServer('atrium', url)
  const open: Socket[] = []
  const [q1] = asked()
  if (!q1) throw new Error('There is no Q1')
  try {
    for (let nth = 0; nth < 4; nth++) await ratesOf([server], q1, options)
    const before: number[] = []
    const after: number[] = []
    const bare = (await memoryOf(server.pid)) ?? 0
    for (let round = 0; round < options.rounds; round++) before.push(await ratesOf([server], q1, options))
    for (let nth = 0; nth < IDLE_SUBSCRIPTIONS; nth++) open.push(await subscribe(server.port, nth, options))
    await sleep(2_000)
    const loaded = (await memoryOf(server.pid)) ?? 0
    for (let round = 0; round < options.rounds; round++) after.push(await ratesOf([server], q1, options))
    const ended = open.filter(({ destroyed }) => destroyed).length
    if (ended > 0) throw new Error(`${ended} subscriptions ended by themselves`)
    return [
      `${IDLE_SUBSCRIPTIONS} idle subscriptions`,
      `memory      ${bare} MB without, ${loaded} MB with: ${loaded - bare} MB more`,
      `Q1 req/s    ${median(before).toFixed(0)} without, ${median(after).toFixed(0)} with: ${(median(after) / median(before)).toFixed(2)}`,
      '',
    ].join('\n')
  } finally {
    for (const socket of open) socket.destroy()
    await server.stop()
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
