import type { Exchange } from './exchange.ts'
import { RequestError } from './request-error.ts'

/** The parameters of one GraphQL request; Yoga checks their types. */
export type Params = Record<string, unknown>

/**
 * Reads the parameters from the query string of a GET or from the JSON body of a POST.
 *
 * @throws {RequestError} MALFORMED_JSON, INVALID_REQUEST, BATCHING
 */
export async function readParams(exchange: Exchange): Promise<Params> {
  return exchange.method === 'GET' ? queryParams(exchange.url) : bodyParams(await exchange.body())
}

function queryParams(url: URL): Params {
  const text = (name: string) => url.searchParams.get(name) || undefined
  const json = (name: string) => {
    const given = text(name)
    return given && parseJson(given, `The parameter "${name}"`)
  }
  return {
    query: text('query'),
    operationName: text('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  }
}

function bodyParams(body: Uint8Array | null): Params {
  const parsed = parseJson(
    body ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString() : '',
    'The body',
  )
  if (Array.isArray(parsed)) {
    throw new RequestError(
      'BATCHING',
      'Send one operation per request: an array of requests is not supported.',
    )
  }
  if (typeof parsed !== 'object' || parsed === null) {
    throw new RequestError('INVALID_REQUEST', 'The body is a JSON object with the field "query".')
  }
  return parsed as Params
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestError('MALFORMED_JSON', `${what} is not well-formed JSON.`)
  }
}
