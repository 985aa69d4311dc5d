import type pg from 'pg'
import type { Db } from '../db.ts'
import type { Ask } from './ask.ts'
import { createBatches, type Send } from './batch.ts'
import { BoundedMap } from './bounded-map.ts'
import { type Parameter, Unsupported } from './conditions.ts'
import { type DataModel, delegateName, readDataModel } from './model.ts'
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

/** What was read which way, and why Prisma had to do what it did. */
export interface ReadCounts {
  direct: number
  prisma: Map<string, number>
}

export interface Reader {
  /**
   * A client for one request: as the Prisma client, for everything; reads are answered in one statement where that is known
   * to answer the same.
   */
  open(): Db
  counts: ReadCounts
}

export interface ReaderOptions {
  db: Db
  pool: pg.Pool
  ask: Ask
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
  const { db } = options
  const schema = (db as unknown as { _engineConfig?: { inlineSchema?: unknown } })._engineConfig?.inlineSchema
  if (typeof schema !== 'string') return null
  const data = readDataModel(schema)
  const counts: ReadCounts = { direct: 0, prisma: new Map() }
  // What is made for every request has its methods from prototypes that are made once; Prisma's client is behind them.
  class Client {
    constructor(readonly send: Send) {}
  }
  const behind = new Proxy(db, { get: (client, name) => Reflect.get(client, name) as unknown })
  Object.setPrototypeOf(Client.prototype, behind)
  for (const name of data.models.keys()) {
    const key = delegateName(name)
    const delegate = Reflect.get(db, key) as Delegate | undefined
    if (!delegate) continue
    const Model = directly(options, data, name, delegate, counts)
    Object.defineProperty(Client.prototype, key, {
      get(this: Client) {
        const own = new Model(this.send)
        Object.defineProperty(this, key, { value: own, configurable: true })
        return own
      },
    })
  }
  const openBatch = createBatches(options)
  return { open: () => new Client(openBatch()) as unknown as Db, counts }
}

/** @returns what makes the delegate of a model for one request */
function directly(
  { onRead }: ReaderOptions,
  data: DataModel,
  model: string,
  delegate: Delegate,
  counts: ReadCounts,
): new (
  send: Send,
) => object {
  const statements = new BoundedMap<string, Statement | null>(MOST_SHAPES)
  const refused = (reason: string) => {
    const key = `${model}: ${reason}`
    if (counts.prisma.size < MOST_SHAPES) counts.prisma.set(key, (counts.prisma.get(key) ?? 0) + 1)
  }
  const statementOf = (operation: Operation, query: Query): Statement | null => {
    const shape = `${operation} ${shapeOf(query)}`
    const known = statements.get(shape)
    if (known !== undefined) return known
    const written = attempt(() => writeStatement(data, model, operation, query), refused)
    statements.set(shape, written)
    return written
  }
  const read = async (send: Send, operation: Operation, statement: Statement, query: Query) => {
    const values = statement.parameters.map((parameter) => sentFor(query, parameter))
    const found = await send(statement, values)
    const answer = found === null ? null : statement.decode(found)
    const ask = () => (delegate[operation] as Delegate[string]).call(delegate, query)
    await onRead?.({ what: `${model}.${operation}`, query, answer, ask })
    return answer
  }
  class Model {
    constructor(readonly send: Send) {}
  }
  Object.setPrototypeOf(
    Model.prototype,
    new Proxy(delegate, { get: (target, name) => Reflect.get(target, name) }),
  )
  for (const [method, operation] of Object.entries(OPERATIONS)) {
    const orThrow = method.endsWith('OrThrow')
    function answer(this: Model, query: Query = {}) {
      const slow = () => (delegate[method] as Delegate[string]).call(delegate, query)
      const statement = statementOf(operation, query)
      if (!statement) return slow()
      counts.direct++
      const found = read(this.send, operation, statement, query)
      // Prisma's own error tells that nothing was there.
      return orThrow ? found.then((row) => row ?? slow()) : found
    }
    Object.defineProperty(Model.prototype, method, { value: answer, configurable: true })
  }
  return Model
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
