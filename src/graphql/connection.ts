import type { InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core'
import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import { type GraphQLResolveInfo, responsePathAsArray } from 'graphql'
import type { Context } from '../context.ts'
import { notFound } from '../platform/refusal.ts'
import { builder, type Types } from './builder.ts'
import type { Where } from './lists/columns.ts'
import { cursorMismatch, encodeCursor } from './lists/cursor.ts'
import type { List } from './lists/list.ts'
import { placeSelection, valueAt } from './lists/order.ts'
import { type PageArgs, pageArgs } from './lists/page.ts'
import { type Plan, pageQuery, planOf } from './lists/plan.ts'

export { DEFAULT_PAGE, LARGEST_PAGE, pageArgs } from './lists/page.ts'

export type Row = { id: string }

/** A page of a list: what the fields of a connection read. Cursors are signed, so each is made when somebody asks for it. */
export interface Connection {
  edges: { cursor: string; node: Row }[]
  nodes: Row[]
  pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
  totalCount: number | (() => Promise<number>)
}

/** @param parentId whose list it is: part of what its cursors are bound to */
export function connectionOf(
  { secrets }: Context,
  plan: Plan,
  parentId: string,
  loaded: readonly Row[],
  totalCount: Connection['totalCount'],
): Connection {
  const { page, order, bound } = plan
  if (plan.start && plan.start.parentId !== parentId) throw cursorMismatch()
  const more = loaded.length > page.size
  const nodes = loaded.slice(0, page.size)
  if (page.backward) nodes.reverse()
  const cursorOf = (node: Row) =>
    encodeCursor(secrets, bound, { parentId, place: order.map(({ path }) => valueAt(node, path)) })
  const hasNextPage = page.backward ? page.cursor !== null : more
  const hasPreviousPage = page.backward ? more : page.cursor !== null
  return new Page(nodes, totalCount, new PageInfo(nodes, hasNextPage, hasPreviousPage, cursorOf), cursorOf)
}

type CursorOf = (node: Row) => string

/** Classes, because a getter of an object of its own costs more than the row that it stands beside. */
class Page implements Connection {
  #edges: Edge[] | undefined

  constructor(
    readonly nodes: Row[],
    readonly totalCount: Connection['totalCount'],
    readonly pageInfo: PageInfo,
    readonly cursorOf: CursorOf,
  ) {}

  get edges(): Edge[] {
    this.#edges ??= this.nodes.map((node) => new Edge(node, this.cursorOf))
    return this.#edges
  }
}

class Edge {
  constructor(
    readonly node: Row,
    readonly cursorOf: CursorOf,
  ) {}

  get cursor(): string {
    return this.cursorOf(this.node)
  }
}

class PageInfo {
  constructor(
    readonly nodes: readonly Row[],
    readonly hasNextPage: boolean,
    readonly hasPreviousPage: boolean,
    readonly cursorOf: CursorOf,
  ) {}

  get startCursor(): string | null {
    return this.#cursorOf(this.nodes[0])
  }

  get endCursor(): string | null {
    return this.#cursorOf(this.nodes.at(-1))
  }

  #cursorOf(node: Row | undefined): string | null {
    return node ? this.cursorOf(node) : null
  }
}

/** A connection type: what {@link relationList} and {@link rootList} answer. */
export interface ConnectionType {
  ref: ObjectRef<Types, Connection>
  nodeName: string
}

/** Defines `<Name>Connection` and `<Name>Edge` with `nodes`, `edges`, `pageInfo` and `totalCount` (api.md → Reading). */
export function defineConnection(nodeName: string, node: object): ConnectionType {
  const ref = builder.connectionObject(
    {
      type: node as never,
      name: `${nodeName}Connection`,
      description: `One page of a list of ${nodeName}, newest first.`,
      fields: (t) => ({
        totalCount: t.int({
          description: 'How many rows the whole list has; counted only when it is asked for.',
          resolve: (connection) => {
            const { totalCount } = connection as unknown as Connection
            return typeof totalCount === 'function' ? totalCount() : totalCount
          },
        }),
      }),
    },
    { name: `${nodeName}Edge`, description: `One ${nodeName} of a list, and its cursor.` },
  )
  return { ref: ref as unknown as ObjectRef<Types, Connection>, nodeName }
}

