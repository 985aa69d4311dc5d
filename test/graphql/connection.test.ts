import { beforeAll, describe, expect, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { ASKED, type Crowd, gatherCrowd, MANY, standBefore, WAYS } from '../kit/crowd.ts'
import { createWorld, type Person } from '../kit/world.ts'
import { connections } from '../schema/walk.ts'

const app = useTestApp()
let crowd: Crowd

beforeAll(async () => {
  crowd = await gatherCrowd(app.current)
}, 120_000)

interface Page {
  edges: { cursor: string; node: { id: string } }[]
  nodes: { id: string }[]
  pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
  totalCount: number
}

const PAGE =
  'edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount'

/** Asks for one page of a list. `list` is the field with its arguments. */
async function ask(parent: string, list: string, selection = PAGE, person: Person = crowd.viewer) {
  await standBefore(app.current, crowd, parent)
  const field = list.slice(0, list.indexOf('('))
  const asked = list.replace('(', `(${ASKED[`${parent}.${field}`]?.(crowd) ?? ''}`)
  // What became of one workspace of an operation has no id but the key of the workspace.
  const rows = parent === 'Operation' ? selection.replaceAll('{ id }', '{ id: key }') : selection
  const [query = ''] = Object.values(WAYS[parent]?.(crowd, `list: ${asked} { ${rows} }`) ?? {})
  const { data, errors } = await app.current.run<unknown>(query, {}, person.token)
  return { page: listWithin(data) as Page, errors }
}

/** The value of `list`, however deep in an answer. */
function listWithin(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return undefined
  if ('list' in answer) return answer.list
  return Object.values(answer)
    .map(listWithin)
    .find((found) => found !== undefined)
}

/** Another value of a key that rows are ordered by, as a cursor holds it. */
function beside(key: unknown): unknown {
  if (typeof key === 'number') return key + 1
  if (typeof key === 'object' && key !== null && 't' in key) return { t: Number(key.t) + 1 }
  return `${String(key)}1`
}

/** A page that has to come. */
async function page(parent: string, list: string, selection = PAGE, person?: Person): Promise<Page> {
  const { page: found, errors } = await ask(parent, list, selection, person)
  expect(errors, list).toBeUndefined()
  return found
}

/** Why a list was refused. */
async function reason(parent: string, list: string, person?: Person): Promise<unknown> {
  const { page: found, errors } = await ask(parent, list, PAGE, person)
  expect(found ?? null, list).toBeNull()
  expect(errors?.[0]?.extensions.code, list).toBe('BAD_USER_INPUT')
  return errors?.[0]?.extensions.reason
}

interface Walk {
  parent: string
  field: string
  backward?: boolean
  /** More arguments of the list, each followed by a comma. */
  filter?: string
  sizes?: number[]
  person?: Person
  /** Runs behind each page. */
  between?: (last: Page, nth: number) => Promise<void>
}

/** The ids of a list from one end to the other, in the order in which the list stands. */
async function walk({
  parent,
  field,
  backward,
  filter = '',
  sizes = [5],
  person,
  between,
}: Walk): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  for (let nth = 0; nth < 100; nth++) {
    const size = sizes[nth % sizes.length]
    const from = cursor === null ? '' : `, ${backward ? 'before' : 'after'}: "${cursor}"`
    const found: Page = await page(
      parent,
      `${field}(${filter}${backward ? 'last' : 'first'}: ${size}${from})`,
      PAGE,
      person,
    )
    expect(found.edges.map(({ node }) => node.id)).toEqual(found.nodes.map(({ id }) => id))
    expect(found.pageInfo.startCursor).toBe(found.edges[0]?.cursor ?? null)
    expect(found.pageInfo.endCursor).toBe(found.edges.at(-1)?.cursor ?? null)
    expect(backward ? found.pageInfo.hasNextPage : found.pageInfo.hasPreviousPage).toBe(nth > 0)
    const more = backward ? found.pageInfo.hasPreviousPage : found.pageInfo.hasNextPage
    const here = found.nodes.map(({ id }) => id)
    ids[backward ? 'unshift' : 'push'](...here)
    if (!more) return ids
    expect(here).toHaveLength(size ?? 0)
    await between?.(found, nth)
    cursor = backward ? found.pageInfo.startCursor : found.pageInfo.endCursor
  }
  throw new Error(`${field} does not end`)
}

const sum = (ids: string[]) => [...ids].sort()

