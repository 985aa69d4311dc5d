import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { newId } from '../../src/platform/ids.ts'
import { useTestApp } from '../kit/app.ts'
import { createWorld, type Tenant } from '../kit/world.ts'

const app = useTestApp()

interface Page {
  nodes: { key: string; name: string }[]
  edges: { cursor: string }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string }
}

const QUERY = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $orderBy: String, $sort: [WorkspaceSort!], $filter: String, $deleted: Deleted) {
  organization(id: $id) {
    workspaces(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, sort: $sort, filter: $filter, deleted: $deleted) {
      nodes { key name } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`

async function ask(tenant: Tenant, variables: Record<string, unknown>) {
  return app.current.run<{ organization: { workspaces: Page } | null }>(
    QUERY,
    { id: tenant.id, ...variables },
    tenant.owner.token,
  )
}

async function pageOf(tenant: Tenant, variables: Record<string, unknown>): Promise<Page> {
  const { data, errors } = await ask(tenant, variables)
  expect(errors).toBeUndefined()
  if (!data.organization) throw new Error('No page')
  return data.organization.workspaces
}

async function refusalOf(tenant: Tenant, variables: Record<string, unknown>) {
  const { errors } = await ask(tenant, variables)
  const [error] = errors ?? []
  expect(error?.path).toEqual(['organization', 'workspaces'])
  expect(error?.extensions.code).toBe('BAD_USER_INPUT')
  return error?.extensions.reason
}

/** Rows whose keys of an order are often equal, and sometimes absent. */
async function manyWorkspaces(tenant: Tenant, count: number): Promise<void> {
  const day = (number: number) => new Date(Date.UTC(2026, 0, 1 + number))
  await app.current.services.db.workspace.createMany({
    data: Array.from({ length: count }, (_, index) => ({
      id: newId(),
      organizationId: tenant.organizationId,
      key: `k-${index}`,
      databaseName: `d_${tenant.slug.replaceAll('-', '_').slice(0, 30)}_${index}`,
      name: ['b', 'B', 'a%', 'é'][index % 4] as string,
      createdAt: day(index % 3),
      deletedAt: index % 2 ? null : day(index % 5),
    })),
  })
}

const all = async (tenant: Tenant, variables: Record<string, unknown>, backward: boolean) => {
  const keys: string[] = []
  let cursor: string | null = null
  for (;;) {
    const paging: Record<string, unknown> = backward
      ? { last: 7, before: cursor }
      : { first: 7, after: cursor }
    const { nodes, pageInfo }: Page = await pageOf(tenant, { ...variables, ...paging })
    const found = nodes.map(({ key }) => key)
    if (backward) keys.unshift(...found)
    else keys.push(...found)
    const more = backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage
    if (!more) return keys
    cursor = backward ? pageInfo.startCursor : pageInfo.endCursor
  }
}

const tenantWith = async (count: number) => {
  const tenant = await createWorld(app.current).tenant()
  await manyWorkspaces(tenant, count)
  return tenant
}

describe('orders', () => {
  test.each([
    '',
    'title',
    'title desc, create_time',
    'delete_time, title desc',
    'delete_time desc',
    'create_time desc, delete_time desc, key',
  ])(
    'P5 P10 pages of "%s" hold every row once, forward and backward, in the order of one large page',
    async (orderBy) => {
      const tenant = await tenantWith(40)
      const variables = { orderBy, deleted: 'INCLUDE' }
      const { nodes } = await pageOf(tenant, { ...variables, first: 1000 })
      const whole = nodes.map(({ key }) => key)
      expect(new Set(whole).size).toBe(41)
      expect(await all(tenant, variables, false)).toEqual(whole)
      expect(await all(tenant, variables, true)).toEqual(whole)
    },
  )

  test('P10 rows without a value come last, whichever way the key runs', async () => {
    const tenant = await tenantWith(6)
    for (const orderBy of ['delete_time', 'delete_time desc']) {
      const { nodes } = await pageOf(tenant, { orderBy, deleted: 'INCLUDE' })
      expect(nodes.slice(0, 3).every(({ key }) => ['k-0', 'k-2', 'k-4'].includes(key))).toBe(true)
    }
  })

  test('P12 sort says what orderBy says, and both at once are refused', async () => {
    const tenant = await tenantWith(10)
    const sort = [{ field: 'NAME', direction: 'DESC' }, { field: 'CREATED_AT' }]
    const typed = await pageOf(tenant, { sort, first: 3 })
    const said = await pageOf(tenant, { orderBy: ' title  desc ,created_at ', first: 3 })
    expect(typed).toEqual(said)
    expect(await refusalOf(tenant, { sort, orderBy: 'title' })).toBe('INVALID_ORDER')
  })

  test.each([
    'size',
    'title up',
    'title desc asc',
    'title,',
    ',',
    'title, title desc',
    'title; DROP TABLE workspace',
  ])('P10 the order "%s" is refused', async (orderBy) => {
    const tenant = await createWorld(app.current).tenant()
    expect(await refusalOf(tenant, { orderBy })).toBe('INVALID_ORDER')
  })
})

describe('page sizes', () => {
  test('P1 P2 absent and 0 are 50, more than 1000 is 1000, and a negative one is refused', async () => {
    const tenant = await tenantWith(1100)
    const size = async (variables: object) =>
      (await pageOf(tenant, { deleted: 'INCLUDE', ...variables })).nodes.length
    expect(await size({})).toBe(50)
    expect(await size({ first: 0 })).toBe(50)
    expect(await size({ last: 0 })).toBe(50)
    expect(await size({ first: 5000 })).toBe(1000)
    expect(await size({ last: 2147483647 })).toBe(1000)
    expect(await refusalOf(tenant, { first: -1 })).toBe('INVALID_PAGE')
    expect(await refusalOf(tenant, { last: -1 })).toBe('INVALID_PAGE')
  })

  test('P3 both directions at once are refused', async () => {
    const tenant = await tenantWith(3)
    const { pageInfo } = await pageOf(tenant, { first: 1 })
    const { endCursor } = pageInfo
    expect(await refusalOf(tenant, { first: 1, before: endCursor })).toBe('INVALID_PAGE')
    expect(await refusalOf(tenant, { first: 1, last: 1 })).toBe('INVALID_PAGE')
    expect(await refusalOf(tenant, { last: 1, after: endCursor })).toBe('INVALID_PAGE')
    expect(await refusalOf(tenant, { after: endCursor, before: endCursor })).toBe('INVALID_PAGE')
  })

  test('P3 before alone reads the rows next to it', async () => {
    const tenant = await tenantWith(6)
    const whole = await pageOf(tenant, { deleted: 'INCLUDE' })
    const before = whole.edges[3]?.cursor
    const { nodes } = await pageOf(tenant, { deleted: 'INCLUDE', before, last: 2 })
    expect(nodes).toEqual(whole.nodes.slice(1, 3))
  })
})

describe('cursors', () => {
  test('P4 a cursor is bound to list, parent, filter, order and every argument but the page size', async () => {
    const tenant = await tenantWith(10)
    const other = await tenantWith(3)
    const asked = { filter: 'title:b', orderBy: 'title' }
    const { pageInfo } = await pageOf(tenant, { ...asked, first: 2 })
    const after = pageInfo.endCursor
    expect(
      (await pageOf(tenant, { filter: ' title : "b" ', orderBy: 'name asc', first: 5, after })).nodes.length,
    ).toBeGreaterThan(0)
    for (const changed of [
      { filter: 'title:a' },
      { filter: null },
      { orderBy: 'title desc' },
      { orderBy: null },
      { deleted: 'INCLUDE' },
    ])
      expect(await refusalOf(tenant, { ...asked, ...changed, after })).toBe('CURSOR_MISMATCH')
    expect(await refusalOf(other, { ...asked, after })).toBe('CURSOR_MISMATCH')
    const viewer = await app.current.run(
      'query ($after: String) { viewer { workspaces(after: $after, filter: "title:b", orderBy: "title") { totalCount } } }',
      { after },
      tenant.owner.token,
    )
    expect(viewer.errors?.[0]?.extensions.reason).toBe('CURSOR_MISMATCH')
  })

  test('P4 a cursor that was changed or made up is refused', async () => {
    const tenant = await tenantWith(3)
    const { pageInfo } = await pageOf(tenant, { first: 1 })
    const text = Buffer.from(pageInfo.endCursor, 'base64url').toString()
    const forged = [
      text.replace(/"/, "'"),
      `${text.slice(0, 22)}["${tenant.organizationId}",{"not":null},"x"]`,
      text.slice(22),
      '',
      'x',
    ].map((each) => Buffer.from(each).toString('base64url'))
    for (const after of [...forged, `${pageInfo.endCursor}A`, `${pageInfo.endCursor}==`, '%%%'])
      expect(await refusalOf(tenant, { first: 1, after }), after).toBe('CURSOR_MISMATCH')
  })

  test('P5 the page behind a deleted row is the one that would have come', async () => {
    const tenant = await tenantWith(12)
    const variables = { orderBy: 'title, create_time desc', deleted: 'INCLUDE' }
    const whole = await pageOf(tenant, variables)
    const { pageInfo, nodes } = await pageOf(tenant, { ...variables, first: 4 })
    await app.current.services.db.workspace.deleteMany({
      where: { organizationId: tenant.organizationId, key: nodes.at(-1)?.key ?? '' },
    })
    const next = await pageOf(tenant, { ...variables, first: 4, after: pageInfo.endCursor })
    expect(next.nodes).toEqual(whole.nodes.slice(4, 8))
  })
})

describe('churn', () => {
  test.each(['', 'title desc'])(
    'P5 while others insert, change and delete, every row that lives throughout is seen once (order "%s")',
    async (orderBy) => {
      const tenant = await tenantWith(120)
      const { db } = app.current.services
      const { organizationId } = tenant
      const before = await db.workspace.findMany({ where: { organizationId }, select: { key: true } })
      const doomed = new Set(before.filter((_, index) => index % 4 === 0).map(({ key }) => key))
      let running = true
      const churn = async (worker: number): Promise<number> => {
        let writes = 0
        for (; running; writes++) {
          await db.workspace.create({
            data: {
              id: newId(),
              organizationId,
              key: `new-${worker}-${writes}`,
              databaseName: `n_${tenant.slug.replaceAll('-', '_').slice(0, 30)}_${worker}_${writes}`,
              name: ['a', 'b', 'c'][writes % 3] as string,
              createdAt: new Date(Date.UTC(2026, 0, 1 + (writes % 4))),
            },
          })
          // What a row is not ordered by may change under the reader.
          await db.workspace.updateMany({
            where: { organizationId, key: `k-${writes % 120}` },
            data: { description: `${writes}` },
          })
          const [victim = `new-${worker}-${writes - 15}`] = doomed
          doomed.delete(victim)
          await db.workspace.deleteMany({ where: { organizationId, key: victim } })
          await sleep(5)
        }
        return writes
      }
      const gone = new Set(doomed)
      const workers = [churn(1), churn(2), churn(3)]
      const seen: string[][] = []
      for (let round = 0; round < 3; round++) {
        seen.push(await all(tenant, { orderBy, deleted: 'INCLUDE' }, false))
        seen.push(await all(tenant, { orderBy, deleted: 'INCLUDE' }, true))
      }
      running = false
      const writes = await Promise.all(workers)
      expect(Math.min(...writes)).toBeGreaterThan(3)
      const lasting = before.map(({ key }) => key).filter((key) => !gone.has(key))
      for (const keys of seen) {
        expect(new Set(keys).size).toBe(keys.length)
        expect(keys).toEqual(expect.arrayContaining(lasting))
      }
    },
    60_000,
  )
})