/** Where the rows of a connection are in a selection of it. */
export const NODE_PATHS = [[{ name: 'edges' }, { name: 'node' }], [{ name: 'nodes' }]]

type NestedQuery = (query: object, at: { getType: () => string; paths: { name: string }[][] }) => object

interface ListOptions<Args extends InputFieldMap> {
  type: ConnectionType
  description: string
  /** What it can be filtered and ordered by; without it the list is newest first. */
  list?: List
  /** More arguments than those of paging and of the list. They are part of what a cursor is bound to. */
  args?: Args
  /** The tenant filter and the arguments' part of the query. */
  where: (context: Context, args: InputShapeFromFields<Args>) => Where
}

const argsOf = (options: { list?: List; args?: InputFieldMap }): InputFieldMap => ({
  ...pageArgs,
  ...(options.list?.args ?? {}),
  ...(options.args ?? {}),
})

interface RelationListOptions<Args extends InputFieldMap> extends ListOptions<Args> {
  /** The to-one relation of the parent by which the list is reached, when it is not the parent's own. */
  through?: string
  /** Runs for each parent before its page is answered, and throws when the viewer may not see this list. */
  allow?: (context: Context, parentId: string) => Promise<void>
}

/** What a field of {@link relationList} tells of itself: where its rows are, once its parent's query has loaded them. */
export interface LoadedList {
  relation: string
  through: string | undefined
  /** Whether each parent is asked about before its page is shown. */
  isGuarded: boolean
  plan(args: object, context: Context): Plan
}

/** What the query of a list's parent has loaded of the list. */
type Loaded = Record<string, Row[]> & { _count?: Record<string, number> }

/**
 * Options of a field that lists a relation of its parent. The page is loaded by the parent's own query, for any number of
 * parents at once, and counted there too. Where that query has no room for it, because the same list is asked for twice
 * with other arguments, one more query serves all parents.
 *
 * @param name `Type.field`, with the name of the parent's Prisma model: what its cursors are bound to
 * @param relation the relation's name in that model
 */
export function relationList<Args extends InputFieldMap = Record<never, never>>(
  name: `${keyof typeof PARENTS}.${string}`,
  relation: string,
  options: RelationListOptions<Args>,
) {
  const { through } = options
  const plan = (args: object, context: Context) => planOf(name, options, args, context)
  const listed = (parent: object) =>
    through ? (parent as Record<string, Loaded>)[through] : (parent as Loaded)
  const selectionOf = (filter: Where, rows: object, counted: boolean) => {
    const count = counted ? { _count: { select: { [relation]: { where: filter } } } } : {}
    const select = { id: true, [relation]: rows, ...count }
    return { select: through ? { id: true, [through]: { select } } : select }
  }
  const answer = async (parent: Row, args: object, context: Context): Promise<Connection> => {
    await options.allow?.(context, parent.id)
    const loaded = listed(parent)
    return connectionOf(
      context,
      plan(args, context),
      parent.id,
      loaded?.[relation] ?? [],
      loaded?._count?.[relation] ?? 0,
    )
  }
  return {
    type: options.type.ref,
    description: options.description,
    args: argsOf(options),
    extensions: {
      loadedList: { relation, through, isGuarded: options.allow !== undefined, plan } satisfies LoadedList,
      pothosPrismaSelect: (
        args: PageArgs,
        context: Context,
        nested: NestedQuery,
        selected: () => ReadonlySet<string>,
      ) => {
        const planned = attempt(() => plan(args, context))
        // What can't be read selects nothing: the field itself then tells what is wrong, at its own path.
        if (!planned) return { select: { id: true } }
        const rows = nested(
          { ...pageQuery(planned), select: placeSelection(planned.order) },
          { getType: () => options.type.nodeName, paths: NODE_PATHS },
        )
        return selectionOf(planned.where, rows, selected().has('totalCount'))
      },
      pothosPrismaLoaded: (parent: object) => listed(parent)?.[relation] !== undefined,
      pothosPrismaFallbackPlan: () => ({
        typeName: options.type.nodeName,
        paths: NODE_PATHS,
        initial: { select: { id: true } },
      }),
      pothosPrismaFallback: async (
        nodes: { select?: Where },
        parent: Row,
        args: PageArgs,
        context: Context,
        info: GraphQLResolveInfo,
      ) => {
        const planned = plan(args, context)
        const loader = siblingLoader(context, info, (ids) => {
          const rows = {
            ...nodes,
            ...pageQuery(planned),
            select: mergeSelections(placeSelection(planned.order), nodes.select ?? {}),
          }
          const selection = selectionOf(planned.where, rows, true)
          return parentsOf(context, name).findMany({ where: { id: { in: [...ids] } }, ...selection })
        })
        return answer(await loader.load(parent.id), args, context)
      },
    },
    resolve: answer,
  }
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}

