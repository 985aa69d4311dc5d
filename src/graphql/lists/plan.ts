import type { Context } from '../../context.ts'
import type { Where } from './columns.ts'
import { decodeCursor, type Start } from './cursor.ts'
import { type List, newestFirst } from './list.ts'
import { beyond, type OrderTerm, orderByOf } from './order.ts'
import { type Page, pageOf } from './page.ts'

export interface PlanOptions {
  /** What the list can be filtered and ordered by; without it, it is newest first. */
  list?: Pick<List, 'read'>
  /** The tenant filter and the arguments' part of the query. */
  where: (context: Context, args: never) => Where
}

/** One page of one list, as its arguments ask for it. */
export interface Plan {
  page: Page
  order: readonly OrderTerm[]
  /** The tenant's filter and the arguments'. */
  where: Where
  /** What its cursors are bound to beside the parent (P4). */
  bound: string
  start: Start | null
}

/**
 * Reads all arguments of a list.
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_PAGE`, `INVALID_FILTER`, `INVALID_ORDER` or `CURSOR_MISMATCH`
 */
export function planOf(name: string, options: PlanOptions, args: object, context: Context): Plan {
  const page = pageOf(args)
  const { where, order, digest } = (options.list ?? newestFirst).read(args, context)
  const tenant = options.where(context, args as never)
  const own = Object.entries(args).filter(([key, value]) => value != null && !READ_APART.has(key))
  const bound = JSON.stringify([name, own, digest])
  const start = page.cursor === null ? null : decodeCursor(context.secrets, bound, page.cursor)
  return { page, order, where: where ? { AND: [tenant, where] } : tenant, bound, start }
}

/** Paging is no part of what a cursor is bound to; a filter and an order are, as they were understood. */
const READ_APART = new Set(['first', 'after', 'last', 'before', 'filter', 'where', 'orderBy', 'sort'])

/** The part of a query that takes one page, and one row more to know whether there is another page. */
export function pageQuery({ page, order, where, start }: Plan) {
  return {
    where: start ? { AND: [where, beyond(order, start.place, page.backward)] } : where,
    orderBy: orderByOf(order, page.backward),
    take: page.size + 1,
  }
}
