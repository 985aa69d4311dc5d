import { nest, type OrderKey, type Where } from './columns.ts'
import { invalidOrder } from './errors.ts'

/** One key of an order, as it applies to a query. */
export interface OrderTerm {
  key: string
  path: readonly string[]
  descending: boolean
  nullable: boolean
}

const MOST_KEYS = 5

type Orders = Readonly<Record<string, OrderKey>>

/**
 * Reads an `orderBy` string after AIP-132: names, each with `asc` or `desc` behind it, joined by commas (P10, P11).
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_ORDER` with what the list can be ordered by
 */
export function readOrder(source: string, orders: Orders): OrderTerm[] {
  const known = Object.values(orders).map(({ names }) => names[0])
  if (source.trim() === '') return []
  if (source.length > 500) throw invalidOrder('An order can have at most 500 characters.', known)
  return distinct(
    source.split(',').map((part) => {
      const [name = '', direction = 'asc', ...more] = part.trim().split(/\s+/)
      const key = Object.keys(orders).find((each) => each === name || orders[each]?.names.includes(name))
      if (!key) throw invalidOrder(name ? `There is no key ${name}.` : 'A key is missing.', known)
      if (more.length > 0 || !/^(asc|desc)$/i.test(direction))
        throw invalidOrder(
          `Behind ${name} stands asc or desc, not "${part.trim().slice(name.length).trim()}".`,
          known,
        )
      return termOf(key, orders[key] as OrderKey, direction.toLowerCase() === 'desc')
    }),
    known,
  )
}

/** The typed twin of {@link readOrder} (P12). */
export function orderOfSort(
  sort: readonly { field: string; direction?: 'ASC' | 'DESC' | null }[],
  orders: Orders,
): OrderTerm[] {
  return distinct(
    sort.map(({ field, direction }) => termOf(field, orders[field] as OrderKey, direction === 'DESC')),
    Object.values(orders).map(({ names }) => names[0]),
  )
}

const termOf = (key: string, { path, absent }: OrderKey, descending: boolean): OrderTerm => ({
  key,
  path,
  descending,
  nullable: absent !== undefined,
})

function distinct(terms: OrderTerm[], known: readonly string[]): OrderTerm[] {
  if (terms.length > MOST_KEYS) throw invalidOrder(`An order can have at most ${MOST_KEYS} keys.`, known)
  if (new Set(terms.map(({ key }) => key)).size < terms.length)
    throw invalidOrder('A key stands there twice.', known)
  return terms
}

/** What a row is compared by: the values of the order's keys; null where there is none. */
export type Place = readonly (string | number | boolean | Date | null)[]

/** A Prisma `orderBy`; reading backward turns each key around. */
export function orderByOf(terms: readonly OrderTerm[], backward: boolean): Where[] {
  return terms.map(({ path, descending, nullable }) => {
    const sort = descending === backward ? 'asc' : 'desc'
    return nest(path, nullable ? { sort, nulls: backward ? 'first' : 'last' } : sort)
  })
}

/**
 * The rows behind a place in an order. Its own row need not exist any more (P5). The first condition says nothing new,
 * but it is one that an index can start from.
 */
export function beyond(terms: readonly OrderTerm[], place: Place, backward: boolean): Where {
  const branches: Where[] = []
  for (const [index, term] of terms.entries()) {
    const behind = behindOne(term, place[index] ?? null, backward)
    if (!behind) continue
    const equal = terms.slice(0, index).map(({ path }, at) => nest(path, place[at] ?? null))
    branches.push({ AND: [...equal, behind] })
  }
  const [first] = terms
  const value = place[0] ?? null
  const start =
    first && !first.nullable && value !== null
      ? [nest(first.path, { [first.descending === backward ? 'gte' : 'lte']: value })]
      : []
  return { AND: [...start, { OR: branches }] }
}

/** Null when nothing can be there: rows without a value are last, whichever way the key runs. */
function behindOne(
  { path, descending, nullable }: OrderTerm,
  value: Place[number],
  backward: boolean,
): Where | null {
  if (value === null) return backward ? nest(path, { not: null }) : null
  const further = nest(path, { [descending === backward ? 'gt' : 'lt']: value })
  return nullable && !backward ? { OR: [further, nest(path, null)] } : further
}

/** The value at the end of a path in a loaded row. */
export function valueAt(row: object, path: readonly string[]): Place[number] {
  const value =
    path.reduce<unknown>((at, step) => (at as Record<string, unknown> | null)?.[step], row) ?? null
  return (typeof value === 'bigint' ? Number(value) : value) as Place[number]
}

/** What has to be selected of every row, so that its place is known. */
export function placeSelection(terms: readonly OrderTerm[]): Where {
  const selection: Where = { id: true }
  for (const { path } of terms) {
    let at = selection
    for (const [index, step] of path.entries()) {
      if (index === path.length - 1) {
        at[step] = true
      } else {
        const inner = (at[step] as { select: Where } | undefined) ?? { select: {} }
        at[step] = inner
        at = inner.select
      }
    }
  }
  return selection
}
