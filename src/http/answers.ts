import type { GraphQLError } from 'graphql'
import type { Logger } from '../platform/log.ts'
import type { Exchange } from './exchange.ts'
import { presentError } from './present-errors.ts'
import { RequestError } from './request-error.ts'

/** A JSON answer. */
export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  })

/** The answer to a request that failed outside of an execution; a bug is logged and masked as everywhere. */
export function failure(error: unknown, exchange: Exchange, log: Logger): Response {
  const shown = presentError(error, exchange, log, false)
  const { status, headers = {} } = error instanceof RequestError ? error.http : { status: 500 }
  const type = exchange.header('accept')?.includes('application/graphql-response+json')
    ? 'application/graphql-response+json'
    : 'application/json'
  return json({ errors: [withoutHint(shown)] }, status, {
    'content-type': `${type}; charset=utf-8`,
    ...headers,
    // The rest of a body that is too large is not read, so the connection can't be used again.
    ...(status === 413 ? { connection: 'close' } : {}),
  })
}

function withoutHint(error: GraphQLError) {
  const { http: _http, ...extensions } = error.extensions
  return { ...error.toJSON(), extensions }
}

/** There is no such page. */
export function notFound(exchange: Exchange): Response {
  if (exchange.header('accept')?.includes('text/html')) {
    return new Response(NOT_FOUND_PAGE, {
      status: 404,
      headers: { 'content-type': 'text/html; charset=utf-8' },
    })
  }
  const message = `There is nothing at ${exchange.url.pathname.slice(0, 200)}; the API is at /graphql.`
  return json({ errors: [{ message, extensions: { code: 'NOT_FOUND' } }] }, 404)
}

const NOT_FOUND_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not found · Atrium</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 32rem; padding: 0 1.5rem; color: #1f2937 }
  h1 { font-size: 1.5rem }
  a { color: #1d4ed8 }
</style>
</head>
<body>
<h1>This page does not exist</h1>
<p>The link may be mistyped or incomplete. The API and its explorer are at <a href="/graphql">/graphql</a>.</p>
</body>
</html>
`
