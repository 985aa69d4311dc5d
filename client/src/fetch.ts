/** Typed documents and a client of a few lines on `fetch`: no React, no urql, no cache. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { createClient as createStream } from 'graphql-sse'
import { type ClientOptions, credentialsOf, headersOf, urlOf } from './access.js'

export type { ClientOptions } from './access.js'
export * from './answers.js'
export * from './generated/operations.js'

interface Answer<Data> {
  data?: Data | null
  errors?: AnswerError[]
}

interface AnswerError {
  message: string
  path?: (string | number)[]
  extensions?: Record<string, unknown>
}

/** Coded errors instead of an answer; `problemsOf` reads them. */
export class AtriumError extends Error {
  override readonly name = 'AtriumError'

  constructor(readonly graphQLErrors: readonly AnswerError[]) {
    super(graphQLErrors.map(({ message }) => message).join(' '))
  }
}

type Variables<V> = Record<string, never> extends V ? [variables?: V] : [variables: V]

export interface FetchClient {
  /**
   * Runs a query or a mutation.
   *
   * @returns its data
   * @throws {AtriumError} when there are coded errors; business refusals are data
   */
  request<Data, V>(document: TypedDocumentNode<Data, V>, ...variables: Variables<V>): Promise<Data>
  /** Runs a subscription until the loop is left. The connection comes back by itself when it was lost. */
  subscribe<Data, V>(document: TypedDocumentNode<Data, V>, ...variables: Variables<V>): AsyncGenerator<Data>
}

/**
 * A client on `fetch` alone, for scripts, servers and frontends with a cache of their own.
 *
 * @example
 * const { viewer } = await createFetchClient({ url, token }).request(WorkspacesDocument, { first: 20 })
 */
export function createFetchClient(options: ClientOptions = {}): FetchClient {
  const url = urlOf(options)
  return {
    async request<Data, V>(document: TypedDocumentNode<Data, V>, ...[variables]: Variables<V>) {
      const response = await (options.fetch ?? fetch)(url, {
        method: 'POST',
        headers: {
          ...headersOf(options),
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
        },
        credentials: credentialsOf(options),
        body: JSON.stringify({ query: print(document), variables }),
      })
      return dataOf((await response.json()) as Answer<Data>)
    },
    async *subscribe<Data, V>(document: TypedDocumentNode<Data, V>, ...[variables]: Variables<V>) {
      const stream = createStream({
        url,
        headers: () => headersOf(options),
        credentials: credentialsOf(options),
        retryAttempts: 20,
        ...(options.fetch ? { fetchFn: options.fetch } : {}),
      })
      try {
        const answers = stream.iterate<Data>({
          query: print(document),
          variables: variables as Record<string, unknown>,
        })
        for await (const answer of answers) yield dataOf(answer as Answer<Data>)
      } finally {
        stream.dispose()
      }
    },
  }
}

function dataOf<Data>({ data, errors }: Answer<Data>): Data {
  if (errors?.length || !data) throw new AtriumError(errors ?? [{ message: 'The answer was empty.' }])
  return data
}
