import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import type { SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'

/** Gives the engine its throw-away database: a URL, and what ends it. */
export type ShadowDatabase = { url: string; drop(): Promise<void> }

export type EngineConnection = {
  engine: SchemaEngine
  /** Runs SQL on the connection that the engine uses: the engine has exactly one. */
  query(sql: string): Promise<void>
  /** The last statement that PostgreSQL refused, in its own words; the engine's errors drop them. */
  lastError(): pg.DatabaseError | null
  close(): Promise<void>
}

export type EngineOptions = {
  /** Schema files as `[path, content]`. */
  datamodels?: [string, string][]
  /** Makes the shadow database on demand; by default one on the same server. */
  shadow?: () => Promise<ShadowDatabase>
  log?: (line: string) => void
}

const CATALOG_CHAR = 18
const BPCHAR = 1042

/**
 * Opens Prisma's schema engine, the same that the Prisma CLI has, on a database.
 *
 * @throws the driver's error when the database can not be reached.
 */
export async function openSchemaEngine(url: string, options: EngineOptions = {}): Promise<EngineConnection> {
  const Engine = await loadEngine()
  const connection = connectOnce(url)
  const factory = adapterFactory(connection, options.shadow ?? (() => createShadowDatabase(url)))
  try {
    const engine = await Engine.new(
      // an empty list makes the engine panic
      { datamodels: options.datamodels?.length ? options.datamodels : undefined },
      (line: unknown) => options.log?.(String(line)),
      bindMigrationAwareSqlAdapterFactory(factory),
    )
    return { engine, query: connection.query, lastError: connection.lastError, close: connection.close }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/**
 * Creates an empty database beside the one of `url`, under a name nobody else has.
 *
 * @throws the driver's error when the server can not be reached or the account may not create databases.
 */
export async function createShadowDatabase(url: string): Promise<ShadowDatabase> {
  const name = `atrium_shadow_${randomUUID().replaceAll('-', '')}`
  await execute(url, `create database ${name} template template0`)
  const shadow = new URL(url)
  shadow.pathname = `/${name}`
  return { url: shadow.toString(), drop: () => execute(url, `drop database if exists ${name} with (force)`) }
}

async function execute(url: string, sql: string) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

type EngineModule = { SchemaEngine: typeof SchemaEngine; __wbg_set_wasm(exports: WebAssembly.Exports): void }

let loading: Promise<typeof SchemaEngine> | undefined

// The package's own entry imports the .wasm file as a module, which Node 20 can not do.
function loadEngine(): Promise<typeof SchemaEngine> {
  loading ??= (async () => {
    const glue = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as EngineModule &
      WebAssembly.ModuleImports
    const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')
    const bytes = await readFile(join(dirname(entry), 'schema_engine_bg.wasm'))
    // where the engine reports a panic: thrown, it says more than the "unreachable" that would follow
    Reflect.set(globalThis, 'PRISMA_WASM_PANIC_REGISTRY', {
      set_message: (message: string) => {
        throw new Error(`The schema engine panicked: ${message}`)
      },
    })
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue })
    glue.__wbg_set_wasm(instance.exports)
    const start = instance.exports.__wbindgen_start
    if (typeof start === 'function') start()
    return glue.SchemaEngine
  })()
  return loading
}

type Connection = ReturnType<typeof connectOnce>

// One connection, never a second: locks and the transaction around a migration live on it.
function connectOnce(url: string) {
  let refused: pg.DatabaseError | null = null
  let connections = 0
  let charColumns: number[] = []
  const pool = new pg.Pool({ connectionString: url, max: 1, idleTimeoutMillis: 0 })
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    connections += 1
    if (connections > 1) void client.end()
    if (!(client instanceof pg.Client)) return
    client.connection.prependListener('rowDescription', (message: RowDescription) => {
      charColumns = takeCharColumns(message)
    })
  })
  return {
    pool,
    /** The columns of the last answer that have the catalogue's type "char". */
    charColumns: () => charColumns,
    lastError: () => refused,
    remember: (error: unknown) => {
      if (error instanceof pg.DatabaseError) refused = error
    },
    query: async (sql: string) => {
      await pool.query(sql)
    },
    close: () => pool.end(),
  }
}

type RowDescription = { fields: { dataTypeID: number }[] }

// adapter-pg refuses the catalogue's type "char", which the engine reads: it passes as bpchar, and `queryRaw` below
// gives the column its real type back
function takeCharColumns({ fields }: RowDescription): number[] {
  return fields.flatMap((field, index) => {
    if (field.dataTypeID !== CATALOG_CHAR) return []
    field.dataTypeID = BPCHAR
    return [index]
  })
}

function adapterFactory(
  connection: Connection,
  shadow: () => Promise<ShadowDatabase>,
): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => adapter(connection, async () => {}),
    connectToShadowDb: async () => {
      const { url, drop } = await shadow()
      const own = connectOnce(url)
      return adapter(own, async () => {
        await own.close()
        await drop()
      })
    },
  }
}

async function adapter(connection: Connection, dispose: () => Promise<void>): Promise<SqlDriverAdapter> {
  const inner = await new PrismaPg(connection.pool).connect()
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: async (query) => {
      const result = await inner.queryRaw(query)
      for (const index of connection.charColumns()) result.columnTypes[index] = ColumnTypeEnum.Character
      return result
    },
    executeRaw: (query) => inner.executeRaw(query),
    startTransaction: (isolationLevel) => inner.startTransaction(isolationLevel),
    getConnectionInfo: () => inner.getConnectionInfo(),
    // adapter-pg splits a script at every semicolon, also inside a function's body; PostgreSQL takes it whole
    executeScript: async (script) => {
      try {
        await connection.pool.query(script)
      } catch (error) {
        connection.remember(error)
        throw asAdapterError(error)
      }
    },
    dispose,
  }
}

function asAdapterError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  const { message, detail, column, hint, code = 'N/A', severity = 'ERROR' } = error
  return new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint })
}
