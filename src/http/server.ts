import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The address can't be used; the message is one sentence for the person who started the process. */
export class AddressUnusable extends Error {
  override name = 'AddressUnusable'
}

export interface HttpServer {
  /** The real port, also when 0 was asked for. */
  port: number
  /** From now on requests go to the app; before, they are told that it is starting. */
  serve(listener: RequestListener): void
  /** Stops accepting connections. */
  refuse(): void
  /** Cuts the connections that are left. */
  close(): Promise<void>
}

const STARTING = JSON.stringify({ status: 'unavailable', reason: 'starting' })

/**
 * Takes the address at once, so that a second process is refused before it touches anything.
 *
 * @throws {AddressUnusable}
 */
export async function openServer(host: string, port: number): Promise<HttpServer> {
  let listener: RequestListener = (_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1', connection: 'close' })
    response.end(STARTING)
  }
  const server = createServer((request, response) => listener(request, response))
  // Longer than the idle timeout of usual load balancers, which would otherwise meet closed connections.
  server.keepAliveTimeout = 65_000
  server.headersTimeout = 66_000
  server.requestTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)))
    server.listen(port, host, resolve)
  })
  let closed: Promise<void> | undefined
  const refuse = () => {
    closed ??= new Promise((resolve) => server.close(() => resolve()))
  }
  return {
    port: (server.address() as AddressInfo).port,
    serve: (next) => {
      listener = next
    },
    refuse,
    close: async () => {
      refuse()
      server.closeAllConnections()
      await closed
    },
  }
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const at = `${host}:${port}`
  if (error.code === 'EADDRINUSE') {
    return new AddressUnusable(
      `The address ${at} is in use by another process: stop it or choose another PORT.`,
    )
  }
  if (error.code === 'EACCES') {
    return new AddressUnusable(`This account may not listen on ${at}: choose a PORT above 1023.`)
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new AddressUnusable(`This machine has no address ${host}: set HOST to one of its own.`)
  }
  return error
}
