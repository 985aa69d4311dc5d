import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** One request that a receiver of webhooks has got. */
export interface Received {
  id: string
  headers: IncomingHttpHeaders
  body: string
  message: { type: string; timestamp: string; data: Record<string, unknown> & { sequence: number } }
  at: number
}

/** A receiver of webhooks on this machine, that a test can make refuse, wait or be away. */
export interface Receiver {
  url: string
  received: Received[]
  /** What was answered with 2xx, each id once, in order. */
  accepted(): Received[]
  /** Answers the next requests; without it everything is answered with 204. */
  answer: (request: Received, response: ServerResponse) => void
  /** Whether the request carries a signature by this secret, as the library of Standard Webhooks says. */
  isSignedBy(secret: string, request: Received): boolean
  /** Takes no connections until it is opened again, at the same address. */
  shut(): Promise<void>
  reopen(): Promise<void>
}

/** Answers with a status, and headers. */
export const answering =
  (status: number, headers: Record<string, string> = {}): Receiver['answer'] =>
  (_request, response) => {
    response.writeHead(status, headers).end()
  }

/** Opens a receiver; shut it behind the test. */
export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const accepted = new Map<string, Received>()
  const open = async (port: number) => {
    const server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const body = Buffer.concat(parts).toString('utf8')
        const one: Received = {
          id: String(request.headers['webhook-id']),
          headers: request.headers,
          body,
          message: JSON.parse(body),
          at: performance.now(),
        }
        received.push(one)
        response.on('finish', () => {
          if (response.statusCode < 300 && !accepted.has(one.id)) accepted.set(one.id, one)
        })
        receiver.answer(one, response)
      })
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    return server
  }
  let server = await open(0)
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    accepted: () => [...accepted.values()],
    answer: answering(204),
    isSignedBy: (secret, { headers, body }) => {
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>)
        return true
      } catch {
        return false
      }
    },
    shut: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    reopen: async () => {
      server = await open(port)
    },
  }
  return receiver
}
