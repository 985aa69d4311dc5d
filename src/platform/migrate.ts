import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MigrationList } from '@prisma/schema-engine-wasm'
import pg from 'pg'
import { type EngineConnection, openSchemaEngine } from './schema-engine.ts'

/** The database can not be brought up to date; the message is one sentence for the person who started it. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

/** Nothing answers at the address, or it does not let us in. */
export class DatabaseUnreachable extends MigrationError {
  override name = 'DatabaseUnreachable'

  constructor(databaseUrl: string, cause: unknown) {
    super(`The database ${describe(databaseUrl)} can not be reached: ${messageOf(cause)}.`, { cause })
  }
}

/** The server is older than what the migrations need. */
export class ServerTooOld extends MigrationError {
  override name = 'ServerTooOld'

  constructor(readonly version: string) {
    super(`PostgreSQL ${version} is too old: Atrium needs ${OLDEST_MAJOR} or later.`)
  }
}

/** One migration was refused; the database is as it was before it. */
export class MigrationFailed extends MigrationError {
  override name = 'MigrationFailed'

  constructor(
    readonly migration: string,
    cause: unknown,
  ) {
    super(`The migration ${migration} failed and was rolled back: ${messageOf(cause)}.`, { cause })
  }
}

const OLDEST_MAJOR = 15
const CONNECT_TIMEOUT_MS = 10_000
// any number: it only has to be the same in every process
const LOCK_KEY = 4_817_260_013
const HISTORY = `
  select migration_name as name, finished_at is not null as finished
  from _prisma_migrations where rolled_back_at is null`

/**
 * Brings the database up to date. Several processes may do so at once: one works, the others wait.
 *
 * Each migration runs in one transaction with its entry in `_prisma_migrations`, so a failure or a crash leaves
 * nothing half-done and the next start simply goes on.
 *
 * @returns the names of the migrations that this call applied, in order.
 * @throws DatabaseUnreachable, ServerTooOld, MigrationFailed.
 */
export async function applyMigrations(
  databaseUrl: string,
  folder = migrationsFolder(),
): Promise<{ applied: string[] }> {
  const client = await connect(databaseUrl)
  try {
    await refuseOldServer(client)
    const all = await readMigrations(folder)
    if ((await pendingIn(client, all)).length === 0) return { applied: [] }
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY])
    const pending = await pendingIn(client, all)
    if (pending.length > 0) await applyInOrder(databaseUrl, all, pending)
    return { applied: pending }
  } finally {
    await client.end()
  }
}

/**
 * Names the migrations that the database still lacks: the readiness probe's question. One query, no engine.
 *
 * @throws DatabaseUnreachable.
 */
export async function pendingMigrations(databaseUrl: string, folder = migrationsFolder()): Promise<string[]> {
  const client = await connect(databaseUrl)
  try {
    return await pendingIn(client, await readMigrations(folder))
  } finally {
    await client.end()
  }
}

/** Reads a migrations folder the way the engine takes it. */
export async function readMigrations(folder = migrationsFolder()): Promise<MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"' },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (path) => {
        const value = await readFile(join(folder, path, 'migration.sql'), 'utf8')
        return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } }
      }),
    ),
  }
}

/** `prisma/migrations` of this package, whether we run from src, from dist or from a script. */
export function migrationsFolder(): string {
  for (
    let folder = dirname(fileURLToPath(import.meta.url));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    const candidate = join(folder, 'prisma', 'migrations')
    if (existsSync(candidate)) return candidate
  }
  throw new MigrationError('The folder prisma/migrations is missing: deploy it beside dist.')
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  try {
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'atrium migrate',
    })
    client.on('error', () => {})
    await client.connect()
    return client
  } catch (error) {
    throw new DatabaseUnreachable(databaseUrl, error)
  }
}

async function refuseOldServer(client: pg.Client) {
  const { rows } = await client.query<{ number: string; version: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as version`,
  )
  const row = rows[0]
  if (row && Number(row.number) < OLDEST_MAJOR * 10_000) throw new ServerTooOld(row.version)
}

async function pendingIn(client: pg.Client, all: MigrationList): Promise<string[]> {
  const history = await client.query<{ name: string; finished: boolean }>(HISTORY).catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) return { rows: [] }
    throw error
  })
  const finished = new Set(history.rows.filter((row) => row.finished).map((row) => row.name))
  const unfinished = history.rows.find((row) => !row.finished && !finished.has(row.name))
  if (unfinished) throw new MigrationFailed(unfinished.name, new Error(UNFINISHED))
  return all.migrationDirectories.map(({ path }) => path).filter((name) => !finished.has(name))
}

const UNDEFINED_TABLE = '42P01'
const UNFINISHED =
  'Prisma left it unfinished; repair the database, then run npx prisma migrate resolve for it'

async function applyInOrder(databaseUrl: string, all: MigrationList, pending: string[]) {
  const connection = await openSchemaEngine(databaseUrl)
  try {
    for (const migration of pending) await applyOne(connection, upTo(all, migration), migration)
  } finally {
    await connection.close()
  }
}

async function applyOne(connection: EngineConnection, migrationsList: MigrationList, migration: string) {
  await connection.query('begin')
  try {
    await connection.engine.applyMigrations({
      migrationsList,
      filters: { externalTables: [], externalEnums: [] },
    })
    await connection.query('commit')
  } catch (error) {
    await connection.query('rollback').catch(() => {})
    throw new MigrationFailed(migration, connection.lastError() ?? error)
  }
}

function upTo(all: MigrationList, last: string): MigrationList {
  const end = all.migrationDirectories.findIndex(({ path }) => path === last)
  return { ...all, migrationDirectories: all.migrationDirectories.slice(0, end + 1) }
}

function describe(databaseUrl: string): string {
  try {
    const { hostname, port, pathname } = new URL(databaseUrl)
    return `${pathname.slice(1)} at ${hostname}:${port || '5432'}`
  } catch {
    return 'of DATABASE_URL'
  }
}

function messageOf(error: unknown): string {
  // a refused connection to several addresses of one name is an AggregateError with an empty message
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
}
