import { randomUUID } from 'node:crypto'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ask, createAsk } from '../../src/platform/reading/ask.ts'
import { useTestApp } from '../kit/app.ts'
import { createWorld, type Person, type Tenant } from '../kit/world.ts'
import { recordStatements } from '../lists/plans.ts'

const sent = recordStatements()
const app = useTestApp()
const PEOPLE = 24

interface Neighbour {
  person: Person
  tenant: Tenant
}

const WORKSPACE = 'query Own($id: ID!) { workspace(id: $id) { id organization { name } } }'
const LIST =
  'query List($id: ID!) { organization(id: $id) { id workspaces(first: 5) { nodes { id } } members(first: 5) { nodes { user { email } } } } }'
const VIEWER =
  'query Who { viewer { user { email } organizations { nodes { id } } workspaces { nodes { id } } } }'

let neighbours: Neighbour[]

beforeAll(async () => {
  const world = createWorld(app.current)
  neighbours = []
  for (let nth = 0; nth < PEOPLE; nth++) {
    const tenant = await world.tenant()
    neighbours.push({ person: tenant.owner, tenant })
  }
  // Documents that are not known yet are Yoga's, one by one.
  for (const one of neighbours.slice(0, 3)) await askAll(one)
}, 120_000)

const askAll = ({ person, tenant }: Neighbour) =>
  Promise.all([
    app.current.run(WORKSPACE, { id: tenant.first.id }, person.token),
    app.current.run(LIST, { id: tenant.id }, person.token),
    app.current.run(VIEWER, {}, person.token),
  ])

describe('requests of one moment', () => {
  test('share their statements, and each has the answer that it has alone', async () => {
    const alone = []
    for (const one of neighbours) alone.push(await askAll(one))
    sent.length = 0
    const together = await Promise.all(neighbours.map(askAll))
    expect(together).toEqual(alone)
    for (const [nth, [workspace]] of together.entries())
      expect(workspace?.data).toMatchObject({ workspace: { id: neighbours[nth]?.tenant.first.id } })
    // Alone each request takes two.
    expect(sent.length).toBeLessThan(PEOPLE * 3)
    expect(Math.max(...sent.map(sharers))).toBeGreaterThan(4)
    expect(Math.max(...sent.map(sharers))).toBeLessThanOrEqual(16)
  })

  test('T12 show nobody what is their neighbours’, and refuse each by themselves', async () => {
    const asked = neighbours.map(({ person }, nth) => {
      const other = neighbours[(nth + 1) % PEOPLE] as Neighbour
      const id = nth % 2 ? other.tenant.first.id : neighbours[nth]?.tenant.first.id
      return app.current.run(WORKSPACE, { id }, person.token)
    })
    const nobody = app.current.run(WORKSPACE, { id: neighbours[0]?.tenant.first.id }, 'x'.repeat(32))
    const answers = await Promise.all(asked)
    for (const [nth, { data, errors }] of answers.entries()) {
      const codes = errors?.map(({ extensions }) => extensions?.code)
      if (nth % 2) expect({ data, codes }).toEqual({ data: { workspace: null }, codes: ['NOT_FOUND'] })
      else expect(codes).toBeUndefined()
    }
    expect((await nobody).errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED')
  })

  test('an ended session among them is nobody’s but its own', async () => {
    const [ended, ...others] = neighbours as [Neighbour, ...Neighbour[]]
    const { db } = app.current.services
    await db.session.updateMany({
      where: { userId: ended.person.userId },
      data: { expiresAt: new Date(Date.now() - 1000) },
    })
    const answers = await Promise.all(
      neighbours.map(({ person }) => app.current.run(VIEWER, {}, person.token)),
    )
    expect(answers[0]?.data).toEqual({ viewer: null })
    for (const [nth, { data }] of answers.slice(1).entries())
      expect(data).toMatchObject({ viewer: { user: { email: others[nth]?.person.email } } })
  })
})

/** How many share a statement. */
function sharers({ text, values }: { text: string; values: unknown[] }): number {
  if (!text.includes('json_to_recordset($1) a')) return 1
  return (JSON.parse(String(values[0])) as unknown[]).length
}

describe('a statement that is shared', () => {
  let pool: pg.Pool
  let ask: Ask
  beforeAll(() => {
    pool = new pg.Pool({ connectionString: app.current.databaseUrl, max: 4 })
    ask = createAsk(pool, () => undefined)
  })
  afterAll(() => pool.end())

  test('fails for the one who makes it fail', async () => {
    const text = 'SELECT a.nth, (12 / a.by)::text FROM json_to_recordset($1) a (nth int, by int)'
    const divisors = [1, 2, 0, 3, 0, 4]
    const answers = await Promise.allSettled(divisors.map((by) => ask(text, { by })))
    expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))).toEqual([
      12,
      6,
      'failed',
      4,
      'failed',
      3,
    ])
  })

  test('a database that is away is tried a few times, not once for each who waits', async () => {
    let tries = 0
    const sockets: Socket[] = []
    const silent = createServer((socket) => {
      tries++
      sockets.push(socket)
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const away = new pg.Pool({ host: '127.0.0.1', port, max: 10, connectionTimeoutMillis: 200 })
    try {
      const asking = createAsk(away, () => undefined)
      const text = 'SELECT a.nth, to_json(a.n)::text FROM json_to_recordset($1) a (nth int, n int)'
      const answers = await Promise.allSettled(Array.from({ length: 200 }, (_, n) => asking(text, { n })))
      expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(200)
      expect(tries).toBeLessThanOrEqual(4)
    } finally {
      for (const socket of sockets) socket.destroy()
      silent.close()
      await away.end()
    }
  })

  test('answers nothing to whom it has nothing for', async () => {
    const text = `SELECT a.nth, CASE WHEN a.n < 9 THEN to_json(a.n)::text END
      FROM json_to_recordset($1) a (nth int, n int) WHERE a.n > 2`
    expect(await Promise.all([1, 5, 9, 3].map((n) => ask(text, { n })))).toEqual([null, 5, null, 3])
  })

  test('serves many more than fit into one, each its own', async () => {
    const text = 'SELECT a.nth, to_json(a.own)::text FROM json_to_recordset($1) a (nth int, own text)'
    const own = Array.from({ length: 300 }, () => randomUUID())
    sent.length = 0
    expect(await Promise.all(own.map((one) => ask(text, { own: one })))).toEqual(own)
    const sizes = sent.map(sharers)
    expect(Math.max(...sizes)).toBe(16)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(300)
  })

  test('takes every text that the driver takes alone, and writes half of a character as it does', async () => {
    const text = 'SELECT a.nth, to_json(a.own)::text FROM json_to_recordset($1) a (nth int, own text)'
    const strange = ['\\ud800', 'a\ud800b', '\udc00\ud83d\ude00', '"\\"', '\\\ud800', '$1 {} [] \t\u2028']
    expect(await Promise.all(strange.map((own) => ask(text, { own })))).toEqual(
      strange.map((one) => Buffer.from(one).toString()),
    )
  })
})
