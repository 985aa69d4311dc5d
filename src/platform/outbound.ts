import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** What a request to an address that somebody has given came to: an answer, or why there is none. */
export interface Answered {
  /** Null when there was no answer. */
  status: number | null
  /** One sentence for whoever looks at the attempts; null when there was an answer. */
  error: string | null
  /** The header Retry-After as it came. */
  retryAfter: string | null
}

/** Sends requests to addresses that people have given, and keeps them out of the network that this process runs in. */
export interface Outbound {
  /** Never throws, follows no redirect, and reads a bounded part of the answer. */
  post(url: string, headers: Record<string, string>, body: Buffer): Promise<Answered>
  /** Cuts idle connections. */
  close(): void
}

interface OutboundOptions {
  /** Whether addresses of private networks may be reached: for development and tests. */
  allowPrivate: boolean
  /** Milliseconds that a request may take as a whole. */
  timeoutMs: number
  /** How a name becomes addresses; tests give another. */
  lookup?: typeof dnsLookup
}

/** Bytes of an answer that are read, so that its connection can be used again; with more it is cut. */
const MOST_ANSWER_BYTES = 64 * 1024
/** Idle connections to one receiver. */
const IDLE_SOCKETS = 4

/**
 * Whether an address is one of the public internet: not of a private, loopback, link-local, unique-local, shared (CGNAT),
 * documentation or otherwise reserved range, and no IPv6 address that leads to such an IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  // An IPv4-mapped address is the IPv4 address.
  const parsed = ipaddr.process(address)
  if (parsed.range() !== 'unicast') return false
  // Of IPv6 nothing but 2000::/3 is assigned to the internet; the rest embeds, tunnels or is kept for later.
  return parsed.kind() === 'ipv4' || ((parsed as ipaddr.IPv6).parts[0] ?? 0) >> 13 === 1
}

const NOT_PUBLIC =
  'The address is not one of the public internet, and WEBHOOK_PRIVATE_NETWORKS does not allow others.'

class NotPublic extends Error {}

/**
 * The address that was checked is the address that is connected to: names are looked up here, once for each connection,
 * and a name that leads to any address that is not public is refused (DNS rebinding).
 */
function checkedLookup(lookup: typeof dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = found as LookupAddress[] | undefined
      const [first] = addresses ?? []
      if (error || !first || !addresses) return callback(error ?? new Error('The name has no address.'), '')
      if (!addresses.every(({ address }) => isPublicAddress(address))) return callback(new NotPublic(), '')
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

/** Opens the way out; connections to a receiver are kept for its next message. */
export function openOutbound(options: OutboundOptions): Outbound {
  const { allowPrivate, timeoutMs, lookup = dnsLookup } = options
  const kept = { keepAlive: true, maxFreeSockets: IDLE_SOCKETS, timeout: 30_000 }
  const agents = { 'http:': new HttpAgent(kept), 'https:': new HttpsAgent(kept) }
  const post: Outbound['post'] = (address, headers, body) => {
    const url = new URL(address)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // A literal address is never looked up.
    if (!allowPrivate && isIP(host) && !isPublicAddress(host)) return Promise.resolve(failed(NOT_PUBLIC))
    const protocol = url.protocol === 'https:' ? 'https:' : 'http:'
    const send = protocol === 'https:' ? httpsRequest : httpRequest
    return new Promise((resolve) => {
      const request = send(
        url,
        {
          method: 'POST',
          agent: agents[protocol],
          headers: { ...headers, 'content-length': body.length },
          lookup: allowPrivate ? (lookup as LookupFunction) : checkedLookup(lookup),
        },
        (response) => settle(answerOf(response)),
      )
      const settle = (answer: Answered) => {
        clearTimeout(timer)
        resolve(answer)
      }
      const timer = setTimeout(() => {
        settle(failed(`There was no answer within ${timeoutMs / 1000} seconds.`))
        request.destroy()
      }, timeoutMs)
      request.on('error', (error) => settle(failed(reasonOf(error))))
      request.end(body)
    })
  }
  return {
    post,
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

function answerOf(response: IncomingMessage): Answered {
  let bytes = 0
  const cut = setTimeout(() => response.destroy(), 2_000)
  cut.unref()
  response.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > MOST_ANSWER_BYTES) response.destroy()
  })
  response.on('close', () => clearTimeout(cut))
  response.on('error', () => undefined)
  return {
    status: response.statusCode ?? null,
    error: null,
    retryAfter: response.headers['retry-after'] ?? null,
  }
}

const failed = (error: string): Answered => ({ status: null, error, retryAfter: null })

/** What a person can do something about, and nothing of the network that this process runs in. */
function reasonOf(error: Error): string {
  if (error instanceof NotPublic) return NOT_PUBLIC
  const { code = '' } = error as NodeJS.ErrnoException
  if (/^(ENOTFOUND|EAI_AGAIN|ENODATA)$/.test(code)) return 'The name could not be resolved.'
  if (code === 'ECONNREFUSED') return 'The connection was refused.'
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(code)) return `The TLS connection failed: ${code}.`
  return `The connection broke off${code ? `: ${code}` : ''}.`
}