describe('every list', () => {
  const lists = connections.map(({ owner, field }) => [owner.name, field.name] as const)

  async function expectWalks(parent: string, field: string): Promise<void> {
    const all = await page(parent, `${field}(first: 1000)`)
    const ids = all.nodes.map(({ id }) => id)
    expect(ids.length).toBeGreaterThanOrEqual(MANY)
    expect(new Set(ids).size).toBe(ids.length)
    expect(await walk({ parent, field })).toEqual(ids)
    expect(await walk({ parent, field, backward: true })).toEqual(ids)
    expect(await walk({ parent, field, sizes: [1, 4, 2] })).toEqual(ids)
    expect(all.totalCount).toBe(ids.length)
  }

  test.each(lists)(
    '%s.%s: P3 P6 both directions see every row once, in one order; the page size may change',
    expectWalks,
  )

  test('P5 rows of one instant too', async () => {
    const { db } = app.current.services
    const createdAt = new Date('2026-01-01T00:00:00Z')
    await db.workspace.updateMany({ data: { createdAt } })
    await db.organization.updateMany({ data: { createdAt } })
    await db.organizationMember.updateMany({ data: { createdAt } })
    await db.workspaceMember.updateMany({ data: { createdAt } })
    await db.role.updateMany({ data: { createdAt } })
    await db.invite.updateMany({ data: { createdAt } })
    for (const [parent, field] of lists) await expectWalks(parent, field)
  }, 120_000)

  test.each(lists)(
    '%s.%s: P2 a negative size and both directions at once are refused',
    async (parent, field) => {
      for (const args of [
        'first: -1',
        'last: -1',
        'first: 2, last: 2',
        'first: 0, before: "x"',
        'after: "x", last: 2',
      ]) {
        expect(await reason(parent, `${field}(${args})`), args).toBe('INVALID_PAGE')
      }
    },
  )

  // A cursor of the feed of events is a place in the log that every exit takes (E5), and holds no filter.
  test.each(lists.filter(([parent]) => parent !== 'Query'))(
    '%s.%s: P4 refuses a cursor that was tampered with, made up, or given by another list',
    async (parent, field) => {
      const { endCursor } = (await page(parent, `${field}(first: 2)`)).pageInfo
      const cursor = String(endCursor)
      const plain = Buffer.from(cursor, 'base64url').toString('utf8')
      const signature = plain.slice(0, 22)
      const [parentId, time, id] = JSON.parse(plain.slice(22)) as [string, unknown, string]
      const place = (...values: unknown[]) => JSON.stringify(values)
      const forged = (text: string) => Buffer.from(text).toString('base64url')
      const others: (string | null)[] = []
      for (const [otherParent, other] of lists) {
        if (otherParent === parent && other === field) continue
        others.push((await page(otherParent, `${other}(first: 2)`)).pageInfo.endCursor)
      }
      const bad = [
        ...others,
        ...[
          '',
          'x',
          '=',
          'null',
          '\\u0000',
          'ÄÖ',
          'x'.repeat(5000),
          `${cursor}x`,
          ` ${cursor}`,
          `${cursor}=`,
          cursor.slice(0, -1),
        ],
        forged(signature + place(parentId, beside(time), id)),
        forged(
          signature +
            place(
              parentId,
              time,
              id.replace(/^./, (first) => (first === '0' ? '1' : '0')),
            ),
        ),
        forged(signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) + place(parentId, time, id)),
        forged(signature + place(id, time, id)),
        forged(signature + place(parentId, time)),
        forged(signature + place(parentId, { not: null }, id)),
        forged(`${plain} `),
        forged(signature),
        forged(plain.slice(22)),
        forged(`${signature}' OR 1=1`),
      ]
      for (const one of bad) {
        expect(await reason(parent, `${field}(after: "${one}")`), String(one)).toBe('CURSOR_MISMATCH')
      }
      expect(await reason(parent, `${field}(before: "${bad[0]}")`)).toBe('CURSOR_MISMATCH')
      expect((await page(parent, `${field}(first: 7, after: "${cursor}")`)).nodes).toHaveLength(7)
    },
  )

  test.each(lists)('%s.%s: P6 totalCount alone, under another name, in a fragment', async (parent, field) => {
    const { totalCount } = await page(parent, `${field}(first: 2)`, 'totalCount nodes { id }')
    expect(totalCount).toBeGreaterThanOrEqual(MANY)
    expect(await page(parent, `${field}(first: 2)`, 'totalCount')).toEqual({ totalCount })
    expect(
      await page(parent, `${field}(first: 2)`, 'many: totalCount ... { __typename totalCount }'),
    ).toMatchObject({
      many: totalCount,
      totalCount,
    })
  })

  test.each(lists)('%s.%s: P6 counts only when the count is selected', async (parent, field) => {
    const counts = async (selection: string) => {
      await standBefore(app.current, crowd, parent)
      app.current.statements.length = 0
      await page(parent, `${field}(first: 2)`, selection)
      return app.current.statements.filter((sql) => /\bcount\(/i.test(sql)).length
    }
    expect(await counts('nodes { id } pageInfo { hasNextPage }')).toBe(0)
    expect(await counts('edges { cursor }')).toBe(0)
    expect(await counts('totalCount')).toBe(1)
  })
})

