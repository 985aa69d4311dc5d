import { connect, type Socket } from 'node:net'

/** One request as bytes, so that the load costs as little as possible beside what is measured. */
export type Prepared = Buffer

export interface Round {
  requests: number
  seconds: number
  /** Milliseconds. */
  latencies: Float64Array
  failures: number
}

/** @param path of the server on 127.0.0.1 that will be asked */
export function prepare(port: number, path: string, token: string, body: string): Prepared {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\n` +
      'content-type: application/json\r\naccept: application/json\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** Each server answers it, if only with 404: then it has accepted the connection. */
const GREETING = Buffer.from('GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n\r\n')

const HEAD_END = Buffer.from('\r\n\r\n')

/** One connection that is kept open and sends its next request when it has the answer to the last. */
class Client {
  #received: Buffer = Buffer.alloc(0)
  #resolve: ((answer: { status: number; body: Buffer }) => void) | null = null
  #reject: ((error: Error) => void) | null = null

  private constructor(readonly socket: Socket) {
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#reject?.(error))
    socket.on('close', () => this.#reject?.(new Error('The server closed the connection')))
  }

  static open(port: number): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Client(socket)))
      socket.once('error', reject)
    })
  }

  ask(request: Prepared): Promise<{ status: number; body: Buffer }> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.socket.write(request)
    })
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const end = this.#received.indexOf(HEAD_END)
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end).toLowerCase()
    const body = this.#bodyBehind(head, end + HEAD_END.length)
    if (!body) return
    this.#received = Buffer.alloc(0)
    this.#resolve?.({ status: Number(head.slice(9, 12)), body })
  }

  #bodyBehind(head: string, start: number): Buffer | null {
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
    if (length !== undefined) {
      const end = start + Number(length)
      return this.#received.length < end ? null : this.#received.subarray(start, end)
    }
    const parts: Buffer[] = []
    for (let at = start; ; ) {
      const line = this.#received.indexOf('\r\n', at)
      if (line < 0) return null
      const size = Number.parseInt(this.#received.toString('latin1', at, line), 16)
      if (this.#received.length < line + 2 + size + 2) return null
      if (size === 0) return Buffer.concat(parts)
      parts.push(this.#received.subarray(line + 2, line + 2 + size))
      at = line + 2 + size + 2
    }
  }
}

/** Asks once, for the comparison of answers. */
export async function askOnce(port: number, request: Prepared): Promise<{ status: number; body: Buffer }> {
  const client = await Client.open(port)
  try {
    return await client.ask(request)
  } finally {
    client.socket.destroy()
  }
}

/**
 * Opens connections, and has each of them answered once: Node takes in one new connection per turn of its event loop, and the last
 * ones would wait behind the first requests.
 */
export async function openClients(port: number, count: number): Promise<Client[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => Client.open(port)))
  await Promise.all(clients.map((client) => client.ask(GREETING)))
  return clients
}

/**
 * Sends requests over some connections at once, each waiting for its answer, and closes them.
 *
 * @param until seconds; `null` sends every request once
 */
export async function runRound(
  clients: readonly Client[],
  requests: readonly Prepared[],
  until: number | null,
): Promise<Round> {
  const latencies: number[] = []
  let failures = 0
  let next = 0
  const started = performance.now()
  const deadline = until === null ? Number.POSITIVE_INFINITY : started + until * 1000
  const work = async (client: Client) => {
    for (;;) {
      const began = performance.now()
      if (began >= deadline || (until === null && next >= requests.length)) return
      const { status, body } = await client.ask(requests[next++ % requests.length] as Prepared)
      latencies.push(performance.now() - began)
      if (status !== 200 || body.includes('"errors"')) failures++
    }
  }
  await Promise.all(clients.map(work))
  const seconds = (performance.now() - started) / 1000
  for (const { socket } of clients) socket.destroy()
  return { requests: latencies.length, seconds, latencies: Float64Array.from(latencies).sort(), failures }
}
