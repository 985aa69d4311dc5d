import type { Problem } from '@atrium/client'
import { useState } from 'react'
import type { TypedDocumentNode } from 'urql'
import { useClient, useQuery } from 'urql'
import { problemIn } from './problems.ts'

interface Page<Row> {
  nodes: Row[]
  totalCount: number
  pageInfo: { hasNextPage: boolean; endCursor?: string | null }
}

export interface Endless<Row> {
  rows: Row[]
  total: number | null
  /** Before the first answer. */
  loading: boolean
  /** More rows are on their way. */
  loadingMore: boolean
  /** The rows are those of an older question, or are being read again. */
  stale: boolean
  problem: Problem | null
  hasMore: boolean
  more(): void
  reload(): void
  /** Reads the first page again, without showing that. */
  refresh(): void
}

/**
 * A list that grows as one reads on. Its first page stays a live query, and the cache puts later pages behind it; when a
 * mutation makes the cache forget the list, it begins again.
 *
 * @param pick where in the answer the list is; nothing when the viewer may not see it
 */
export function useEndless<Data, Variables extends { after?: string | null }, Row>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, 'after'>,
  pick: (data: Data) => Page<Row> | null | undefined,
): Endless<Row> {
  const client = useClient()
  const [loadingMore, setLoadingMore] = useState(false)
  const [failed, setFailed] = useState<Problem | null>(null)
  const [{ data, fetching, stale, error }, reload] = useQuery<Data, Record<string, unknown>>({
    query,
    variables,
  })
  const page = data ? pick(data) : undefined
  const after = page?.pageInfo.endCursor
  const more = async () => {
    if (loadingMore || !after) return
    setLoadingMore(true)
    const answer = await client
      .query<Data, Record<string, unknown>>(query, { ...variables, after }, { requestPolicy: 'network-only' })
      .toPromise()
    setLoadingMore(false)
    setFailed(problemIn(answer.error))
  }
  return {
    rows: page?.nodes ?? [],
    total: page?.totalCount ?? null,
    loading: fetching && !page,
    loadingMore,
    stale: stale || (fetching && page !== undefined),
    problem: page ? failed : problemIn(error),
    hasMore: page?.pageInfo.hasNextPage ?? false,
    more: () => void more(),
    reload: () => reload({ requestPolicy: 'network-only' }),
    refresh: () => {
      const options = { requestPolicy: 'network-only' } as const
      void client.query<Data, Record<string, unknown>>(query, variables, options).toPromise()
    },
  }
}
