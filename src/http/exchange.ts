import { randomUUID } from 'node:crypto'
import type { OperationKind, Outcome } from '../platform/metrics.ts'

/** A request as it came in, whichever server took it. */
export interface Incoming {
  method: string
  /** Path and query, as in the request line. */
  target: string
  header(name: string): string | null
  headers: HeadersInit
  signal: AbortSignal
  /** Who is at the other end of the connection; null within the process. */
  remoteAddress: string | null
  /**
   * The whole body; null when there is none.
   *
   * @throws {RequestError} when it is larger than the limit
   */
  body(): Promise<Uint8Array | null>
}

/** One request on its way through the app, and what the access log and the meters will say about it. */
export interface Exchange extends Incoming {
  requestId: string
  /** Who asks: the other end of the connection, or who is behind the proxies that are trusted. */
  clientAddress: string | null
  url: URL
  startedAt: number
  route: string
  operation?: { kind: OperationKind; name: string | undefined }
  outcome: Outcome
  /** How many bugs of this request were logged in full. */
  loggedBugs: number
  /** Set by the GraphQL context: headers that the answer carries. */
  responseHeaders?: Headers
}

const WELL_FORMED_ID = /^[A-Za-z0-9._-]{1,100}$/

/**
 * Starts an exchange.
 *
 * @param origin stands for the Host header, which a client can set to anything
 * @param trustedProxies how many proxies in front of the service append to X-Forwarded-For
 */
export function openExchange(incoming: Incoming, origin: string, trustedProxies: number): Exchange {
  const given = incoming.header('x-request-id')
  const exchange = incoming as Exchange
  exchange.requestId = given && WELL_FORMED_ID.test(given) ? given : randomUUID()
  exchange.clientAddress = clientAddressOf(incoming, trustedProxies)
  exchange.url = urlOf(incoming.target, origin)
  exchange.startedAt = performance.now()
  exchange.route = 'other'
  exchange.outcome = 'ok'
  exchange.loggedBugs = 0
  return exchange
}

/** The entry that the outermost trusted proxy has appended: what stands before it, a client can make up. */
function clientAddressOf(incoming: Incoming, trustedProxies: number): string | null {
  const { remoteAddress } = incoming
  if (trustedProxies === 0) return remoteAddress
  const entries = (incoming.header('x-forwarded-for') ?? '').split(',').map((entry) => entry.trim())
  return entries.at(-trustedProxies) || entries[0] || remoteAddress
}

function urlOf(target: string, origin: string): URL {
  if (target.startsWith('/')) return new URL(origin + target)
  // Proxies may send the absolute form; anything else (`*`, rubbish) is no page of ours.
  const absolute = URL.canParse(target) ? new URL(target) : undefined
  return new URL(absolute ? origin + absolute.pathname + absolute.search : `${origin}/*`)
}

/** The exchange as a standard request with its body in memory, for handlers outside of GraphQL. */
export async function standardRequest(exchange: Exchange): Promise<Request> {
  const { url, method, headers, signal } = exchange
  const body = method === 'GET' || method === 'HEAD' ? null : await exchange.body()
  return new Request(url, {
    method,
    headers,
    signal,
    ...(body ? { body: body as Uint8Array<ArrayBuffer> } : {}),
  })
}
