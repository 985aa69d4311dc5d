import type { InputRef } from '@pothos/core'
import type { Context } from '../../context.ts'
import { builder } from '../builder.ts'
import { type Fields, readFilter } from './check.ts'
import type { Column, OrderKey, Where } from './columns.ts'
import { compileFilter } from './compile.ts'
import { invalidOrder } from './errors.ts'
import { type OrderTerm, orderOfSort, readOrder } from './order.ts'
import { and, everything, type Filter, LIMITS } from './tree.ts'
import { readWhere, whereInput } from './where-input.ts'

interface ListOptions {
  fields: Readonly<Record<string, Column>>
  /** The field that is asked by a value that stands alone in a filter. */
  bare?: string
  /** The fields that it can be ordered by: those that are columns. */
  orders: readonly string[]
  /** An `orderBy` that the list has by itself; an index should serve it. */
  defaultOrder: string
  /** The column that tells rows of one place apart; `id` unless an index has another. */
  unique?: string
}

/** A list as its columns declare it: filter, where, orderBy, sort, cursors and documentation follow from here. */
export interface List {
  args: ReturnType<typeof listArgs>
  fields: Fields
  read(args: object, context: Context): { where: Where | null; order: OrderTerm[]; digest: unknown }
}

export interface ListArgs {
  filter?: string | null
  where?: object | null
  orderBy?: string | null
  sort?: readonly { field: string; direction?: 'ASC' | 'DESC' | null }[] | null
}

const Direction = builder.enumType('SortDirection', {
  description: 'Which way a key of an order runs. Rows without a value come last both ways.',
  values: {
    ASC: { description: 'The smallest first.' },
    DESC: { description: 'The largest first.' },
  } as const,
})

/**
 * Declares a list by its columns (P7 to P12). Defines `<Name>Where`, `<Name>Sort` and `<Name>SortField`.
 *
 * @param name the name of the rows' type
 */
export function defineList(name: string, options: ListOptions): List {
  const { fields, bare } = options
  const orders = ordersOf(options)
  const tie: OrderTerm = { key: 'id', path: [options.unique ?? 'id'], descending: false, nullable: false }
  const usual = readOrder(options.defaultOrder, orders)
  const orderOf = ({ orderBy, sort }: ListArgs): OrderTerm[] => {
    if (orderBy?.trim() && sort?.length) {
      throw invalidOrder(
        'Give `orderBy` or `sort`, not both.',
        Object.values(orders).map(({ names }) => names[0]),
      )
    }
    const asked = sort?.length ? orderOfSort(sort, orders) : readOrder(orderBy ?? '', orders)
    const terms = asked.length > 0 ? asked : usual
    // The last key runs like the one before it, so that an index over both can be read in either direction.
    return [...terms, { ...tie, descending: terms.at(-1)?.descending ?? false }]
  }
  return {
    args: listArgs(name, options),
    fields: { columns: fields, bare },
    read: (args, context) => {
      const { filter, where } = args as ListArgs
      const asked = and([
        filter ? readFilter(filter, { columns: fields, bare }) : everything,
        where ? readWhere(where, fields) : everything,
      ])
      const order = orderOf(args as ListArgs)
      return {
        where: asksNothing(asked) ? null : compileFilter(asked, fields, context),
        order,
        digest: [asked, order.map(({ key, descending }) => [key, descending])],
      }
    },
  }
}

const asksNothing = (filter: Filter) => filter.kind === 'and' && filter.of.length === 0

/** The list of a type without a declaration: newest first, with no filter of its own. */
export const newestFirst: Pick<List, 'read'> = {
  read: () => ({
    where: null,
    order: [
      { key: 'createdAt', path: ['createdAt'], descending: true, nullable: false },
      { key: 'id', path: ['id'], descending: true, nullable: false },
    ],
    digest: null,
  }),
}

function ordersOf({ fields, orders }: ListOptions): Record<string, OrderKey> {
  return Object.fromEntries(orders.map((key) => [key, fields[key] as OrderKey]))
}

function listArgs(name: string, options: ListOptions) {
  const { fields, bare, defaultOrder } = options
  const orders = ordersOf(options)
  const filters = Object.values(fields).map(({ names }) => `\`${names[0]}\``)
  const keys = Object.values(orders).map(({ names }) => `\`${names[0]}\``)
  const SortField = builder.enumType(`${name}SortField`, {
    description: `What a list of ${name} can be ordered by.`,
    values: Object.fromEntries(
      Object.entries(orders).map(([key, { description }]) => [
        key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
        { value: key, description },
      ]),
    ),
  })
  const Sort = builder.inputType(`${name}Sort`, {
    description: `One key of the order of a list of ${name}.`,
    fields: (t) => ({
      field: t.field({ type: SortField, required: true, description: 'What to order by.' }),
      direction: t.field({ type: Direction, defaultValue: 'ASC', description: 'Which way.' }),
    }),
  })
  const whereRef: InputRef<object> = whereInput(name, fields)
  return builder.args((t) => ({
    filter: t.string({
      description: `Only rows that match this filter, in the language of AIP-160: \`title = "My Workspace" AND NOT labels:old\`. It asks about ${filters.join(', ')}.${bare ? ` A value alone is looked for in \`${bare}\`.` : ''} At most ${LIMITS.characters} characters and ${LIMITS.tests} questions; what can't be read is refused with INVALID_FILTER and its position.`,
    }),
    where: t.field({
      type: whereRef,
      description:
        'Only rows that match this: what `filter` says, in types. With `filter`, both have to be true.',
    }),
    orderBy: t.string({
      description: `The order after AIP-132: keys joined by commas, each with \`desc\` behind it or not. There is ${keys.join(', ')}; absent or empty it is \`${defaultOrder}\`. An unknown key is refused with INVALID_ORDER.`,
    }),
    sort: t.field({
      type: [Sort],
      description: 'The order in types. Not together with `orderBy`.',
    }),
  }))
}
