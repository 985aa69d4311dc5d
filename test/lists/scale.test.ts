import { beforeAll, describe, expect, test } from 'vitest'
import { ATRIUM, type Form } from '../../bench/forms.ts'
import { encodeId } from '../../src/graphql/ids.ts'
import { useTestApp } from '../kit/app.ts'
import { withClient } from '../kit/cluster.ts'
import { createWorld, type Person, type Tenant } from '../kit/world.ts'
import { explain, explainForAny, indexesOf, type Plan, recordStatements, rowsTouched } from './plans.ts'

const sent = recordStatements()
const app = useTestApp()

const PEOPLE = 100_000
/** Big workspaces with everybody in them: 100,000 + 9 × 100,000 memberships. */
const WORKSPACES = 9

const uuid = (kind: string, number: string) =>
  `('00000000-0000-7000-8${kind}-' || lpad(to_hex(${number}), 12, '0'))::uuid`

/** One of the big workspaces. */
const BIG = '00000000-0000-7000-8003-000000000001'

let tenant: Tenant
let reader: Person
let big: string

/** Rows are inserted without their triggers and indexes, and indexed afterwards: minutes become seconds. */
async function fill(organizationId: string): Promise<void> {
  const { db } = app.current.services
  const role = async (scope: 'ORGANIZATION' | 'WORKSPACE', key: string) =>
    (await db.role.findFirstOrThrow({ where: { organizationId, scope, key } })).id
  const member = await role('ORGANIZATION', 'MEMBER')
  const viewer = await role('WORKSPACE', 'READ')
  await withClient(app.current.databaseUrl, async (client) => {
    const { rows } = await client.query(`
      SELECT indexname, indexdef FROM pg_indexes
      WHERE tablename IN ('user', 'workspace_member') AND indexname !~ '_pkey$'
      OR tablename = 'organization_member' AND indexdef NOT LIKE '%UNIQUE%'`)
    for (const { indexname } of rows) await client.query(`DROP INDEX "${indexname}"`)
    await client.query(
      "SET session_replication_role = replica; SET maintenance_work_mem = '256MB'; SET synchronous_commit = off",
    )
    await client.query(`INSERT INTO "user" (id, email, name, search_text, email_verified, updated_at)
      SELECT ${uuid('001', 'i')}, h || '@example.com', 'N' || h, 'N' || h || E'\\n' || h || '@example.com', true, now()
      FROM (SELECT i, md5(i::text) AS h FROM generate_series(1, ${PEOPLE}) i) people`)
    await client.query(`INSERT INTO session (id, token, user_id, expires_at, updated_at)
      SELECT ${uuid('007', 'i')}, md5(i::text), ${uuid('001', 'i')}, now() + interval '1 day', now()
      FROM generate_series(1, ${PEOPLE}) i`)
    await client.query(
      `INSERT INTO organization_member (id, organization_id, user_id, role_id, created_at, updated_at)
      SELECT ${uuid('002', 'i')}, $1, ${uuid('001', 'i')}, $2, timestamptz '2026-01-01' + i * interval '1 second', now()
      FROM generate_series(1, ${PEOPLE}) i`,
      [organizationId, member],
    )
    await client.query(
      `INSERT INTO workspace (id, organization_id, key, database_name, name, created_at, updated_at)
      SELECT ${uuid('003', 'i')}, $1, 'w-' || i, 'w' || i, 'Workspace ' || i, timestamptz '2026-01-01' + i * interval '1 hour', now()
      FROM generate_series(1, 5000) i`,
      [organizationId],
    )
    await client.query(
      `INSERT INTO workspace_member (id, organization_id, workspace_id, user_id, role_id, level, created_at, updated_at)
      SELECT gen_random_uuid(), $1, ${uuid('003', 'w')}, user_id, $2, 'READ',
        created_at + w * interval '1 millisecond', now()
      FROM generate_series(1, ${WORKSPACES}) w, organization_member WHERE level IS NULL`,
      [organizationId, viewer],
    )
    for (const { indexdef } of rows) await client.query(indexdef)
    await client.query('VACUUM ANALYZE')
  })
}

beforeAll(async () => {
  tenant = await createWorld(app.current).tenant()
  await fill(tenant.organizationId)
  reader = await tenant.grantee(BIG, 'WRITE')
  big = encodeId('Workspace', BIG)
}, 300_000)

