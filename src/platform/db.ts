import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { Prisma, PrismaClient } from '../generated/prisma/client.ts'

export type Db = PrismaClient
/** The client inside an interactive transaction. */
export type Tx = Prisma.TransactionClient

/**
 * A transaction as far as it takes SQL: what is written for it runs in Prisma's transactions and in those of
 * {@link inSqlTransaction}, which cost a fifth. Let PostgreSQL make JSON of what is read: it arrives the same from both.
 */
export interface SqlTx {
  $queryRaw<T>(sql: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): PromiseLike<T>
  $executeRaw(sql: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): PromiseLike<number>
}

/** Connections for transactions without Prisma. */
export interface SqlDatabase {
  pool: pg.Pool
  /** The name under which a statement is prepared. */
  nameOf: (sql: string) => string | undefined
}

export interface Database {
  db: Db
  pool: pg.Pool
  /** Waits for running queries, then closes every connection. */
  close(): Promise<void>
}

/**
 * How long a statement waits for a connection. pg counts the time in the pool's queue as part of it, so a short one turns
 * a burst of requests that would be answered within seconds into a burst of failures.
 */
const QUEUE_PATIENCE_MS = 15_000

/** A new connection has everything to read and to plan anew: who comes after a quiet moment would wait for that. */
const IDLE_MS = 10 * 60_000
/** More often than firewalls and load balancers forget a connection on which nothing is said. */
const KEEP_ALIVE_MS = 60_000

/**
 * Opens the connection pool and the Prisma client on it.
 *
 * @param onStatement called with the text of every statement that is sent (query budgets in tests, metrics)
 */
export function openDatabase(options: {
  url: string
  poolSize: number
  /** So many stay open once they are; absent, each may be closed when nobody has used it for a while. */
  keptOpen?: number
  onStatement?: (sql: string) => void
  /** The name under which a statement is prepared. */
  nameOf?: (sql: string) => string | undefined
}): Database {
  const { onStatement, nameOf } = options
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: QUEUE_PATIENCE_MS,
    min: Math.min(options.keptOpen ?? 0, options.poolSize),
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    // Machine code for a statement takes longer to make than any of ours takes to run, and a plan for an unknown number of
    // those who ask looks dear enough for it.
    // A statement that waits for a lock does not wait for ever: it is as patient as Prisma's transactions. What is read often is in
    // memory, where one page is as near as another: otherwise small tables are read whole for one row.
    options: '-c timezone=UTC -c jit=off -c lock_timeout=20s -c random_page_cost=1.1',
    application_name: 'atrium',
    ...(onStatement ? { Client: recordingClient(onStatement) } : {}),
  })
  // A connection that the server closes emits an error; without a listener it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  // Its type knows no statement without a name; the driver does.
  const db = new PrismaClient({
    adapter: new PrismaPg(pool, nameOf ? { statementNameGenerator: ({ sql }) => nameOf(sql) as string } : {}),
    // A little longer than the pool's, whose error tells what is the matter.
    transactionOptions: { maxWait: QUEUE_PATIENCE_MS + 1_000, timeout: 20_000 },
  })
  return {
    db,
    pool,
    close: async () => {
      await db.$disconnect()
      await pool.end()
    },
  }
}

/** Opens the connections that stay open, before a busy moment has to wait for each. One that can't be opened now is opened when it is needed. */
export async function openConnections(pool: pg.Pool): Promise<void> {
  const open = async () => (await pool.connect()).release()
  await Promise.allSettled(Array.from({ length: pool.options.min ?? 0 }, open))
}

function recordingClient(onStatement: (sql: string) => void): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const send = this.query.bind(this) as (...args: unknown[]) => unknown
      const record = (...args: unknown[]): unknown => {
        const [first] = args
        onStatement(typeof first === 'string' ? first : String((first as { text?: string }).text))
        return send(...args)
      }
      this.query = record as typeof this.query
    }
  }
}

