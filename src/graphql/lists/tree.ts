/**
 * A filter as a tree: what the `filter` string and its typed twin `where` both become (P12). It names fields by their keys in
 * the list's declaration, and its values have the fields' types.
 */
export type Filter =
  | { kind: 'and'; of: readonly Filter[] }
  | { kind: 'or'; of: readonly Filter[] }
  | { kind: 'not'; of: Filter }
  | Test

export type Value = string | number | boolean | Date | readonly string[]

/**
 * One question to one field. `like` and `contains` hold the pieces between `*` wildcards: `like` compares the whole text
 * and its case, `contains` finds a part of it in any case.
 */
export interface Test {
  kind: 'test'
  field: string
  op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte' | 'like' | 'contains' | 'has' | 'present'
  value: Value
}

export const everything: Filter = { kind: 'and', of: [] }
export const nothing: Filter = { kind: 'or', of: [] }

/** All of these; nested ones are flattened, so that equal filters are equal trees. */
export const and = (filters: readonly Filter[]): Filter => combine('and', filters)
/** Any of these. */
export const or = (filters: readonly Filter[]): Filter => combine('or', filters)

function combine(kind: 'and' | 'or', filters: readonly Filter[]): Filter {
  const of = filters.flatMap((filter) => (filter.kind === kind ? filter.of : [filter]))
  const [only] = of
  return only && of.length === 1 ? only : { kind, of }
}

/** Whatever the other does not match: two negations are none. */
export const not = (filter: Filter): Filter =>
  filter.kind === 'not' ? filter.of : { kind: 'not', of: filter }

/** How much one filter may ask (P9): beyond it a query could hold up the database. */
export const LIMITS = { characters: 2000, depth: 20, tests: 100 } as const