/** Runs a query as the owner and tells how its list was read. */
async function planOf(query: string, variables: Record<string, unknown> = {}) {
  sent.length = 0
  const answer = await app.current.run<{ list: { page: Record<string, never> } }>(
    query,
    variables,
    tenant.owner.token,
  )
  expect(answer.errors).toBeUndefined()
  const statement = sent.findLast(({ text }) => /"(member|workspace)"/.test(text) && /LIMIT/.test(text))
  if (!statement) throw new Error('No list was read')
  return { answer, nodes: await explain(app.current.services.sql.pool, statement) }
}

const TABLES = ['user', 'session', 'organization_member', 'workspace_member', 'workspace']

const scansOf = (nodes: Plan[], table: string) =>
  nodes.filter((node) => node['Relation Name'] === table).map((node) => node['Node Type'])

describe('on 1,000,000 memberships', () => {
  const workspacePage = (args: string) =>
    `query ($id: ID!) { workspace(id: $id) { members(${args}) { nodes { user { fullName } role { key } } pageInfo { endCursor startCursor } } } }`

  test.each([
    ['the first page', 'first: 50'],
    ['the last page', 'last: 50'],
    ['a page of one role scope', 'first: 50, filter: "role_scope = workspace"'],
  ])('P11 %s of a workspace reads its index in order, not the whole list', async (_name, args) => {
    const { nodes } = await planOf(workspacePage(args), { id: big })
    expect(indexesOf(nodes)).toContain('workspace_member_organization_id_workspace_id_created_at_id_idx')
    expect(scansOf(nodes, 'workspace_member')).not.toContain('Seq Scan')
    expect(rowsTouched(nodes)).toBeLessThan(2_000)
  })

  test('P11 P5 a page deep inside starts from the index too', async () => {
    const first = await app.current.run<{ workspace: { members: { pageInfo: { endCursor: string } } } }>(
      workspacePage('first: 1000'),
      { id: big },
      tenant.owner.token,
    )
    const { endCursor } = first.data.workspace.members.pageInfo
    const { nodes } = await planOf(workspacePage(`first: 50, after: "${endCursor}"`), { id: big })
    expect(indexesOf(nodes)).toContain('workspace_member_organization_id_workspace_id_created_at_id_idx')
    expect(rowsTouched(nodes)).toBeLessThan(2_000)
  })

  test('P11 a page of an organization reads its index in order', async () => {
    const { nodes } = await planOf(
      'query ($id: ID!) { organization(id: $id) { members { nodes { user { fullName } } } } }',
      { id: tenant.id },
    )
    expect(indexesOf(nodes)).toContain('organization_member_organization_id_created_at_id_idx')
    expect(rowsTouched(nodes)).toBeLessThan(2_000)
  })

  test('P8 a search among 100,000 members reads the trigram index', async () => {
    const { nodes, answer } = await planOf(workspacePage('filter: "search:\'d3d9446802a\'"'), { id: big })
    expect(JSON.stringify(answer.data)).toContain('d3d9446802a44259755d38e6d163e820')
    expect(indexesOf(nodes)).toContain('user_search')
    expect(scansOf(nodes, 'user')).not.toContain('Seq Scan')
    expect(rowsTouched(nodes)).toBeLessThan(2_000)
  })

  test('O8 a list of ids and names is one read of one index, with no join', async () => {
    const { nodes } = await planOf(
      'query ($id: ID!) { viewer { workspaces(organizationId: $id) { nodes { id name } } } }',
      { id: tenant.id },
    )
    // The function holds what was asked for; rows become JSON behind the list.
    const types = nodes
      .map((node) => node['Node Type'])
      .filter((type) => !/^(Function Scan|Result|Aggregate)$/.test(type))
    expect(types).toEqual(['Limit', 'Index Only Scan'])
    expect(indexesOf(nodes)).toEqual(['workspace_list'])
    expect(rowsTouched(nodes)).toBeLessThan(200)
  })

  test('P6 a count of 100,000 members reads an index of them, once', async () => {
    const { answer, nodes } = await planOf(
      'query ($id: ID!) { workspace(id: $id) { members(first: 1) { totalCount } } }',
      { id: big },
    )
    expect(answer.data).toEqual({ workspace: { members: { totalCount: PEOPLE + 2 } } })
    expect(scansOf(nodes, 'workspace_member')).not.toContain('Seq Scan')
    expect(rowsTouched(nodes)).toBeLessThan(5 * PEOPLE)
  })

  /** Rows that are read however large the tables are; a page that is ordered by names reads all that it chooses among. */
  const MOST = { Q1: 60, Q2: 400, Q3: 2_500, Q4: 12 * PEOPLE, Q5: 500 }

  test.each(Object.entries(MOST))('%s of the benchmark reads no large table whole', async (name, most) => {
    const { query, variables } = ATRIUM[name] as Form
    const given = { person: 0, organization: tenant.organizationId, workspace: BIG, user: '', text: '' }
    for (const { token } of [tenant.owner, reader]) {
      const ask = () => app.current.run(String(query), variables(given) as Record<string, unknown>, token)
      expect((await ask()).errors).toBeUndefined()
      sent.length = 0
      await ask()
      const statements = [...sent]
      expect(statements).toHaveLength(2)
      const { pool } = app.current.services.sql
      const plans = await Promise.all(statements.map((statement) => explain(pool, statement)))
      const nodes = plans.flat()
      for (const table of TABLES) expect(scansOf(nodes, table), table).not.toContain('Seq Scan')
      expect(rowsTouched(nodes)).toBeLessThan(most)
    }
  })
})

