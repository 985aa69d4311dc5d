import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import type { SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'
import { type EngineConnection, openSchemaEngine } from '../src/platform/schema-engine.ts'
import { EMBEDDED_URL } from './embedded-url.ts'
import { openEmbeddedDatabase, throwAwayDatabase } from './project-database.ts'

type Database = { url: string; close(): Promise<void> }
type Request = { id: number; method?: string; params?: unknown }
type Method = (engine: SchemaEngine, params: never) => unknown

// The CLI's names of the methods; an engine method that is not listed is never called from outside.
const METHODS: Record<string, Method> = {
  applyMigrations: (engine, params) => engine.applyMigrations(params),
  createMigration: (engine, params) => engine.createMigration(params),
  dbExecute: (engine, params) => engine.dbExecute(params),
  devDiagnostic: (engine, params) => engine.devDiagnostic(params),
  diagnoseMigrationHistory: (engine, params) => engine.diagnoseMigrationHistory(params),
  diff: (engine, params) => engine.diff(params),
  ensureConnectionValidity: (engine, params) => engine.ensureConnectionValidity(params),
  evaluateDataLoss: (engine, params) => engine.evaluateDataLoss(params),
  getDatabaseVersion: (engine, params) => engine.version(params),
  introspect: (engine, params) => engine.introspect(params),
  introspectSql: (engine, params) => engine.introspectSql(params),
  markMigrationApplied: (engine, params) => engine.markMigrationApplied(params),
  markMigrationRolledBack: (engine, params) => engine.markMigrationRolledBack(params),
  reset: (engine, params) => engine.reset(params),
  schemaPush: (engine, params) => engine.schemaPush(params),
}

const PRISMA_CODES: Record<string, string> = { '28P01': 'P1000', '28000': 'P1010', '3D000': 'P1003' }
const UNREACHABLE = 'P1001'
const RPC_ERROR = 4466

/**
 * Answers the Prisma CLI in the place of its native schema engine: the same arguments, and JSON-RPC over the standard
 * streams. Without DATABASE_URL it works on the embedded server of DATA_DIR, which it starts when Atrium does not run.
 */
export async function main(argv: string[]): Promise<void> {
  if (argv.includes('--version')) return print(`schema-engine-cli ${engineVersion()}`)
  // a panic of the engine surfaces outside of any call
  process.once('uncaughtException', fail)
  // the CLI ends its engine with SIGTERM right after closing the input, which already ends us, in order
  process.on('SIGTERM', () => {})
  const { url = EMBEDDED_URL } = JSON.parse(valuesOf(argv, '--datasource')[0] ?? '{}') as { url?: string }
  try {
    if (argv.includes('cli')) await manageDatabase(argv[argv.indexOf('cli') + 1], url)
    else await serve(url, await readDatamodels(valuesOf(argv, '--datamodels')))
    process.exit(0)
  } catch (error) {
    fail(error)
  }
}

async function manageDatabase(command: string | undefined, url: string) {
  if (command === 'can-connect-to-database') return withDatabase(url, (real) => execute(real, 'select 1'))
  if (command === 'create-database') return withDatabase(url, createDatabase)
  throw new Error(`The command "${command}" is not offered.`)
}

async function createDatabase(url: string) {
  const target = new URL(url)
  const name = decodeURIComponent(target.pathname.slice(1))
  target.pathname = '/postgres'
  await execute(target.toString(), `create database ${pg.escapeIdentifier(name)}`)
}

async function serve(url: string, datamodels: [string, string][]) {
  let database: Database | undefined
  let connection: EngineConnection | undefined
  const connect = async () => {
    database ??= await openDatabase(url)
    connection ??= await openSchemaEngine(database.url, { datamodels, shadow: throwAwayDatabase })
    return connection
  }
  try {
    for await (const line of createInterface({ input: process.stdin })) {
      await answer(JSON.parse(line) as Request, connect)
    }
  } finally {
    await connection?.close()
    await database?.close()
  }
}

async function answer(request: Request, connect: () => Promise<EngineConnection>) {
  const { id, method, params } = request
  // the CLI's replies to our own `print` requests
  if (!method) return
  let connection: EngineConnection | undefined
  try {
    const call = METHODS[method]
    if (!call) throw new Error(`The schema engine has no method ${method}.`)
    connection = await connect()
    const result = (await call(connection.engine, (params ?? {}) as never)) ?? null
    if (method === 'diff') printThroughCli(result)
    send({ id, result })
  } catch (error) {
    send({ id, error: rpcError(error, connection?.lastError() ?? null) })
  }
}

// the native engine has the CLI print a diff; the WASM engine returns it
function printThroughCli(result: unknown) {
  if (result && typeof result === 'object' && 'stdout' in result && typeof result.stdout === 'string') {
    send({ id: 0, method: 'print', params: { content: result.stdout } })
  }
}

function rpcError(error: unknown, refused: Error | null) {
  const text = error instanceof Error ? error.message : String(error)
  const message = refused ? `${text}\n${refused.message}` : text
  return { code: RPC_ERROR, message, data: { is_panic: false, message, meta: null } }
}

async function withDatabase(url: string, work: (url: string) => Promise<void>) {
  const database = await openDatabase(url)
  await work(database.url).finally(() => database.close())
}

async function openDatabase(url: string): Promise<Database> {
  return url === EMBEDDED_URL ? openEmbeddedDatabase() : { url, close: async () => {} }
}

async function execute(url: string, sql: string) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

async function readDatamodels(paths: string[]): Promise<[string, string][]> {
  const files = paths.filter((path) => existsSync(path))
  return Promise.all(
    files.map(async (path): Promise<[string, string]> => [path, await readFile(path, 'utf8')]),
  )
}

function valuesOf(argv: string[], flag: string): string[] {
  return argv.flatMap((value, index) => (argv[index - 1] === flag ? [value] : []))
}

function engineVersion(): string {
  const { version } = createRequire(import.meta.url)('@prisma/engines/package.json') as { version: string }
  return version
}

// the CLI takes the first line of the error stream for a log line of the program and the rest for its own
function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? PRISMA_CODES[String(error.code)] : undefined
  const fields = { message, is_panic: false, error_code: code ?? UNREACHABLE }
  const line = {
    timestamp: new Date().toISOString(),
    level: 'ERROR',
    fields,
    target: 'schema_engine::logger',
  }
  process.stderr.write(`schema engine\n${JSON.stringify(line)}\n`)
  process.exit(1)
}

function send(message: object) {
  print(JSON.stringify({ jsonrpc: '2.0', ...message }))
}

function print(line: string) {
  process.stdout.write(`${line}\n`)
}
