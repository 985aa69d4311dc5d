import { connect, createServer, type Server } from 'node:net'

/** A door to the database that counts the statements which go through it. */
export interface CountingProxy {
  url: string
  count(): number
  close(): Promise<void>
}

const SIMPLE_QUERY = 'Q'.charCodeAt(0)
const EXECUTE = 'E'.charCodeAt(0)

/** Opens a proxy in front of the server of this URL. Whoever connects through it must not ask for TLS. */
export async function openProxy(url: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(url)
  let statements = 0
  const server: Server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let pending: Buffer = Buffer.alloc(0)
    let started = false
    client.on('data', (chunk: Buffer) => {
      upstream.write(chunk)
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      for (;;) {
        // The first message has no type; every other is a type and the length of the rest.
        const head = started ? 1 : 0
        if (pending.length < head + 4) return
        const length = head + pending.readUInt32BE(head)
        if (pending.length < length) return
        if (started && (pending[0] === SIMPLE_QUERY || pending[0] === EXECUTE)) statements++
        started = true
        pending = pending.subarray(length)
      }
    })
    upstream.on('data', (chunk) => client.write(chunk))
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const target = new URL(url)
  target.port = String((server.address() as { port: number }).port)
  return {
    url: target.href,
    count: () => statements,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