describe('beside 200 other organizations, whose roles together are a small table', () => {
  beforeAll(() =>
    withClient(app.current.databaseUrl, async (client) => {
      await client.query('SET session_replication_role = replica')
      await client.query(
        `INSERT INTO organization (id, slug, name, updated_at)
        SELECT ${uuid('004', 'i')}, 'other-' || i, 'Other ' || i, now() FROM generate_series(1, 200) i`,
      )
      await client.query(
        `INSERT INTO role (id, organization_id, scope, key, name, level, built_in, updated_at)
        SELECT gen_random_uuid(), ${uuid('004', 'i')}, r.scope, r.key, r.name, r.level, true, now()
        FROM role r, generate_series(1, 200) i WHERE r.organization_id = $1`,
        [tenant.organizationId],
      )
      await client.query('ANALYZE organization, role')
    }),
  )

  test.each(['M1', 'M2', 'M3'])('%s of the benchmark finds all that it needs by keys', async (name) => {
    const { query, variables } = ATRIUM[name] as Form
    const write = async () => {
      const guest = await createWorld(app.current).person()
      const text = {
        M1: `New ${guest.userId.slice(-8)}`,
        M2: 'WRITE',
        M3: await tenant.invite(guest, BIG, 'READ'),
      }[name] as string
      const { organizationId: organization } = tenant
      const given = { person: 0, organization, workspace: BIG, user: reader.userId, text }
      const { token } = name === 'M3' ? guest : tenant.owner
      sent.length = 0
      const asked = variables(given) as Record<string, unknown>
      expect((await app.current.run(String(query), asked, token)).errors).toBeUndefined()
    }
    // The first of a kind is answered by Yoga, which sends other statements.
    await write()
    await tenant.grant(reader, { kind: 'Workspace', id: BIG }, 'READ')
    await write()
    const statements = sent.filter(({ text }) => text.includes('json_to_recordset($1)'))
    expect(statements.some(({ text }) => /INSERT|UPDATE/.test(text))).toBe(true)
    const { pool } = app.current.services.sql
    for (const statement of statements) {
      const isWrite = /INSERT|UPDATE/.test(statement.text)
      const nodes = await (isWrite ? explainForAny : explain)(pool, statement)
      for (const table of [...TABLES, 'role']) expect(scansOf(nodes, table), table).not.toContain('Seq Scan')
      const reads = nodes.filter((node) => node['Relation Name'] && /Scan/.test(node['Node Type']))
      if (isWrite) for (const read of reads) expect(read['Plan Rows'], JSON.stringify(read)).toBeLessThan(10)
      else expect(rowsTouched(nodes)).toBeLessThan(200)
    }
    const looks = statements.filter(({ text }) => / look_/.test(text))
    expect(looks).toHaveLength(1)
    for (const look of looks) {
      const nodes = await explain(pool, look)
      // It is part of the statement: a function would be a plan to start for each who asks.
      expect(nodes.flatMap((node) => node['Function Name'] ?? [])).toEqual(['json_to_recordset'])
      expect(scansOf(nodes, 'organization_member')).not.toEqual([])
    }
  })
})
