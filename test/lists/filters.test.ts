import { describe, expect, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { createWorld, type Tenant } from '../kit/world.ts'

const app = useTestApp()

interface Refused {
  reason: string
  position: number
  message: string
}

async function names(tenant: Tenant, filter: string): Promise<string[]> {
  const { data, errors } = await app.current.run<{
    organization: { workspaces: { nodes: { name: string }[] } }
  }>(
    'query ($id: ID!, $filter: String) { organization(id: $id) { workspaces(filter: $filter, orderBy: "title") { nodes { name } } } }',
    { id: tenant.id, filter },
    tenant.owner.token,
  )
  expect(errors, filter).toBeUndefined()
  return data.organization.workspaces.nodes.map(({ name }) => name)
}

async function refused(filter: string, tenant?: Tenant): Promise<Refused> {
  const { owner, id } = tenant ?? (await createWorld(app.current).tenant())
  const { errors } = await app.current.run(
    'query ($id: ID!, $filter: String) { organization(id: $id) { workspaces(filter: $filter) { totalCount } } }',
    { id, filter },
    owner.token,
  )
  const [error] = errors ?? []
  return { ...error?.extensions, message: error?.message } as unknown as Refused
}

const tenantWith = async (...workspaces: { name: string; labels?: string[]; description?: string }[]) => {
  const tenant = await createWorld(app.current).tenant()
  await app.current.services.db.workspace.deleteMany({ where: { organizationId: tenant.organizationId } })
  for (const fields of workspaces) await tenant.workspace(fields)
  return tenant
}

describe('what a filter means', () => {
  test('P7 = is exact, : finds a part in any case, and SQL patterns mean nothing', async () => {
    const tenant = await tenantWith(
      { name: 'My Workspace' },
      { name: 'my workspace' },
      { name: '100%' },
      { name: '100 per_cent' },
    )
    expect(await names(tenant, 'title = "My Workspace"')).toEqual(['My Workspace'])
    expect(await names(tenant, 'title : "WORKSPACE"')).toEqual(['My Workspace', 'my workspace'])
    expect(await names(tenant, "name:'%'")).toEqual(['100%'])
    expect(await names(tenant, 'title:"_"')).toEqual(['100 per_cent'])
    expect(await names(tenant, 'title = "100_"')).toEqual([])
    expect(await names(tenant, 'title = "*orkspace"')).toEqual(['My Workspace', 'my workspace'])
    expect(await names(tenant, 'title = "100*"')).toEqual(['100 per_cent', '100%'])
    expect(await names(tenant, 'title != "My*"')).toEqual(['100 per_cent', '100%', 'my workspace'])
  })

  test('P7 Unicode: two spellings of one letter are one, and case folds beyond ASCII', async () => {
    const tenant = await tenantWith({ name: 'Café' }, { name: 'ÉCOLE' })
    expect(await names(tenant, 'title = "Cafe\u0301"')).toEqual(['Café'])
    expect(await names(tenant, 'title : "école"')).toEqual(['ÉCOLE'])
  })

  test('O5 O7 W5 the viewer filters their own workspaces of one organization, by title or by name', async () => {
    const tenant = await tenantWith({ name: 'Rhine north' }, { name: 'Rhine south' }, { name: 'Elbe' })
    const elsewhere = await tenantWith({ name: 'Rhine elsewhere' })
    const reader = await tenant.member('ADMIN')
    await elsewhere.grant(reader, { kind: 'Organization', id: elsewhere.organizationId }, 'ADMIN')
    const listed = async (filter: string, organizationId?: string) => {
      const { data } = await app.current.run<{ viewer: { workspaces: { nodes: { name: string }[] } } }>(
        'query ($organizationId: ID, $filter: String) { viewer { workspaces(organizationId: $organizationId, filter: $filter, orderBy: "title") { nodes { name } } } }',
        { organizationId, filter },
        reader.token,
      )
      return data.viewer.workspaces.nodes.map(({ name }) => name)
    }
    expect(await listed('title : "rhine"', tenant.id)).toEqual(['Rhine north', 'Rhine south'])
    expect(await listed('name : "rhine"', tenant.id)).toEqual(['Rhine north', 'Rhine south'])
    expect(await listed('title : "rhine"')).toEqual(['Rhine elsewhere', 'Rhine north', 'Rhine south'])
  })

  test('P9 OR binds tighter than AND, a sequence is an AND, and - is NOT', async () => {
    const tenant = await tenantWith(
      { name: 'one', labels: ['red'] },
      { name: 'two', labels: ['blue'] },
      { name: 'three', labels: ['red', 'blue'] },
    )
    expect(await names(tenant, 'title = one OR title = two AND labels:blue')).toEqual(['two'])
    expect(await names(tenant, 'title = one OR (title = two AND labels:blue)')).toEqual(['one', 'two'])
    expect(await names(tenant, 'labels:red labels:blue')).toEqual(['three'])
    expect(await names(tenant, '-labels:red')).toEqual(['two'])
    expect(await names(tenant, 'NOT (labels:red OR title = two)')).toEqual([])
    expect(await names(tenant, 'labels:(red AND blue)')).toEqual(['three'])
    expect(await names(tenant, 'title != (one OR two)')).toEqual(['three'])
    expect(await names(tenant, 'thr')).toEqual(['three'])
    expect(await names(tenant, '')).toEqual(['one', 'three', 'two'])
    expect(await names(tenant, 'labels:Red')).toEqual([])
  })

  test('P7 times are compared to the millisecond and beyond, days begin at midnight in UTC', async () => {
    const tenant = await tenantWith({ name: 'old' }, { name: 'new' })
    const { db } = app.current.services
    const at = (name: string, createdAt: string) =>
      db.workspace.updateMany({ where: { organizationId: tenant.organizationId, name }, data: { createdAt } })
    await at('old', '2026-01-01T00:00:00.001Z')
    await at('new', '2026-02-01T00:00:00Z')
    expect(await names(tenant, 'create_time >= 2026-02-01')).toEqual(['new'])
    expect(await names(tenant, 'created_at < "2026-02-01T01:00:00+02:00"')).toEqual(['old'])
    expect(await names(tenant, 'createdAt = 2026-01-01T00:00:00.001Z')).toEqual(['old'])
    expect(
      await names(
        tenant,
        'created_time > 2026-01-01T00:00:00.0009Z create_time < 2026-01-01T00:00:00.001000001Z',
      ),
    ).toEqual(['old'])
    expect(await names(tenant, 'create_time = 2026-01-01T00:00:00.0011Z')).toEqual([])
  })

  test('P7 created_by finds by id and address, and tells no address that the viewer may not read', async () => {
    const tenant = await tenantWith({ name: 'mine' })
    const { owner } = tenant
    expect(await names(tenant, `created_by = "${owner.id}"`)).toEqual(['mine'])
    expect(await names(tenant, `created_by = ${owner.email.toUpperCase()}`)).toEqual(['mine'])
    expect(await names(tenant, `created_by.display_name = ${owner.fullName}`)).toEqual(['mine'])
    const stranger = await createWorld(app.current).person()
    await app.current.services.db.workspace.updateMany({
      where: { organizationId: tenant.organizationId },
      data: { createdById: stranger.userId },
    })
    expect(await names(tenant, `created_by = ${stranger.email}`)).toEqual([])
    expect(await names(tenant, `created_by = "${stranger.id}"`)).toEqual(['mine'])
    expect(await names(tenant, `NOT created_by:*`)).toEqual([])
  })
})

describe('what a filter refuses', () => {
  test.each([
    ['title = ', 8, /Expected a value, found the end/],
    ['title = "abc', 9, /quote is not closed/],
    ['(title = a', 11, /Expected AND, OR or \)/],
    ['title = a)', 10, /Expected AND, OR or the end, found "\)"/],
    ['size > 3', 1, /no field size\. There is title, key, description, labels/],
    ['created_by.phone = 3', 1, /no field created_by\.phone/],
    ['create_time > soon', 15, /is a time/],
    ['create_time > 2026-02-30', 15, /is a time/],
    ['ml_enabled = yes', 14, /true or false/],
    ['labels = red', 10, /labels takes :, not =/],
    ['labels:r*', 8, /compared as a whole/],
    ['created_by < a', 14, /created_by takes/],
    ['title = a and key = b', 11, /Write AND in capitals/],
    ['f(title)', 1, /no function f/],
    ['title = a !', 11, /found "!"/],
    ['title = = b', 9, /Expected a value, found "="/],
    ['AND title = a', 1, /Expected a field, a value or \(/],
    ['title = "\\q"', 10, /no escape \\q/],
    ['title = "\\u0000"', 9, /U\+0000/],
    ['title = (key = b)', 14, /values only/],
    ['🙂 = 1', 1, /no field 🙂/],
    ['title = 🙂 )', 11, /found "\)"/],
  ])('P9 %s', async (filter, position, message) => {
    const refusal = await refused(filter)
    expect(refusal.message).toMatch(message)
    expect(refusal).toMatchObject({ reason: 'INVALID_FILTER', position })
  })

  test('P9 length, depth and questions are bounded, in strings and in types', async () => {
    const tenant = await createWorld(app.current).tenant()
    const deep = (depth: number) => `${'('.repeat(depth)}title:a${')'.repeat(depth)}`
    expect(await names(tenant, deep(20))).toHaveLength(1)
    expect((await refused(deep(21), tenant)).message).toMatch(/nested 20 deep/)
    expect((await refused(deep(900), tenant)).reason).toBe('INVALID_FILTER')
    expect((await refused(`title = "${'a'.repeat(2000)}"`, tenant)).message).toMatch(/2000 characters/)
    const many = (count: number) => Array.from({ length: count }, () => 'title:a').join(' ')
    expect(await names(tenant, many(100))).toHaveLength(1)
    expect((await refused(many(101), tenant)).message).toMatch(/100 questions/)
    const where = (value: unknown) =>
      app.current.run(
        'query ($id: ID!, $where: WorkspaceWhere) { organization(id: $id) { workspaces(where: $where) { totalCount } } }',
        { id: tenant.id, where: value },
        tenant.owner.token,
      )
    let nested: object = { name: { eq: 'a' } }
    for (let depth = 0; depth < 21; depth++) nested = { not: nested }
    for (const value of [
      nested,
      { name: { in: Array(101).fill('a') } },
      { or: Array(101).fill({ key: { eq: 'a' } }) },
      { name: { eq: 'a\0' } },
    ])
      expect((await where(value)).errors?.[0]?.extensions.reason).toBe('INVALID_FILTER')
  })

  test('P9 a filter of members joins people once, and at most ten times when it can not', async () => {
    const { owner, first } = await createWorld(app.current).tenant()
    const ask = async (filter: string) => {
      app.current.statements.length = 0
      const { errors } = await app.current.run(
        'query ($id: ID!, $filter: String) { workspace(id: $id) { members(filter: $filter) { nodes { id } } } }',
        { id: first.id, filter },
        owner.token,
      )
      return (
        errors?.[0]?.extensions.reason ??
        app.current.statements.at(-1)?.split(/(?:JOIN|FROM) (?:"public"\.)?"user"/).length
      )
    }
    const each = (count: number, text: (index: number) => string, glue: string) =>
      Array.from({ length: count }, (_, index) => text(index)).join(glue)
    expect(await ask(each(60, (index) => `email = p${index}@example.com`, ' OR '))).toBe(2)
    expect(await ask(each(40, (index) => `(search:s${index} OR -display_name:n)`, ' '))).toBe(2)
    const mixed = (count: number) => each(count, (index) => `(email:e${index} OR source = direct)`, ' ')
    expect(await ask(mixed(10))).toBe(11)
    expect(await ask(mixed(11))).toBe('INVALID_FILTER')
    expect(await ask(each(11, () => 'email:*', ' '))).toBe('INVALID_FILTER')
  })

  test('P12 an empty or matches nothing, an empty and everything', async () => {
    const tenant = await createWorld(app.current).tenant()
    const count = async (where: object) => {
      const { data } = await app.current.run<{ organization: { workspaces: { totalCount: number } } }>(
        'query ($id: ID!, $where: WorkspaceWhere) { organization(id: $id) { workspaces(where: $where) { totalCount } } }',
        { id: tenant.id, where },
        tenant.owner.token,
      )
      return data.organization.workspaces.totalCount
    }
    expect(await count({})).toBe(1)
    expect(await count({ and: [] })).toBe(1)
    expect(await count({ or: [] })).toBe(0)
    expect(await count({ name: { in: [] } })).toBe(0)
    expect(await count({ not: { or: [] } })).toBe(1)
    expect(await count({ not: { and: [] } })).toBe(0)
  })

  test('P9 an error stands at the list that it is about, and other lists answer', async () => {
    const { owner } = await createWorld(app.current).tenant()
    const { data, errors } = await app.current.run(
      '{ viewer { a: workspaces(filter: "x =") { totalCount } b: workspaces(filter: "general") { totalCount } } }',
      {},
      owner.token,
    )
    expect(errors?.map(({ path }) => path)).toEqual([['viewer', 'a']])
    expect(data).toMatchObject({ viewer: { a: null, b: { totalCount: 1 } } })
  })
})

describe('members, roles and invites', () => {
  const listed = async (tenant: Tenant, list: string) => {
    const { data, errors } = await app.current.run<{
      workspace: { list: { totalCount: number; nodes: Record<string, unknown>[] } }
    }>(
      `query ($id: ID!) { workspace(id: $id) { list: ${list} } }`,
      { id: tenant.first.id },
      tenant.owner.token,
    )
    expect(errors, list).toBeUndefined()
    return data.workspace.list
  }
  const emails = async (tenant: Tenant, args: string): Promise<string[]> =>
    (await listed(tenant, `members(${args}) { totalCount nodes { user { email } } }`)).nodes.map(
      ({ user }) => (user as { email: string }).email,
    )

  test('P8 P11 members by role, scope, search and order, with inherited ones', async () => {
    const tenant = await createWorld(app.current).tenant()
    const viewer = await tenant.grantee(tenant.first.workspaceId, 'viewer')
    const editor = await tenant.grantee(tenant.first.workspaceId, 'editor')
    const admin = await tenant.member('administrator')
    const { db } = app.current.services
    await db.user.update({ where: { id: viewer.userId }, data: { name: 'John_100% Doe' } })
    expect(await emails(tenant, 'filter: "role = \\"workspace VIEWER\\""')).toEqual([viewer.email])
    expect(await emails(tenant, 'filter: "role = Member"')).toEqual([viewer.email])
    expect(await emails(tenant, 'filter: "role = \\"%\\""')).toEqual([])
    expect(await emails(tenant, 'filter: "role_scope = organization"')).toEqual([admin.email])
    expect(
      await emails(tenant, 'filter: "role_scope=workspace AND -role=owner", orderBy: "created_time"'),
    ).toEqual([viewer.email, editor.email])
    expect(await emails(tenant, 'filter: "search:\\"JOHN\\""')).toEqual([viewer.email])
    expect(await emails(tenant, 'filter: "search:\\"_100%\\""')).toEqual([viewer.email])
    expect(await emails(tenant, 'filter: "search:\\"%_%\\""')).toEqual([])
    expect(await emails(tenant, `filter: "${editor.email.slice(0, 9).toUpperCase()}"`)).toEqual([
      editor.email,
    ])
    expect(await emails(tenant, `where: { email: { eq: "${admin.email.toUpperCase()}" } }`)).toEqual([
      admin.email,
    ])
    expect(
      await emails(
        tenant,
        `where: { role: { in: ["viewer", "editor"] }, search: "@example" }, sort: [{ field: EMAIL }]`,
      ),
    ).toEqual([viewer.email, editor.email].sort())
    const ordered = await emails(tenant, 'orderBy: "email desc"')
    expect(ordered).toEqual([...ordered].sort().reverse())
    expect(
      await listed(tenant, 'members(filter: "role_scope = workspace") { totalCount nodes { id } }'),
    ).toMatchObject({ totalCount: 3 })
  })

  test('P8 the list follows when a role in the organization, or a role itself, changes', async () => {
    const tenant = await createWorld(app.current).tenant()
    const person = await tenant.grantee(tenant.first.workspaceId, 'viewer')
    const scope = { kind: 'Organization' as const, id: tenant.organizationId }
    const source = async () => {
      const { nodes } = await listed(
        tenant,
        `members(filter: "email = ${person.email}") { totalCount nodes { source role { level } } }`,
      )
      return nodes
    }
    expect(await source()).toEqual([{ source: 'DIRECT', role: { level: 'READ' } }])
    await tenant.grant(person, scope, 'administrator')
    expect(await source()).toEqual([{ source: 'ORGANIZATION', role: { level: 'ADMIN' } }])
    await tenant.grant(person, { kind: 'Workspace', id: tenant.first.workspaceId }, 'owner')
    expect(await source()).toEqual([{ source: 'DIRECT', role: { level: 'OWNER' } }])
    const { db } = app.current.services
    const custom = await db.role.create({
      data: {
        organizationId: tenant.organizationId,
        scope: 'ORGANIZATION',
        key: 'AUDITOR',
        name: 'Auditor',
        level: 'READ',
      },
    })
    await tenant.grant(person, { kind: 'Workspace', id: tenant.first.workspaceId }, 'editor')
    await tenant.grant(person, scope, 'auditor')
    expect(await source()).toEqual([{ source: 'DIRECT', role: { level: 'WRITE' } }])
    await db.role.update({ where: { id: custom.id }, data: { level: 'ADMIN' } })
    expect(await source()).toEqual([{ source: 'ORGANIZATION', role: { level: 'ADMIN' } }])
  })

  test('P13 roles and invites are filtered and ordered, invites also by status', async () => {
    const tenant = await createWorld(app.current).tenant()
    const roles = await listed(
      tenant,
      'roles(filter: "level = admin OR title:Viewer", orderBy: "name") { totalCount nodes { key } }',
    )
    expect(roles.nodes).toEqual([{ key: 'ADMIN' }, { key: 'READ' }])
    const sent = await app.current.run(
      'mutation ($input: CreateInvitesInput!) { createInvites(input: $input) { __typename } }',
      {
        input: {
          scopeId: tenant.first.id,
          invites: ['a', 'b', 'c'].map((name) => ({
            email: `${name}-${tenant.slug}@example.com`,
            role: 'viewer',
          })),
        },
      },
      tenant.owner.token,
    )
    expect(sent.errors).toBeUndefined()
    const { db } = app.current.services
    const of = (name: string) => ({
      where: { organizationId: tenant.organizationId, email: `${name}-${tenant.slug}@example.com` },
    })
    await db.invite.updateMany({ ...of('b'), data: { state: 'REVOKED' } })
    await db.invite.updateMany({ ...of('c'), data: { expiresAt: new Date(0) } })
    const invited = async (args: string) =>
      (await listed(tenant, `invites(${args}) { totalCount nodes { email } }`)).nodes.map(
        ({ email }) => String(email)[0],
      )
    expect(await invited('orderBy: "email"')).toEqual(['a', 'b', 'c'])
    expect(await invited('status: PENDING')).toEqual(['a'])
    expect(await invited('filter: "status = expired OR status = revoked", orderBy: "email desc"')).toEqual([
      'c',
      'b',
    ])
    expect(await invited('where: { status: { ne: PENDING } }, sort: [{ field: EMAIL }]')).toEqual(['b', 'c'])
  })

  test('P6 rows are counted only when the count is asked for', async () => {
    const tenant = await createWorld(app.current).tenant()
    const counts = async (fields: string) => {
      app.current.statements.length = 0
      await listed(tenant, `members(filter: "role = owner") { ${fields} }`)
      return app.current.statements.filter((sql) => /count\(/i.test(sql)).length
    }
    expect(await counts('nodes { id }')).toBe(0)
    expect(await counts('nodes { id } totalCount')).toBe(1)
  })
})