const current = new AsyncLocalStorage<Tx>()

/** The transaction that the caller runs in, for libraries that hold a client of their own (Better Auth). */
export const currentTransaction = (): Tx | undefined => current.getStore()

const ATTEMPTS = 6

/**
 * Runs `work` in one transaction at READ COMMITTED, again from its start when PostgreSQL ends it for a deadlock or a
 * serialization failure (lesson 27). `work` must therefore have no effect outside of the transaction.
 *
 * @param options how many milliseconds it may take; absent, 20 seconds
 */
export async function inTransaction<T>(
  db: Db,
  work: (tx: Tx) => Promise<T>,
  options: { timeout?: number } = {},
): Promise<T> {
  return untilSettled(() => db.$transaction((tx) => current.run(tx, () => work(tx)), options))
}

/**
 * {@link inTransaction} for `work` that is SQL alone, without Prisma's share of the time.
 *
 * @param sql whose pool lends a connection for as long as it takes
 */
export async function inSqlTransaction<T>(sql: SqlDatabase, work: (tx: SqlTx) => Promise<T>): Promise<T> {
  return untilSettled(async () => {
    const client = await sql.pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const done = await work(sqlTx(client, sql))
      await client.query('COMMIT')
      return done
    } catch (error) {
      // A connection that can't even do that is not lent again: the server ends what it had begun.
      await client.query('ROLLBACK').catch((reason: Error) => {
        broken = reason
      })
      throw error
    } finally {
      client.release(broken)
    }
  })
}

function sqlTx(client: pg.PoolClient, { nameOf }: SqlDatabase): SqlTx {
  const send = (sql: TemplateStringsArray | Prisma.Sql, values: unknown[]) => {
    const { text, values: given } = sql instanceof Prisma.Sql ? sql : Prisma.sql(sql, ...values)
    const name = nameOf(text)
    return client.query({ ...(name ? { name } : {}), text, values: given })
  }
  return {
    $queryRaw: async <T>(sql: TemplateStringsArray | Prisma.Sql, ...values: unknown[]) =>
      (await send(sql, values)).rows as T,
    $executeRaw: async (sql, ...values) => (await send(sql, values)).rowCount ?? 0,
  }
}

async function untilSettled<T>(transact: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transact()
    } catch (error) {
      if (attempt >= ATTEMPTS || !isTransient(error)) throw error
      await sleep(Math.random() * 20 * 2 ** attempt)
    }
  }
}

/** What was written does not fit what was read before it any more: nothing is kept, and the transaction begins anew. */
export class WriteConflict extends Error {
  override name = 'WriteConflict'
}

const TRANSIENT =
  /\b(P2034|40001|40P01)\b|deadlock detected|could not serialize access|TransactionWriteConflict/

function isTransient(error: unknown): boolean {
  return error instanceof WriteConflict || TRANSIENT.test(describe(error))
}

/** Prisma reports one failure of the database in four shapes; their codes and texts in one string. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, meta, cause } = error as { code?: unknown; meta?: unknown; cause?: unknown }
  return [error.message, code, meta ? JSON.stringify(meta) : '', cause ? describeCause(cause) : ''].join(' ')
}

function describeCause(cause: unknown): string {
  return cause instanceof Error ? describe(cause) : JSON.stringify(cause)
}

/** Whether PostgreSQL refused a text that it can not hold: one with the character U+0000, or with half of another. */
export const isUnstorableText = (error: unknown): boolean =>
  /invalid byte sequence for encoding|unsupported Unicode escape sequence|\b(22021|22P05)\b/.test(
    describe(error),
  )

/**
 * Whether the database refused a write for the constraint of this name.
 *
 * @param error what a Prisma call threw
 * @param constraint the name of a unique index, a foreign key, a check or a constraint trigger
 */
export function violates(error: unknown, constraint: string): boolean {
  return describe(error).includes(constraint)
}
