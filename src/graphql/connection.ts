import type { InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core'
import { queryFromInfo } from '@pothos/plugin-prisma'
import DataLoader from 'dataloader'
import { type GraphQLResolveInfo, responsePathAsArray } from 'graphql'
import { validate as isUuid } from 'uuid'
import type { Context } from '../context.ts'
import { badInput, notFound } from '../platform/refusal.ts'
import type { Secrets } from '../platform/secrets.ts'
import { builder, type Types } from './builder.ts'

type Where = Record<string, unknown>

/** What every row of a list has, because lists are ordered by it. */
interface Placed {
  id: string
  createdAt: Date
}

export const DEFAULT_PAGE = 50
export const LARGEST_PAGE = 1000

export interface PageArgs {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

interface Page {
  size: number
  backward: boolean
  cursor: string | null
}

/**
 * Reads the four paging arguments (P1, P2): absent or 0 is a page of 50, more than 1,000 is 1,000.
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_PAGE` for a negative size or for both directions at once
 */
export function pageOf({ first, after, last, before }: PageArgs): Page {
  if ((first ?? 0) < 0 || (last ?? 0) < 0) {
    throw badInput(
      'INVALID_PAGE',
      '`first` and `last` take 0 (the default of 50) to 1000, not a negative number.',
    )
  }
  const backward = last != null || before != null
  if (backward && (first != null || after != null)) {
    throw badInput(
      'INVALID_PAGE',
      'Page forward with `first` and `after`, or backward with `last` and `before`, not both.',
    )
  }
  const asked = (backward ? last : first) || DEFAULT_PAGE
  return { size: Math.min(asked, LARGEST_PAGE), backward, cursor: (backward ? before : after) ?? null }
}

/**
 * A cursor names a place in the order, signed for one list, parent and filter (P4): it can't be taken to another, nor made
 * up. It grants nothing: rows are filtered for the viewer as without it.
 */
export function encodeCursor(secrets: Secrets, list: string, { createdAt, id }: Placed): string {
  const place = `${createdAt.getTime()}:${id}`
  return Buffer.from(`${place}:${signature(secrets, list, place)}`).toString('base64url')
}

/** 128 bits are beyond guessing, and keep cursors short. */
const signature = (secrets: Secrets, list: string, place: string) =>
  secrets.sign(`cursor ${list} ${place}`).slice(0, 22)

const mismatch = () =>
  badInput(
    'CURSOR_MISMATCH',
    'This cursor was not given by this list with these arguments. Start again without `after` and `before`.',
  )

/** @throws {CodedError} BAD_USER_INPUT `CURSOR_MISMATCH` when it is not even of a cursor's form */
function placeOf(cursor: string): Placed {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(':')
  if (!/^\d{1,15}$/.test(time) || !id.split('.').every((part) => isUuid(part))) throw mismatch()
  return { createdAt: new Date(Number(time)), id }
}

/** @throws {CodedError} BAD_USER_INPUT `CURSOR_MISMATCH` when another list gave it, or nobody */
function refuseForeignCursor(secrets: Secrets, list: string, cursor: string | null): void {
  if (cursor !== null && encodeCursor(secrets, list, placeOf(cursor)) !== cursor) throw mismatch()
}

/** The part of a query that takes one page, and one row more to know whether there is another page. */
function pageQuery(page: Page, where: Where) {
  const direction = page.backward ? 'asc' : 'desc'
  return {
    where: page.cursor === null ? where : { AND: [where, beyond(placeOf(page.cursor), page.backward)] },
    orderBy: [{ createdAt: direction }, { id: direction }],
    take: page.size + 1,
  }
}

/** The rows behind a place in the order: its own row need not exist any more (P5). */
function beyond({ createdAt, id }: Placed, backward: boolean): Where {
  const side = backward ? 'gt' : 'lt'
  return { OR: [{ createdAt: { [side]: createdAt } }, { createdAt, id: { [side]: id } }] }
}

interface Connection {
  edges: { cursor: string; node: Placed }[]
  nodes: Placed[]
  pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
  totalCount: number | (() => Promise<number>)
}

function connectionOf(
  secrets: Secrets,
  list: string,
  page: Page,
  loaded: readonly Placed[],
  totalCount: Connection['totalCount'],
): Connection {
  const more = loaded.length > page.size
  const nodes = loaded.slice(0, page.size)
  if (page.backward) nodes.reverse()
  const edges = nodes.map((node) => ({ node, cursor: encodeCursor(secrets, list, node) }))
  return {
    edges,
    nodes,
    totalCount,
    pageInfo: {
      hasNextPage: page.backward ? page.cursor !== null : more,
      hasPreviousPage: page.backward ? more : page.cursor !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
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
          description: 'How many rows the whole list has; counted only when it is asked for (P6).',
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

/** The four arguments of every list. */
export const pageArgs = builder.args((t) => ({
  first: t.int({
    description: 'So many rows from the start: 1 to 1000; absent or 0 is 50, more is taken as 1000.',
  }),
  after: t.string({ description: 'Only rows behind this cursor.' }),
  last: t.int({ description: 'So many rows from the end, for paging backward.' }),
  before: t.string({ description: 'Only rows in front of this cursor.' }),
}))

const NODE_PATHS = [[{ name: 'edges' }, { name: 'node' }], [{ name: 'nodes' }]]

type NestedQuery = (query: object, at: { getType: () => string; paths: { name: string }[][] }) => object

interface ListOptions<Args extends InputFieldMap> {
  type: ConnectionType
  description: string
  /** More arguments than the paging ones. They are part of what a cursor is bound to. */
  args?: Args
  /** The tenant filter and the arguments' part of the query. */
  where: (context: Context, args: InputShapeFromFields<Args>) => Where
}

/** What a cursor is bound to beside its place: the list, its parent and every argument that is not about paging. */
function listKey(name: string, parentId: string, args: object): string {
  const {
    first: _f,
    after: _a,
    last: _l,
    before: _b,
    ...filters
  } = args as PageArgs & Record<string, unknown>
  return JSON.stringify([name, parentId, filters])
}

interface RelationListOptions<Args extends InputFieldMap> extends ListOptions<Args> {
  /** The to-one relation of the parent by which the list is reached, when it is not the parent's own. */
  through?: string
  /** Runs for each parent before its page is answered, and throws when the viewer may not see this list. */
  allow?: (context: Context, parentId: string) => Promise<void>
}

/** What the query of a list's parent has loaded of the list. */
type Loaded = Record<string, Placed[]> & { _count?: Record<string, number> }

/**
 * Options of a field that lists a relation of its parent. The page is loaded by the parent's own query, for any number of
 * parents at once, and counted there too. Where that query has no room for it, because the same list is asked for twice
 * with other arguments, one more query serves all parents.
 *
 * @param name `Type.field`, with the name of the parent's Prisma model: what its cursors are bound to
 * @param relation the relation's name in that model
 */
export function relationList<Args extends InputFieldMap = Record<never, never>>(
  name: `${'Organization' | 'Workspace'}.${string}`,
  relation: string,
  options: RelationListOptions<Args>,
) {
  const { through } = options
  const filterOf = (context: Context, args: object) =>
    options.where(context, args as InputShapeFromFields<Args>)
  const listed = (parent: object) =>
    through ? (parent as Record<string, Loaded>)[through] : (parent as Loaded)
  const selectionOf = (filter: Where, rows: object, counted: boolean) => {
    const count = counted ? { _count: { select: { [relation]: { where: filter } } } } : {}
    const select = { id: true, [relation]: rows, ...count }
    return { select: through ? { id: true, [through]: { select } } : select }
  }
  const answer = async (parent: { id: string }, args: object, context: Context): Promise<Connection> => {
    await options.allow?.(context, parent.id)
    const page = pageOf(args)
    const list = listKey(name, parent.id, args)
    refuseForeignCursor(context.secrets, list, page.cursor)
    const loaded = listed(parent)
    return connectionOf(
      context.secrets,
      list,
      page,
      loaded?.[relation] ?? [],
      loaded?._count?.[relation] ?? 0,
    )
  }
  return {
    type: options.type.ref,
    description: options.description,
    args: { ...pageArgs, ...(options.args ?? {}) },
    extensions: {
      pothosPrismaSelect: (
        args: PageArgs,
        context: Context,
        nested: NestedQuery,
        selected: () => ReadonlySet<string>,
      ) => {
        const filter = filterOf(context, args)
        const rows = nested(
          { ...pageQuery(pageOf(args), filter), select: PLACE },
          { getType: () => options.type.nodeName, paths: NODE_PATHS },
        )
        return selectionOf(filter, rows, selected().has('totalCount'))
      },
      pothosPrismaLoaded: (parent: object) => listed(parent)?.[relation] !== undefined,
      pothosPrismaFallbackPlan: () => ({
        typeName: options.type.nodeName,
        paths: NODE_PATHS,
        initial: { select: PLACE },
      }),
      pothosPrismaFallback: async (
        nodes: object,
        parent: { id: string },
        args: PageArgs,
        context: Context,
        info: GraphQLResolveInfo,
      ) => {
        const loader = siblingLoader(context, info, (ids) => {
          const filter = filterOf(context, args)
          const selection = selectionOf(filter, { ...nodes, ...pageQuery(pageOf(args), filter) }, true)
          return parentsOf(context, name).findMany({ where: { id: { in: [...ids] } }, ...selection })
        })
        return answer(await loader.load(parent.id), args, context)
      },
    },
    resolve: answer,
  }
}

const PLACE = { id: true, createdAt: true } as const

/** The Prisma delegate of the type in `Type.field`. */
function parentsOf({ db }: Context, name: string): Delegate {
  return (name.startsWith('Organization.') ? db.organization : db.workspace) as unknown as Delegate
}

type Siblings = DataLoader<string, { id: string }>
const siblings = new WeakMap<Context, Map<string, Siblings>>()

/** The loader that all rows of a list share for one of their fields: told apart by the path without its list indices. */
function siblingLoader(
  context: Context,
  info: GraphQLResolveInfo,
  load: (ids: readonly string[]) => PromiseLike<{ id: string }[]>,
): Siblings {
  const loaders = siblings.get(context) ?? new Map<string, Siblings>()
  siblings.set(context, loaders)
  const key = responsePathAsArray(info.path)
    .filter((step) => typeof step === 'string')
    .join('.')
  const present = loaders.get(key)
  if (present) return present
  const loader = new DataLoader<string, { id: string }>(async (ids) => {
    const rows = new Map((await load(ids)).map((row) => [row.id, row]))
    return ids.map((id) => rows.get(id) ?? notFound())
  })
  loaders.set(key, loader)
  return loader
}

interface Delegate {
  findMany(query: object): PromiseLike<Placed[]>
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
    args: { ...pageArgs, ...(options.args ?? {}) },
    resolve: async (
      parent: Parent,
      args: object,
      context: Context,
      info: GraphQLResolveInfo,
    ): Promise<Connection> => {
      options.allow?.(parent)
      const page = pageOf(args)
      const list = listKey(name, context.viewer?.userId ?? '', args)
      refuseForeignCursor(context.secrets, list, page.cursor)
      const where = options.where(context, args as InputShapeFromFields<Args>)
      const model = delegate(context) as Delegate
      const selection = queryFromInfo({
        context,
        info,
        typeName: options.type.nodeName,
        paths: NODE_PATHS,
        select: PLACE as never,
      })
      const rows = await model.findMany({ ...selection, ...pageQuery(page, where) })
      return connectionOf(context.secrets, list, page, rows, async () => model.count({ where }))
    },
  }
}
