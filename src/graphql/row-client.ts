import DataLoader from 'dataloader'
import type { Context } from '../context.ts'
import type { Db } from '../platform/db.ts'
import { missing } from '../platform/refusal.ts'

type Row = { id: string }
type Where = { id: string; AND?: unknown } & Record<string, unknown>
type Query = { where: Where } & Record<string, unknown>
type Loader = DataLoader<Omit<Where, 'AND'>, Row | null>

interface Delegate {
  findUnique(query: object): PromiseLike<Row | null>
  findMany(query: object): PromiseLike<Row[]>
}

const clients = new WeakMap<Context, Db>()

/**
 * The client by which Pothos loads single rows: of `node` and `nodes`, and those of payloads, which are selected late. It
 * asks for each of them alone; here those that are asked for together, with one selection and one filter, become one
 * query (lesson 24). A row that is not there, or not to be seen, is NOT_FOUND.
 */
export function rowClient(context: Context): Db {
  const present = clients.get(context)
  if (present) return present
  const delegates = new Map<unknown, object>()
  const client = new Proxy(context.db, {
    get: (db, name) => {
      const delegate = Reflect.get(db, name) as unknown
      if (!isDelegate(delegate)) return delegate
      const batched = delegates.get(name) ?? batching(delegate)
      delegates.set(name, batched)
      return batched
    },
  })
  clients.set(context, client)
  return client
}

const isDelegate = (value: unknown): value is Delegate & object =>
  typeof (value as Partial<Delegate> | null)?.findUnique === 'function'

function batching(delegate: Delegate & object): object {
  const loaders = new Map<string, Loader>()
  const findUnique = ({ where: { AND, ...unique }, ...query }: Query) => {
    const key = JSON.stringify([AND, query])
    const loader = loaders.get(key) ?? loaderOf(delegate, AND, query)
    loaders.set(key, loader)
    return loader.load(unique)
  }
  const findUniqueOrThrow = async (query: Query) => (await findUnique(query)) ?? missing()
  return new Proxy(delegate, {
    get: (target, name) => Reflect.get({ ...target, findUnique, findUniqueOrThrow }, name),
  })
}

/** Nothing is remembered: a mutation may have changed the row since. */
function loaderOf(delegate: Delegate, filter: unknown, query: object): Loader {
  const visible = filter === undefined ? {} : { AND: filter }
  return new DataLoader(
    async (wanted) => {
      const [first] = wanted
      if (wanted.length === 1)
        return [await delegate.findUnique({ ...query, where: { ...first, ...visible } })]
      const isById = wanted.every((unique) => Object.keys(unique).length === 1)
      const any = isById ? { id: { in: wanted.map(({ id }) => id) } } : { OR: [...wanted] }
      const found = await delegate.findMany({ ...query, where: { ...any, ...visible } })
      const rows = new Map(found.map((row) => [row.id, row]))
      return wanted.map(({ id }) => rows.get(String(id)) ?? null)
    },
    { cache: false },
  )
}
