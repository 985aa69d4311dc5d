import type { Exchange } from './exchange.ts'
import { RequestError } from './request-error.ts'

/** Headers that a page of another site can't send without asking first, and we never answer that question with yes. */
const GUARD_HEADERS = ['x-graphql-yoga-csrf', 'x-requested-with', 'apollo-require-preflight']
/** What an HTML form or a "simple" cross-site request can send. */
const FORM_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])
const JSON_TYPES = new Set(['application/json', 'application/graphql+json'])

/**
 * Refuses a GraphQL request by its head alone: method, media type, and what a foreign site could make a browser send.
 *
 * @param publicOrigin the origin of PUBLIC_URL
 * @throws {RequestError} METHOD, UNSUPPORTED_MEDIA_TYPE, CSRF
 */
export function refuseUnsafe(exchange: Exchange, publicOrigin: string): void {
  refuseMethod(exchange)
  if (exchange.method === 'POST') refuseMediaType(exchange)
  refuseForeignCookie(exchange, publicOrigin)
}

function refuseMethod({ method }: Exchange): void {
  if (method === 'GET' || method === 'POST') return
  const headers = { allow: 'GET, POST' }
  throw new RequestError('METHOD', 'GraphQL takes GET for queries and POST for all operations.', {
    status: 405,
    headers,
  })
}

function refuseMediaType(exchange: Exchange): void {
  const [given = ''] = (exchange.header('content-type') ?? '').split(';')
  const type = given.trim().toLowerCase()
  if (JSON_TYPES.has(type)) return
  if (FORM_TYPES.has(type) && !hasGuardHeader(exchange)) {
    throw new RequestError(
      'CSRF',
      `A body of type ${type} could come from another site's form; send application/json.`,
      {
        status: 403,
      },
    )
  }
  const named = type ? `A body of type "${type.slice(0, 100)}"` : 'A body without a Content-Type'
  throw new RequestError('UNSUPPORTED_MEDIA_TYPE', `${named} is not understood; send application/json.`, {
    status: 415,
  })
}

/** A browser adds cookies by itself, so a request that lives on one has to prove that our own page sent it. */
function refuseForeignCookie(exchange: Exchange, publicOrigin: string): void {
  if (!exchange.header('cookie') || exchange.header('authorization')) return
  if (hasGuardHeader(exchange) || isSameOrigin(exchange, publicOrigin)) return
  throw new RequestError(
    'CSRF',
    'A request with a cookie needs the Origin of this service, or the header "x-requested-with" with any value.',
    { status: 403 },
  )
}

function isSameOrigin(exchange: Exchange, publicOrigin: string): boolean {
  const origin = exchange.header('origin')
  // Browsers leave the Origin out of a same-origin GET, but tell where it came from.
  if (!origin) return exchange.header('sec-fetch-site') === 'same-origin'
  return isOwnOrigin(origin, exchange.header('host'), publicOrigin)
}

/**
 * Whether a request comes from a page of this service.
 *
 * @param origin its Origin header
 * @param host its Host header
 * @param publicOrigin the origin of PUBLIC_URL
 */
export function isOwnOrigin(origin: string, host: string | null, publicOrigin: string): boolean {
  return origin === publicOrigin || (URL.canParse(origin) && new URL(origin).host === host)
}

function hasGuardHeader(exchange: Exchange): boolean {
  return GUARD_HEADERS.some((name) => exchange.header(name) !== null)
}
