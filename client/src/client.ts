import type { Client, CombinedError, Exchange } from '@urql/core'
import { createClient, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core'
import { createClient as createStream } from 'graphql-sse'
import { type ClientOptions, credentialsOf, headersOf, urlOf } from './access.js'
import { type Problem, problemsOf } from './answers.js'
import { atriumCache, type CacheOptions } from './cache.js'

export interface AtriumClientOptions extends ClientOptions, CacheOptions {
  /** Told of every coded error: where a frontend sends people to the sign-in page, or shows a notice. */
  onProblem?(problem: Problem): void
  /** Put in front of the cache: for a frontend's own logs or tools. */
  exchanges?: Exchange[]
}

/**
 * An urql client for this API: a normalized cache that joins the pages of lists, subscriptions as server-sent events that
 * come back after a lost connection, and the session's cookie or a token.
 *
 * @example
 * <Provider value={createAtriumClient({ url: 'http://127.0.0.1:4000/graphql', token })}>
 */
export function createAtriumClient(options: AtriumClientOptions = {}): Client {
  const url = urlOf(options)
  const report = (error: CombinedError) => {
    for (const problem of problemsOf(error)) options.onProblem?.(problem)
  }
  return createClient({
    url,
    ...(options.fetch ? { fetch: options.fetch } : {}),
    fetchOptions: () => ({ headers: headersOf(options), credentials: credentialsOf(options) }),
    // A query by GET would stand in the logs of every proxy, with its variables.
    preferGetMethod: false,
    exchanges: [
      ...(options.exchanges ?? []),
      mapExchange({ onError: report }),
      atriumCache(options),
      streamExchange(url, options),
      fetchExchange,
    ],
  })
}

function streamExchange(url: string, options: ClientOptions): Exchange {
  const stream = createStream({
    url,
    headers: () => headersOf(options),
    credentials: credentialsOf(options),
    retryAttempts: 20,
    ...(options.fetch ? { fetchFn: options.fetch } : {}),
  })
  return subscriptionExchange({
    forwardSubscription: ({ query = '', variables, operationName }) => ({
      subscribe: (sink) => ({
        unsubscribe: stream.subscribe(
          { query, variables: variables as Record<string, unknown>, operationName },
          sink as Parameters<typeof stream.subscribe>[1],
        ),
      }),
    }),
  })
}