describe('the size of a page', () => {
  /** A list that is longer than any page. */
  async function manyRoles(count: number) {
    const tenant = await createWorld(app.current).tenant()
    await app.current.services.db.role.createMany({
      data: Array.from({ length: count }, (_, nth) => ({
        organizationId: tenant.organizationId,
        scope: 'ORGANIZATION' as const,
        key: `CUSTOM_${nth}`,
        name: `Custom ${nth}`,
      })),
    })
    return async (args: string) => {
      const { data, errors } = await app.current.run<{ organization: { roles: Page } }>(
        `{ organization(id: "${tenant.id}") { roles${args} { nodes { id } pageInfo { hasNextPage hasPreviousPage } totalCount } } }`,
        {},
        tenant.owner.token,
      )
      expect(errors).toBeUndefined()
      const { nodes, pageInfo, totalCount } = data.organization.roles
      return [nodes.length, pageInfo.hasNextPage, pageInfo.hasPreviousPage, totalCount]
    }
  }

  test('P1 is 50 when none or 0 is given, P2 and never more than 1,000', async () => {
    const roles = await manyRoles(1000)
    for (const args of ['', '(first: 0)', '(first: null)']) {
      expect(await roles(args), args).toEqual([50, true, false, 1008])
    }
    expect(await roles('(last: 0)')).toEqual([50, false, true, 1008])
    expect(await roles('(first: 3)')).toEqual([3, true, false, 1008])
    expect(await roles('(first: 1000)')).toEqual([1000, true, false, 1008])
    expect(await roles('(first: 1001)')).toEqual([1000, true, false, 1008])
    expect(await roles('(first: 5000)')).toEqual([1000, true, false, 1008])
    expect(await roles('(last: 5000)')).toEqual([1000, false, true, 1008])
  })

  test('P1 a list that ends with its page says so', async () => {
    const roles = await manyRoles(42)
    expect(await roles('')).toEqual([50, false, false, 50])
    expect(await roles('(first: 49)')).toEqual([49, true, false, 50])
    expect(await roles('(last: 50)')).toEqual([50, false, false, 50])
  })

  test('an empty list has no cursors', async () => {
    const { token } = await createWorld(app.current).person()
    const { data } = await app.current.run<{ viewer: Record<string, Page> }>(
      `{ viewer { organizations { ${PAGE} } workspaces { ${PAGE} } invites { ${PAGE} } } }`,
      {},
      token,
    )
    const empty = {
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      totalCount: 0,
    }
    expect(data.viewer).toEqual({ organizations: empty, workspaces: empty, invites: empty })
  })
})

describe('while rows come and go (P5, lesson 23)', () => {
  test.each([
    ['forward', false, false],
    ['backward', true, false],
    ['forward, all of one instant', false, true],
    ['backward, all of one instant', true, true],
  ])('%s: every row that lives throughout is seen exactly once', async (_name, backward, isOneInstant) => {
    const { db } = app.current.services
    const tenant = await createWorld(app.current).tenant()
    for (let nth = 0; nth < 15; nth++) await tenant.workspace()
    const { organizationId } = tenant
    const instant = new Date('2026-02-02T02:02:02Z')
    if (isOneInstant)
      await db.workspace.updateMany({ where: { organizationId }, data: { createdAt: instant } })
    const listed = async () => {
      const rows = await db.workspace.findMany({
        where: { organizationId },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      })
      return rows.map(({ id }) => id)
    }
    const before = await listed()
    const seen: string[] = []
    let cursor: string | null = null
    for (let more = true; more; ) {
      const from: string = cursor === null ? '' : `, ${backward ? 'before' : 'after'}: "${cursor}"`
      const query = `{ organization(id: "${tenant.id}") { workspaces(${backward ? 'last' : 'first'}: 3${from}) {
        nodes { databaseName } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`
      const { data, errors } = await app.current.run<{ organization: { workspaces: Page } }>(
        query,
        {},
        tenant.owner.token,
      )
      expect(errors).toBeUndefined()
      const { edges, pageInfo } = data.organization.workspaces
      const ids = edges.map(({ node }) =>
        Buffer.from(node.id, 'base64url').toString('utf8').slice('Workspace:'.length),
      )
      seen.push(...ids)
      cursor = backward ? pageInfo.startCursor : pageInfo.endCursor
      more = backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage
      // The row of the cursor itself goes, so does one that was not seen yet; new ones come at both ends.
      const unseen = (await listed()).filter((id) => !seen.includes(id))
      const gone = [ids.at(backward ? 0 : -1), unseen[Math.floor(unseen.length / 2)]].flatMap((id) =>
        id && more ? [id] : [],
      )
      await db.workspace.deleteMany({ where: { id: { in: gone } } })
      if (seen.length < 10) {
        await tenant.workspace()
        const { workspaceId } = await tenant.workspace()
        await db.workspace.update({ where: { id: workspaceId }, data: { createdAt: new Date(0) } })
      }
    }
    expect(new Set(seen).size).toBe(seen.length)
    const after = await listed()
    const throughout = before.filter((id) => after.includes(id))
    expect(throughout.length).toBeGreaterThan(5)
    expect(sum(throughout.filter((id) => seen.includes(id)))).toEqual(sum(throughout))
  })
})

