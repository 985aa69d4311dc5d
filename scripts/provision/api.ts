import { setTimeout as sleep } from 'node:timers/promises'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { createClient } from 'graphql-sse'
import {
  ProvisionItemsDocument,
  type ProvisionItemsQuery,
  type ProvisionOperationFragment,
  ProvisionProgressDocument,
} from './generated/operations.ts'

export type Operation = ProvisionOperationFragment
export type Item = NonNullable<ProvisionItemsQuery['operation']>['items']['nodes'][number]

/** The server can't be reached, or answers that this can't be done. */
export class Refused extends Error {}

export interface Api {
  send<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>
  /** Every item of an operation, page by page. */
  items(id: string): Promise<{ operation: Operation; items: Item[] }>
  /** Follows an operation until it has ended; where the stream breaks, by asking. */
  follow(id: string, onProgress: (operation: Operation) => void): Promise<Operation>
}

const ATTEMPTS = 4

/**
 * The server's public API, typed by its schema. What fails on the way is tried again: queries change nothing, and the
 * mutation has an idempotency key.
 */
export function openApi(url: string, token: string): Api {
  const headers = { authorization: `Bearer ${token}` }
  const send: Api['send'] = async (document, variables) => {
    const body = JSON.stringify({ query: print(document), variables })
    for (let attempt = 1; ; attempt++) {
      try {
        return await answerOf(
          await fetch(`${url}/graphql`, {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json' },
            body,
          }),
        )
      } catch (error) {
        if (error instanceof Refused) throw error
        if (attempt >= ATTEMPTS) throw new Refused(`${url} can't be reached: ${causeOf(error)}`)
        await sleep(250 * 2 ** attempt)
      }
    }
  }
  const look = async (id: string) => {
    const { operation } = await send(ProvisionItemsDocument, { id, after: null })
    if (!operation) throw new Refused('The operation is gone.')
    return operation
  }
  return {
    send,
    items: async (id) => {
      const items: Item[] = []
      let after: string | null = null
      for (;;) {
        const answer: ProvisionItemsQuery = await send(ProvisionItemsDocument, { id, after })
        if (!answer.operation) throw new Refused('The operation is gone.')
        const { items: page, ...operation } = answer.operation
        items.push(...page.nodes)
        after = page.pageInfo.endCursor ?? null
        if (!page.pageInfo.hasNextPage) return { operation, items }
      }
    },
    follow: async (id, onProgress) => {
      const client = createClient({ url: `${url}/graphql`, headers, retryAttempts: 3 })
      const isOver = ({ state }: Operation) => state !== 'PENDING' && state !== 'RUNNING'
      try {
        const events = client.iterate<{ operationProgress: Operation | null }>({
          query: print(ProvisionProgressDocument),
          variables: { id },
        })
        for await (const { data } of events) {
          if (!data?.operationProgress) break
          onProgress(data.operationProgress)
          if (isOver(data.operationProgress)) return data.operationProgress
        }
      } catch {
        // A proxy that cuts streams off: asking gets there too.
      } finally {
        client.dispose()
      }
      for (;;) {
        const operation = await look(id)
        onProgress(operation)
        if (isOver(operation)) return operation
        await sleep(1_000)
      }
    },
  }
}

interface Answer<Data> {
  data?: Data
  errors?: { message: string; extensions?: { code?: string } }[]
}

async function answerOf<Data>(response: Response): Promise<Data> {
  const text = await response.text()
  const answer = parsed<Answer<Data>>(text)
  const [error] = answer?.errors ?? []
  // The answer of a proxy in front of a server that is just starting again.
  if (!answer || (response.status >= 500 && !error)) throw new Error(`status ${response.status}`)
  if (error)
    throw new Refused(error.extensions?.code ? `${error.extensions.code}: ${error.message}` : error.message)
  return answer.data as Data
}

function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}

function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string }
  return cause?.code ?? cause?.message ?? message ?? String(error)
}
