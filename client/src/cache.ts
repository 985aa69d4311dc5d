import type { Exchange } from '@urql/core'
import type { Cache, CacheExchangeOpts } from '@urql/exchange-graphcache'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { lists, possibleTypes, typesWithoutId } from './generated/schema-facts.js'
import { PEOPLE, type Stale, staleAfter, staleBehindEvent } from './stale.js'

export interface CacheOptions {
  /** Told what the cache finds odd while a frontend is developed. */
  onWarning?(message: string): void
}

/** It looks into every fragment of a union, finds nothing in those of other types, and says so each time. */
const USUAL_WARNING = 'Invalid undefined'

/**
 * The normalized cache: objects by id, pages of a list joined into one, and after a mutation every list forgotten that it
 * may have changed, so that what shows it reads it again.
 */
export function atriumCache({ onWarning }: CacheOptions = {}): Exchange {
  // Nothing is computed at import, so that bundlers can leave out what nobody uses.
  const resolvers = Object.entries(lists).map(([type, fields]) => [
    type,
    Object.fromEntries(fields.map((field) => [field, relayPagination()])),
  ])
  const updates = Object.entries(staleAfter()).map(([mutation, stale]) => [
    mutation,
    updateOf(mutation, stale),
  ])
  const options = {
    possibleTypes,
    keys: Object.fromEntries(typesWithoutId.map((name) => [name, () => null])),
    resolvers: Object.fromEntries(resolvers),
    updates: { Mutation: Object.fromEntries(updates), Subscription: followed },
    logger: (severity: 'debug' | 'warn' | 'error', message: string) => {
      if (severity !== 'debug' && !message.startsWith(USUAL_WARNING)) onWarning?.(message)
    },
  }
  // Its type wants the possible types of a whole introspection.
  return cacheExchange(options as unknown as CacheExchangeOpts)
}

function updateOf(mutation: string, { fields = [], gone }: Stale) {
  return (data: Record<string, unknown>, args: { input?: Record<string, unknown> }, cache: Cache): void => {
    const result = data[mutation] as { __typename: string } | null
    if (!result?.__typename.endsWith('Payload')) return
    if (gone && typeof args.input?.id === 'string') cache.invalidate({ __typename: gone, id: args.input.id })
    forget(cache, new Set(fields))
  }
}

/** What comes by subscriptions changes what was read. */
const followed = {
  operationProgress: followOperation,
  organizationEvents: followEvents,
  workspaceEvents: followEvents,
}

/** Somebody has done something: what may show it is read again. */
function followEvents(data: Record<string, unknown>, _args: unknown, cache: Cache): void {
  const event = (data.organizationEvents ?? data.workspaceEvents) as { type?: string } | null
  forget(cache, new Set(['auditLog', 'events', ...staleBehindEvent(event?.type ?? '')]))
}

/** While an operation goes on, its items change; when it has ended, so have workspaces. */
function followOperation(data: Record<string, unknown>, _args: unknown, cache: Cache): void {
  const operation = data.operationProgress as { finishedAt?: string | null } | null
  forget(cache, new Set(operation?.finishedAt ? ['items', 'workspaces', ...PEOPLE] : ['items']))
}

/** Forgets these fields wherever they were read: in the roots, in what lives inside of them, and in every object. */
function forget(cache: Cache, fields: ReadonlySet<string>): void {
  const seen = new Set<string>()
  const visit = (key: string, depth: number): void => {
    if (seen.has(key)) return
    seen.add(key)
    for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields(key)) {
      if (fields.has(fieldName)) cache.invalidate(key, fieldName, args ?? undefined)
      else if (depth > 0) {
        for (const link of linksOf(cache.resolve(key, fieldKey))) visit(link, depth - 1)
      }
    }
  }
  visit('Query', DEPTH)
}

/** Query, viewer, a list, its rows, and the list of a row. */
const DEPTH = 5

function linksOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.flatMap(linksOf) : []
}
