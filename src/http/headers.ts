import type { Exchange } from './exchange.ts'
import type { PlainAnswer } from './plain-answer.ts'

const API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const PAGE_POLICY =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** What {@link dressed} puts on a plain answer, as a record for `node:http`. */
export function headersOf(
  { contentType }: PlainAnswer,
  exchange: Exchange,
  isHttps: boolean,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {
    'content-type': contentType,
    'x-request-id': exchange.requestId,
    'content-security-policy': API_POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  }
  if (isHttps) headers['strict-transport-security'] = 'max-age=31536000'
  exchange.responseHeaders?.forEach((value, name) => {
    if (name !== 'set-cookie') headers[name] = value
  })
  const cookies = exchange.responseHeaders?.getSetCookie() ?? []
  if (cookies.length > 0) headers['set-cookie'] = cookies
  return headers
}

/**
 * Puts on an answer what every answer carries: the request id, security headers unless the handler chose its own, and
 * the headers that GraphQL resolvers asked for.
 *
 * @returns the same response, or a copy where its headers can't be changed
 */
export function dressed(response: Response, exchange: Exchange, isHttps: boolean): Response {
  const answer = changeable(response)
  const { headers } = answer
  const usual = (name: string, value: string) => {
    if (!headers.has(name)) headers.set(name, value)
  }
  headers.set('x-request-id', exchange.requestId)
  const isPage = headers.get('content-type')?.startsWith('text/html')
  usual('content-security-policy', isPage ? PAGE_POLICY : API_POLICY)
  usual('x-content-type-options', 'nosniff')
  usual('x-frame-options', 'DENY')
  // Not "no-referrer": forms of our own pages would then be sent with the Origin "null".
  usual('referrer-policy', 'same-origin')
  usual('cache-control', 'no-store')
  if (isHttps) usual('strict-transport-security', 'max-age=31536000')
  exchange.responseHeaders?.forEach((value, name) => {
    if (name !== 'set-cookie') headers.set(name, value)
  })
  for (const cookie of exchange.responseHeaders?.getSetCookie() ?? []) headers.append('set-cookie', cookie)
  return answer
}

/** Responses of `Response.redirect` and of `fetch` have fixed headers. */
function changeable(response: Response): Response {
  try {
    response.headers.delete('x-powered-by')
    return response
  } catch {
    const { status, body } = response
    return new Response(body, { status, headers: new Headers(response.headers) })
  }
}