describe('what a cursor is bound to (P4)', () => {
  test('the parent: the same list of another organization or workspace', async () => {
    const { viewer, tenant } = crowd
    const { data } = await app.current.run<{ viewer: { workspaces: { nodes: { id: string }[] } } }>(
      '{ viewer { workspaces(first: 50) { nodes { id } } } }',
      {},
      viewer.token,
    )
    const other = data.viewer.workspaces.nodes.find(({ id }) => id !== tenant.first.id)
    const cursorOf = async (id: string) => {
      const { data: found } = await app.current.run<{ workspace: { members: Page } }>(
        `{ workspace(id: "${id}") { members(first: 1) { pageInfo { endCursor } } } }`,
        {},
        viewer.token,
      )
      return found.workspace.members.pageInfo.endCursor
    }
    expect(await reason('Workspace', `members(after: "${await cursorOf(String(other?.id))}")`)).toBe(
      'CURSOR_MISMATCH',
    )
    expect(
      (await page('Workspace', `members(after: "${await cursorOf(tenant.first.id)}")`)).nodes.length,
    ).toBeGreaterThan(0)
  })

  test('the filter: workspaces with deleted ones, or of one organization', async () => {
    const { tenant } = crowd
    const cursor = (await page('Organization', 'workspaces(first: 2)')).pageInfo.endCursor
    expect(await reason('Organization', `workspaces(after: "${cursor}", deleted: INCLUDE)`)).toBe(
      'CURSOR_MISMATCH',
    )
    expect(
      (await page('Organization', `workspaces(after: "${cursor}", deleted: EXCLUDE)`)).nodes.length,
    ).toBeGreaterThan(0)
    const mine = (await page('Viewer', 'workspaces(first: 2)')).pageInfo.endCursor
    expect(await reason('Viewer', `workspaces(after: "${mine}", organizationId: "${tenant.id}")`)).toBe(
      'CURSOR_MISMATCH',
    )
    const narrowed = (await page('Viewer', `workspaces(first: 2, organizationId: "${tenant.id}")`)).pageInfo
      .endCursor
    expect(await reason('Viewer', `workspaces(after: "${narrowed}")`)).toBe('CURSOR_MISMATCH')
  })

  test("the viewer, in the viewer's own lists; elsewhere it grants nothing to another one", async () => {
    const { tenant } = crowd
    const stranger = await createWorld(app.current).person()
    for (const list of ['organizations', 'workspaces', 'invites']) {
      const cursor = (await page('Viewer', `${list}(first: 1)`)).pageInfo.endCursor
      expect(await reason('Viewer', `${list}(after: "${cursor}")`, stranger), list).toBe('CURSOR_MISMATCH')
    }
    const reader = await tenant.grantee(tenant.first.workspaceId, 'READ')
    const cursor = (await page('Organization', 'workspaces(first: 1)')).pageInfo.endCursor
    const after = await page('Organization', `workspaces(after: "${cursor}")`, PAGE, reader)
    expect(after.nodes.map(({ id }) => id).filter((id) => id !== tenant.first.id)).toEqual([])
    expect(after.totalCount).toBe(1)
  })

  test('one cursor goes both ways, and in a list that is asked for twice in one operation', async () => {
    const all = (await page('Organization', 'workspaces(first: 6)')).edges
    const middle = all[2]?.cursor
    const back = await page('Organization', `workspaces(last: 2, before: "${middle}")`)
    expect(back.nodes.map(({ id }) => id)).toEqual(all.slice(0, 2).map(({ node }) => node.id))
    const { tenant, viewer } = crowd
    const { data, errors } = await app.current.run<{ organization: Record<'a' | 'b', Page> }>(
      `{ organization(id: "${tenant.id}") { a: workspaces(first: 2) { nodes { id } totalCount } b: workspaces(first: 3, after: "${middle}") { nodes { id } totalCount } } }`,
      {},
      viewer.token,
    )
    expect(errors).toBeUndefined()
    expect(data.organization.b.nodes.map(({ id }) => id)).toEqual(all.slice(3, 6).map(({ node }) => node.id))
    expect(data.organization.a.totalCount).toBe(data.organization.b.totalCount)
    const refused = await app.current.run(
      `{ organization(id: "${tenant.id}") { a: workspaces(first: 2) { nodes { id } } b: workspaces(first: 3, after: "x") { nodes { id } } } }`,
      {},
      viewer.token,
    )
    expect(refused.errors?.[0]?.extensions.reason).toBe('CURSOR_MISMATCH')
  })
})

