import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import {
  applyMigrations,
  DatabaseUnreachable,
  MigrationFailed,
  migrationsFolder,
  pendingMigrations,
  readMigrations,
} from '../../src/platform/migrate.ts'
import { createShadowDatabase } from '../../src/platform/schema-engine.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let box: string
let server: EmbeddedPostgres | undefined
let url: string
let folder: string

beforeAll(async () => {
  box = await mkdtemp(join(tmpdir(), 'atrium-migrate-'))
  if (!process.env.TEST_DATABASE_URL) {
    server = await startEmbeddedPostgres({ dataDir: join(box, 'data'), durable: false })
  }
})

afterAll(async () => {
  await server?.stop()
  await rm(box, { recursive: true, force: true })
})

beforeEach(async () => {
  const database = await createShadowDatabase(process.env.TEST_DATABASE_URL ?? server?.url ?? '')
  url = database.url
  folder = await mkdtemp(join(box, 'migrations-'))
  return database.drop
})

describe('the migrations of Atrium', () => {
  test('are applied once, in order, and entered in _prisma_migrations', async () => {
    const names = (await readMigrations()).migrationDirectories.map(({ path }) => path)
    expect(await pendingMigrations(url)).toEqual(names)
    expect(await applyMigrations(url)).toEqual({ applied: names })
    expect(await pendingMigrations(url)).toEqual([])
    expect(await applyMigrations(url)).toEqual({ applied: [] })
    expect(
      await ask(
        'select migration_name as name from _prisma_migrations where finished_at is not null order by started_at',
      ),
    ).toEqual(names.map((name) => ({ name })))
  })

  test('are found next to the package', () => {
    expect(migrationsFolder()).toMatch(/prisma\/migrations$/)
  })

  test('are applied once when several processes boot at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => applyMigrations(url)))
    expect(outcomes.filter(({ applied }) => applied.length > 0)).toHaveLength(1)
  })

  test('that came later are added to a database in use', async () => {
    await cp(migrationsFolder(), folder, { recursive: true })
    await applyMigrations(url, folder)
    await migration('20991231000000_later', 'create table later (id int);')
    expect(await pendingMigrations(url, folder)).toEqual(['20991231000000_later'])
    expect(await applyMigrations(url, folder)).toEqual({ applied: ['20991231000000_later'] })
  })
})

describe('a migration', () => {
  test('may hold functions: a semicolon inside a body does not end the statement', async () => {
    await migration(
      '1_function',
      `create function answer() returns int language plpgsql as $$ begin perform 1; return 42; end $$;
       -- a comment; with a semicolon
       create table answers (text text default 'a;b');`,
    )
    await applyMigrations(url, folder)
    expect(await ask('select answer()')).toEqual([{ answer: 42 }])
  })

  test('that fails is named with what PostgreSQL says, and leaves nothing behind', async () => {
    await migration('1_good', 'create table good (id int);')
    await migration('2_bad', 'create table half (id int); create table half (id int);')
    const failure = await applyMigrations(url, folder).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(MigrationFailed)
    expect(failure).toMatchObject({
      migration: '2_bad',
      message: 'The migration 2_bad failed and was rolled back: relation "half" already exists.',
    })
    expect(await ask(`select to_regclass('good') is not null as good, to_regclass('half') as half`)).toEqual([
      { good: true, half: null },
    ])
    expect(await pendingMigrations(url, folder)).toEqual(['2_bad'])
  })

  test('that was corrected is applied by the next start', async () => {
    await migration('1_table', 'create tabel t (id int);')
    await expect(applyMigrations(url, folder)).rejects.toThrow(/syntax error at or near "tabel"/)
    await migration('1_table', 'create table t (id int);')
    expect(await applyMigrations(url, folder)).toEqual({ applied: ['1_table'] })
  })

  test('that Prisma left unfinished is reported instead of being run a second time', async () => {
    await migration('1_table', 'create table t (id int);')
    await applyMigrations(url, folder)
    await ask('update _prisma_migrations set finished_at = null')
    await expect(applyMigrations(url, folder)).rejects.toThrow(/The migration 1_table .*migrate resolve/)
    await expect(pendingMigrations(url, folder)).rejects.toBeInstanceOf(MigrationFailed)
  })
})

describe('a database that can not be reached is named, without its password', () => {
  test.each([
    ['a closed port', 'postgresql://u:secret@127.0.0.1:1/app', /app at 127\.0\.0\.1:1 .*ECONNREFUSED/],
    ['a missing host', 'postgresql://u:secret@nowhere.invalid/app', /app at nowhere\.invalid:5432/],
  ])('%s', async (_, address, sentence) => {
    const failure = await applyMigrations(address).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DatabaseUnreachable)
    expect(String(failure)).toMatch(sentence)
    expect(String(failure)).not.toContain('secret')
  })

  test('a wrong password', async () => {
    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(pendingMigrations(wrong.toString())).rejects.toThrow(/password authentication failed/)
  })
})

async function migration(name: string, sql: string) {
  await mkdir(join(folder, name), { recursive: true })
  await writeFile(join(folder, name, 'migration.sql'), sql)
}

async function ask(sql: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  return (await client.query(sql).finally(() => client.end())).rows
}
