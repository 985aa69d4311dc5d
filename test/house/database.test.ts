import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { databaseUrl, withClient } from '../kit/cluster.ts'

/** Tables that belong to no organization, each for a reason; every other one is a tenant's. */
const PLATFORM = new Set([
  'user', // people are of the whole instance
  'session',
  'invite_quota',
  'account',
  'verification',
  'access_token',
  'idempotency_key', // a person's, wherever their call leads
  'rate_limit', // counts attempts, by a fingerprint of who tries
  'organization', // the tenant itself
  'event_stream', // refers to nobody by foreign key: it outlives what it tells of
  'event',
])

/** Columns whose name sounds like a secret, and why none is in them. */
const NO_SECRETS: Record<string, string> = {
  'session.token': 'the SHA-256 of the token',
  'event_subscription.sealed_secret': 'sealed: messages are signed with it',
  'event_subscription.previous_sealed_secret': 'likewise, until a rotation is over',
  'account.password': 'a slow, salted hash',
  'operation.access_token_id': 'the id of a token, not the token',
  'account.access_token': 'of an external provider; empty, because none is configured',
  'account.refresh_token': 'likewise',
  'account.id_token': 'likewise',
}
const SECRET = /(token|secret|password|passphrase|private|credential|(^|_)code)(?!.*_(hash|at)$)/

interface Column {
  table: string
  column: string
  type: string
  nullable: boolean
}

interface ForeignKey {
  name: string
  table: string
  columns: string[]
  target: string
  targetColumns: string[]
}

let name: string
let columns: Column[]
let foreignKeys: ForeignKey[]
let indexes: { table: string; name: string; columns: string[]; predicate: string | null; unique: boolean }[]

