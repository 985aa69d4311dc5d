import type pg from 'pg'
import type { Db } from '../db.ts'
import { BoundedMap } from './bounded-map.ts'
import { type Parameter, Unsupported } from './conditions.ts'
import { type DataModel, readDataModel } from './model.ts'
import { type Path, type Query, shapeOf, valueAt } from './shape.ts'
import { type Operation, type Statement, writeStatement } from './statement.ts'

/** Shapes of queries whose statements are kept. */
const MOST_SHAPES = 1_000

const OPERATIONS: Record<string, Operation> = {
  findUnique: 'findUnique',
  findUniqueOrThrow: 'findUnique',
  findFirst: 'findFirst',
  findFirstOrThrow: 'findFirst',
  findMany: 'findMany',
}

type Delegate = Record<string, (query?: Query) => PromiseLike<unknown>>

export interface Reader {
  /** As the Prisma client, for everything; reads are answered in one statement where that is known to answer the same. */
  db: Db
  /** How many reads went which way, and why those went to Prisma that did. */
  counts: { direct: number; prisma: Map<string, number> }
}

export interface ReaderOptions {
  db: Db
  pool: pg.Pool
  nameOf: (text: string) => string | undefined
  /** Called with each answer that did not come from Prisma, and how to ask Prisma the same: for tests that compare. */
  onRead?: OnRead
}

export type OnRead = (read: {
  what: string
  query: Query
  answer: unknown
  ask: () => PromiseLike<unknown>
}) => Promise<void>

/**
 * A client beside Prisma's on the same pool: it turns the queries that Prisma would take into one prepared statement each,
 * without the way through the client, its interpreter and its row mapper. Whatever it does not know is left to Prisma, and
 * so is everything inside of a transaction, which has a client of its own.
 *
 * @returns null when the generated client does not tell its schema
 */
export function createReader(options: ReaderOptions): Reader | null {
  const schema = (options.db as unknown as { _engineConfig?: { inlineSchema?: unknown } })._engineConfig
    ?.inlineSchema
  if (typeof schema !== 'string') return null
  const data = readDataModel(schema)
  const counts: Reader['counts'] = { direct: 0, prisma: new Map() }
  const delegates = new Map<string, object>()
  for (const name of data.models.keys()) {
    const key = name[0]?.toLowerCase() + name.slice(1)
    const delegate = Reflect.get(options.db, key) as Delegate | undefined
    if (delegate) delegates.set(key, directly(options, data, name, delegate, counts))
  }
  const db = new Proxy(options.db, {
    get: (client, name) => delegates.get(String(name)) ?? Reflect.get(client, name),
  })
  return { db, counts }
}

function directly(
  { pool, nameOf, onRead }: ReaderOptions,
  data: DataModel,
  model: string,
  delegate: Delegate,
  counts: Reader['counts'],
): object {
  const statements = new BoundedMap<string, Statement | null>(MOST_SHAPES)
  const statementOf = (operation: Operation, query: Query): Statement | null => {
    const shape = `${operation} ${shapeOf(query)}`
    const known = statements.get(shape)
    if (known !== undefined) return known
    const written = attempt(
      () => writeStatement(data, model, operation, query),
      (reason) => {
        const key = `${model}.${operation}: ${reason}`
        if (counts.prisma.size < MOST_SHAPES) counts.prisma.set(key, (counts.prisma.get(key) ?? 0) + 1)
      },
    )
    statements.set(shape, written)
    return written
  }
  const run = async ({ text, parameters, decode }: Statement, query: Query): Promise<unknown> => {
    const values = parameters.map((parameter) => sentFor(query, parameter))
    const name = nameOf(text)
    const { rows } = await pool.query<string[]>({ ...(name ? { name } : {}), text, values, rowMode: 'array' })
    const [json] = rows[0] ?? []
    return json === undefined ? null : decode(JSON.parse(json))
  }
  const own: Delegate = {}
  for (const [method, operation] of Object.entries(OPERATIONS)) {
    const slow = (query?: Query) => (delegate[method] as Delegate[string]).call(delegate, query)
    own[method] = (query: Query = {}) => {
      const statement = statementOf(operation, query)
      if (!statement) return slow(query)
      counts.direct++
      const read = run(statement, query)
      const found = onRead
        ? read.then(async (answer) => {
            const ask = () => (delegate[operation] as Delegate[string]).call(delegate, query)
            await onRead({ what: `${model}.${operation}`, query, answer, ask })
            return answer
          })
        : read
      // Prisma's own error tells that nothing was there.
      return method.endsWith('OrThrow') ? found.then((row) => row ?? slow(query)) : found
    }
  }
  return new Proxy(delegate, { get: (target, name) => own[String(name)] ?? Reflect.get(target, name) })
}

function attempt(work: () => Statement, refused: (reason: string) => void): Statement | null {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error
    refused(error.message)
    return null
  }
}

function sentFor(query: Query, { path, kind }: { path: Path; kind: Parameter['kind'] }): unknown {
  const value = valueAt(query, path)
  if (value instanceof Date) return value.toISOString()
  if (kind === 'plain') return value
  return `${kind === 'startsWith' ? '' : '%'}${String(value)}${kind === 'endsWith' ? '' : '%'}`
}