/** Two selections of the same rows as one. */
function mergeSelections(one: Where, other: Where): Where {
  const merged = { ...one }
  for (const [key, value] of Object.entries(other)) {
    const present = merged[key]
    const both = isSelection(present) && isSelection(value)
    merged[key] = both ? { ...value, select: mergeSelections(present.select, value.select) } : value
    if (isSelection(present) && value === true) merged[key] = true
  }
  return merged
}

const isSelection = (value: unknown): value is { select: Where } =>
  typeof value === 'object' && value !== null && 'select' in value

/** The Prisma delegate of the type in `Type.field`. */
function parentsOf({ db }: Context, name: string): Delegate {
  const model = PARENTS[name.slice(0, name.indexOf('.')) as keyof typeof PARENTS]
  return db[model] as unknown as Delegate
}

/** The types that have lists of a relation of theirs. */
const PARENTS = {
  Organization: 'organization',
  Workspace: 'workspace',
  Operation: 'operation',
  EventSubscription: 'eventSubscription',
} as const

type Siblings = DataLoader<string, Row>
const siblings = new WeakMap<Context, Map<string, Siblings>>()

/** The loader that all rows of a list share for one of their fields: told apart by the path without its list indices. */
function siblingLoader(
  context: Context,
  info: GraphQLResolveInfo,
  load: (ids: readonly string[]) => PromiseLike<Row[]>,
): Siblings {
  const loaders = siblings.get(context) ?? new Map<string, Siblings>()
  siblings.set(context, loaders)
  const key = responsePathAsArray(info.path)
    .filter((step) => typeof step === 'string')
    .join('.')
  const present = loaders.get(key)
  if (present) return present
  const loader = new DataLoader<string, Row>(async (ids) => {
    const rows = new Map((await load(ids)).map((row) => [row.id, row]))
    return ids.map((id) => rows.get(id) ?? notFound())
  })
  loaders.set(key, loader)
  return loader
}

interface Delegate {
  findMany(query: object): PromiseLike<Row[]>
  count(query: { where: Where }): PromiseLike<number>
}

/** Options of a field that lists rows which are no relation of its parent, by a query of its own. */
export function rootList<Parent extends object, Args extends InputFieldMap = Record<never, never>>(
  name: string,
  delegate: (context: Context) => object,
  options: ListOptions<Args> & { allow?: (parent: Parent) => void },
) {
  return {
    type: options.type.ref,
    description: options.description,
    args: argsOf(options),
    resolve: async (
      parent: Parent,
      args: object,
      context: Context,
      info: GraphQLResolveInfo,
    ): Promise<Connection> => {
      options.allow?.(parent)
      const plan = planOf(name, options, args, context)
      const model = delegate(context) as Delegate
      const selection = queryFromInfo({
        context,
        info,
        typeName: options.type.nodeName,
        paths: NODE_PATHS,
        select: placeSelection(plan.order) as never,
      })
      const rows = await model.findMany({ ...selection, ...pageQuery(plan) })
      const parentId = context.viewer?.userId ?? ''
      return connectionOf(context, plan, parentId, rows, async () => model.count({ where: plan.where }))
    },
  }
}