describe('counts under the filter (P6, lesson 24)', () => {
  test('O13 deleted workspaces are left out, shown, or shown alone, and counted so', async () => {
    const { db } = app.current.services
    const tenant = await createWorld(app.current).tenant()
    for (let nth = 0; nth < 4; nth++) await tenant.workspace()
    const gone = await tenant.workspace()
    await db.workspace.update({ where: { id: gone.workspaceId }, data: { deletedAt: new Date() } })
    const counted = async (args: string) => {
      const { data } = await app.current.run<{
        organization: { workspaces: Page }
        viewer: { workspaces: Page }
      }>(
        `{ organization(id: "${tenant.id}") { workspaces(first: 2${args}) { totalCount nodes { id } } } viewer { workspaces(first: 2${args}) { totalCount } } }`,
        {},
        tenant.owner.token,
      )
      expect(data.viewer.workspaces.totalCount).toBe(data.organization.workspaces.totalCount)
      return [data.organization.workspaces.totalCount, data.organization.workspaces.nodes.length]
    }
    expect(await counted('')).toEqual([5, 2])
    expect(await counted(', deleted: INCLUDE')).toEqual([6, 2])
    expect(await counted(', deleted: ONLY')).toEqual([1, 1])
  })

  test('O5 a member counts the workspaces on which they have a role, and no others', async () => {
    const tenant = await createWorld(app.current).tenant()
    const second = await tenant.workspace()
    await tenant.workspace()
    const reader = await tenant.grantee(tenant.first.workspaceId, 'READ')
    await tenant.grant(reader, { kind: 'Workspace', id: second.workspaceId }, 'WRITE')
    const { data } = await app.current.run<{ organization: { workspaces: Page } }>(
      `{ organization(id: "${tenant.id}") { workspaces { totalCount nodes { id } } } }`,
      {},
      reader.token,
    )
    expect(data.organization.workspaces.totalCount).toBe(2)
    expect(sum(data.organization.workspaces.nodes.map(({ id }) => id))).toEqual(
      sum([tenant.first.id, second.id]),
    )
  })

  test('lesson 15: a list of more members than a page is a list, and not an error', async () => {
    const { db } = app.current.services
    const tenant = await createWorld(app.current).tenant()
    const role = await db.role.findFirstOrThrow({
      where: { organizationId: tenant.organizationId, key: 'MEMBER' },
    })
    const people = await db.user.createManyAndReturn({
      data: Array.from({ length: 120 }, (_, nth) => ({
        email: `${nth}@${tenant.slug}.example.com`,
        name: `Person ${nth}`,
      })),
    })
    await db.organizationMember.createMany({
      data: people.map(({ id }) => ({ organizationId: tenant.organizationId, userId: id, roleId: role.id })),
    })
    const { data } = await app.current.run<{ organization: { members: Page; viewerMember: { id: string } } }>(
      `{ organization(id: "${tenant.id}") { members { totalCount nodes { id } pageInfo { hasNextPage } } viewerMember { id } } }`,
      {},
      tenant.owner.token,
    )
    expect(data.organization.members.totalCount).toBe(121)
    expect(data.organization.members.nodes).toHaveLength(50)
    expect(data.organization.viewerMember.id).toBeTruthy()
  })
})