beforeAll(async () => {
  name = `house_${randomBytes(6).toString('hex')}`
  await withClient(inject('serverUrl'), (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${inject('templateName')}`),
  )
  await withClient(databaseUrl(inject('serverUrl'), name), async (client) => {
    columns = await readColumns(client)
    foreignKeys = await readForeignKeys(client)
    indexes = await readIndexes(client)
  })
})

afterAll(() =>
  withClient(inject('serverUrl'), (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`)),
)

async function readColumns(client: pg.Client): Promise<Column[]> {
  const { rows } = await client.query(`
    SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
           NOT a.attnotnull AS nullable
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE '\\_%'
    ORDER BY 1, a.attnum`)
  return rows
}

async function readForeignKeys(client: pg.Client): Promise<ForeignKey[]> {
  const named = (relation: string, keys: string) => `
    (SELECT array_agg(a.attname::text ORDER BY k.nth) FROM unnest(c.${keys}) WITH ORDINALITY AS k (attnum, nth)
     JOIN pg_attribute a ON a.attrelid = c.${relation} AND a.attnum = k.attnum)`
  const { rows } = await client.query(`
    SELECT c.conname AS name, s.relname AS table, ${named('conrelid', 'conkey')} AS columns,
           t.relname AS target, ${named('confrelid', 'confkey')} AS "targetColumns"
    FROM pg_constraint c JOIN pg_class s ON s.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid
    WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace`)
  return rows
}

async function readIndexes(client: pg.Client): Promise<typeof indexes> {
  const { rows } = await client.query(`
    SELECT t.relname AS table, x.relname AS name, i.indisunique AS unique, pg_get_expr(i.indpred, i.indrelid) AS predicate,
           (SELECT array_agg(coalesce(a.attname::text, '(expression)') ORDER BY k.nth)
            FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, nth)
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum) AS columns
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE t.relnamespace = 'public'::regnamespace AND i.indisvalid`)
  return rows
}

const tables = () => [...new Set(columns.map(({ table }) => table))]
const tenantTables = () => tables().filter((table) => !PLATFORM.has(table))
const columnsOf = (table: string) => columns.filter((column) => column.table === table)

test('the catalogue was read', () => {
  expect(tables()).toEqual(
    expect.arrayContaining(['organization', 'workspace', 'workspace_member', 'invite']),
  )
  expect(foreignKeys.length).toBeGreaterThan(10)
})

test('lesson 17: every foreign key has an index that begins with its columns', () => {
  const bare = foreignKeys.filter(
    (key) =>
      !indexes.some((index) => {
        const leading = index.columns.slice(0, key.columns.length)
        return (
          index.table === key.table &&
          index.predicate === null &&
          key.columns.every((column) => leading.includes(column))
        )
      }),
  )
  expect(bare.map(({ table, columns: of }) => `${table} (${of.join(', ')})`)).toEqual([])
})

describe('tenancy (T12)', () => {
  test('every tenant row names its organization', () => {
    const anonymous = tenantTables().filter((table) => {
      const column = columnsOf(table).find((one) => one.column === 'organization_id')
      return !column || column.nullable
    })
    expect(anonymous).toEqual([])
    const loose = tenantTables().filter(
      (table) =>
        !foreignKeys.some(
          (key) =>
            key.table === table && key.target === 'organization' && key.columns[0] === 'organization_id',
        ),
    )
    expect(loose).toEqual([])
  })

  test('a reference from tenant to tenant takes the organization along', () => {
    const between = foreignKeys.filter(
      ({ table, target }) => tenantTables().includes(table) && tenantTables().includes(target),
    )
    expect(between.length).toBeGreaterThan(3)
    const simple = between.filter(({ columns: of, targetColumns }) => {
      const at = of.indexOf('organization_id')
      return at < 0 || targetColumns[at] !== 'organization_id'
    })
    expect(simple.map(({ table, columns: of }) => `${table} (${of.join(', ')})`)).toEqual([])
  })

  test('a column that is called like a reference is one', () => {
    const known = new Set(
      foreignKeys.flatMap(({ table, columns: of }) => of.map((column) => `${table}.${column}`)),
    )
    const loose = tenantTables()
      .flatMap(columnsOf)
      .filter(({ type, column }) => type === 'uuid' && column.endsWith('_id'))
      .map(({ table, column }) => `${table}.${column}`)
    expect(loose.filter((column) => !known.has(column))).toEqual([])
  })

  test('a list of an organization has an index in its order', () => {
    const listed = ['workspace', 'role', 'organization_member', 'workspace_member', 'invite']
    const bare = listed.filter(
      (table) =>
        !indexes.some(
          (index) =>
            index.table === table &&
            index.columns[0] === 'organization_id' &&
            /,created_at,id(,name,deleted_at)?$/.test(index.columns.join()),
        ),
    )
    expect(bare).toEqual([])
  })
})

describe('columns', () => {
  test('W11 every time is a timestamptz, and is called _at', () => {
    const odd = columns.filter(
      ({ column, type }) =>
        /timestamp|^date|^time/.test(type) !== /_at$/.test(column) ||
        (/timestamp|^date|^time/.test(type) && type !== 'timestamp(3) with time zone'),
    )
    expect(odd.map(({ table, column, type }) => `${table}.${column} ${type}`)).toEqual([])
  })

  test('every id is a uuid', () => {
    const odd = columns.filter(
      ({ table, column, type }) =>
        /^id$|_id$/.test(column) && type !== 'uuid' && !['account', 'event'].includes(table),
    )
    expect(odd.map(({ table, column, type }) => `${table}.${column} ${type}`)).toEqual([])
  })

  test('lesson 8: every address is citext', () => {
    const odd = columns.filter(({ column, type }) => /email$/.test(column) && type !== 'citext')
    expect(odd.map(({ table, column }) => `${table}.${column}`)).toEqual([])
  })

  test('lesson 10: a secret is stored as its hash, and its column says so', () => {
    const clear = columns
      .filter(({ column, type }) => SECRET.test(column) && !type.startsWith('timestamp'))
      .map(({ table, column }) => `${table}.${column}`)
    expect(clear.filter((column) => !NO_SECRETS[column])).toEqual([])
    expect(Object.keys(NO_SECRETS).filter((column) => !clear.includes(column))).toEqual([])
  })

  test('names are snake_case', () => {
    const all = columns.flatMap(({ table, column }) => [table, column])
    expect(all.filter((one) => !/^[a-z]+[a-z0-9]*(_[a-z0-9]+)*$/.test(one))).toEqual([])
  })
})

test('lesson 14: what has to be unique is an index', () => {
  const unique = (table: string) =>
    indexes.filter((index) => index.table === table && index.unique).map((index) => index.columns.join())
  expect(unique('user')).toContain('email')
  expect(unique('organization')).toContain('slug')
  expect(unique('workspace')).toEqual(expect.arrayContaining(['organization_id,key', 'database_name']))
  expect(unique('role')).toContain('organization_id,scope,key')
  expect(unique('organization_member')).toContain('organization_id,user_id')
  expect(unique('workspace_member')).toContain('workspace_id,user_id')
  expect(unique('invite')).toEqual(
    expect.arrayContaining(['token_hash', 'organization_id,workspace_id,email']),
  )
})
