import { describe, expect, test } from 'vitest'
import { createWorkspace } from '../../../src/domains/workspace/create-workspace.ts'
import { alternative, databaseName, slugify } from '../../../src/domains/workspace/workspace-key.ts'
import { decodeId } from '../../../src/graphql/ids.ts'
import { useTestApp } from '../../kit/app.ts'
import { createWorld, type Tenant } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

async function create(tenant: Tenant, fields: Record<string, unknown>) {
  const { workspaceId } = await tenant.workspace(fields)
  return app.current.services.db.workspace.findUniqueOrThrow({ where: { id: workspaceId } })
}

/** The paths and messages of a refused creation. */
async function issuesOf(tenant: Tenant, fields: Record<string, unknown>) {
  const refused = await tenant.workspace(fields).then(
    () => null,
    (error: { name: string; issues: { path: string; message: string }[] }) => error,
  )
  expect(refused?.name, JSON.stringify(fields).slice(0, 100)).toBe('ValidationError')
  return refused?.issues ?? []
}

describe('O1 creating a workspace', () => {
  test('W1 W11 W12 W13 W14 over the API: every field of the new workspace', async () => {
    const { id, slug, owner } = await world().tenant()
    const boundingBox = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [180, 0],
          [180, 90],
          [0, 0],
        ],
      ],
    }
    const input = {
      organizationId: id,
      name: '  Straße Nº 7 ',
      description: ' Where the mill is. ',
      labels: ['b', 'a', 'b', ' a '],
      boundingBox,
      defaultCoordinateSystem: 'EPSG:4326',
    }
    const { data, errors } = await app.current.run<{
      createWorkspace: { workspace: Record<string, unknown> }
    }>(
      `mutation($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { ... on CreateWorkspacePayload { workspace {
        id key databaseName name description labels boundingBox { type coordinates } defaultCoordinateSystem mlEnabled version
        url createdAt updatedAt createdBy { id } updatedBy { id } deletedAt purgeAt organization { id }
        viewerRole { key scope } viewerAccess viewerPermissions viewerMember { source user { id } } } } } }`,
      { input },
      owner.token,
    )
    expect(errors).toBeUndefined()
    const { workspace } = data.createWorkspace
    expect(workspace).toMatchObject({
      key: 'strasse-no-7',
      databaseName: `${slug.replaceAll('-', '_')}__strasse_no_7`,
      name: 'Straße Nº 7',
      description: 'Where the mill is.',
      labels: ['b', 'a'],
      boundingBox,
      defaultCoordinateSystem: 'EPSG:4326',
      mlEnabled: false,
      version: 1,
      url: `http://127.0.0.1:4000/${slug}/strasse-no-7`,
      createdBy: { id: owner.id },
      updatedBy: { id: owner.id },
      deletedAt: null,
      purgeAt: null,
      organization: { id },
      viewerRole: { key: 'OWNER', scope: 'WORKSPACE' },
      viewerAccess: 'OWNER',
      viewerMember: { source: 'DIRECT', user: { id: owner.id } },
    })
    expect(workspace.viewerPermissions).toContain('WORKSPACE_DELETE')
    expect(workspace.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(workspace.updatedAt).toMatch(/Z$/)
    expect(decodeId(String(workspace.id)).typename).toBe('Workspace')
  })

  test('what is not given is empty', async () => {
    const row = await create(await world().tenant(), { name: 'Mill' })
    expect(row).toMatchObject({
      description: '',
      labels: [],
      boundingBox: null,
      defaultCoordinateSystem: null,
      version: 1,
    })
  })

  test('lesson 18: what was created is there for the next request', async () => {
    const { id, owner } = await world().tenant()
    for (const nth of [1, 2, 3]) {
      const { data } = await app.current.run<{ createWorkspace: { workspace: { id: string } } }>(
        `mutation { createWorkspace(input: { organizationId: "${id}", name: "W ${nth}" }) { ... on CreateWorkspacePayload { workspace { id } } } }`,
        {},
        owner.token,
      )
      const found = await app.current.run(
        `{ workspace(id: "${data.createWorkspace.workspace.id}") { name } }`,
        {},
        owner.token,
      )
      expect(found).toEqual({ data: { workspace: { name: `W ${nth}` } } })
    }
  })

  test('T1 an organization manager may, and owns what they made; a plain member may not', async () => {
    const tenant = await world().tenant()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    const { workspaceId } = await createWorkspace(await manager.caller(), {
      organizationId: tenant.organizationId,
      name: 'Mine',
    })
    const grants = await app.current.services.db.workspaceMember.findMany({
      where: { workspaceId },
      include: { role: true },
    })
    expect(grants.map(({ userId, role }) => [userId, role.key])).toEqual([[manager.userId, 'OWNER']])
    const member = await tenant.member()
    const refused = createWorkspace(await member.caller(), {
      organizationId: tenant.organizationId,
      name: 'Not mine',
    })
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('O2 without naming the organization', () => {
  test("it is the viewer's only one", async () => {
    const { owner, organizationId } = await world().tenant()
    const { workspaceId } = await createWorkspace(await owner.caller(), { name: 'Mill' })
    expect(await app.current.services.db.workspace.findUnique({ where: { id: workspaceId } })).toMatchObject({
      organizationId,
    })
  })

  test('OrganizationRequired for somebody in none, or in two', async () => {
    const nobody = await world().person()
    await expect(createWorkspace(await nobody.caller(), { name: 'Mill' })).rejects.toMatchObject({
      name: 'OrganizationRequired',
      count: 0,
    })
    const [first, second] = [await world().tenant(), await world().tenant()]
    await second.grant(first.owner, { kind: 'Organization', id: second.organizationId }, 'ADMIN')
    const refused = createWorkspace(await first.owner.caller(), { name: 'Mill' })
    await expect(refused).rejects.toMatchObject({ name: 'OrganizationRequired', count: 2 })
  })
})

describe('W3 key and database name', () => {
  test('O1 a key is made from the name, and made unique', async () => {
    const tenant = await world().tenant()
    const keys: string[] = []
    for (let nth = 0; nth < 3; nth++) keys.push((await create(tenant, { name: 'Wasser & Mühle!' })).key)
    expect(keys).toEqual(['wasser-muhle', 'wasser-muhle-2', 'wasser-muhle-3'])
    expect((await create(tenant, { name: '日本' })).key).toBe('workspace')
    expect((await create(tenant, { name: '7 Dwarfs' })).key).toBe('dwarfs')
    expect((await create(tenant, { name: 'x'.repeat(120) })).key).toBe('x'.repeat(48))
    expect((await create(tenant, { name: 'x'.repeat(120) })).key).toBe(`${'x'.repeat(46)}-2`)
  })

  test('O1 lesson 14: a given key is never changed: taken is KeyTaken, also by a deleted workspace', async () => {
    const tenant = await world().tenant()
    const { id } = await create(tenant, { name: 'Mill', key: 'mill' })
    await expect(create(tenant, { name: 'Mill', key: 'mill' })).rejects.toMatchObject({
      name: 'KeyTaken',
      key: 'mill',
    })
    await app.current.services.db.workspace.update({ where: { id }, data: { deletedAt: new Date() } })
    await expect(create(tenant, { name: 'Mill', key: 'mill' })).rejects.toMatchObject({ name: 'KeyTaken' })
    const other = await world().tenant()
    expect((await create(other, { name: 'Mill', key: 'mill' })).key).toBe('mill')
  })

  test('lesson 14: of many who want one key at once, one gets it and the others get KeyTaken', async () => {
    const tenant = await world().tenant()
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => create(tenant, { name: 'Mill', key: 'mill' })),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const names = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.name] : []))
    expect(new Set(names)).toEqual(new Set(['KeyTaken']))
  })

  test('a key has 2 to 48 lower-case letters, digits and hyphens, and begins with a letter', async () => {
    const tenant = await world().tenant()
    for (const key of ['a', 'A1', '1a', '-a', 'a_b', 'a b', ' ab', 'ä1', 'a'.repeat(49), '', 'ab\n']) {
      expect(
        (await issuesOf(tenant, { name: 'Mill', key })).map(({ path }) => path),
        key,
      ).toEqual(['key'])
    }
    for (const key of ['a1', 'a-', 'a--b', 'a'.repeat(48)])
      expect((await create(tenant, { name: 'Mill', key })).key).toBe(key)
  })

  test('the database name is an SQL identifier without quotes, at most 63 bytes, unique in the instance', async () => {
    const { db } = app.current.services
    const tenant = await world().tenant()
    const long = await create(tenant, { name: 'Mill', key: `select-${'x'.repeat(41)}` })
    const longer = await create(tenant, { name: 'Mill', key: `select-${'x'.repeat(40)}y` })
    for (const { databaseName: name } of [
      long,
      longer,
      await create(tenant, { name: 'Select', key: 'select' }),
    ]) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
      const rows = await db.$queryRawUnsafe<{ plain: boolean }[]>(
        `SELECT quote_ident('${name}') = '${name}' AS plain`,
      )
      expect(rows, name).toEqual([{ plain: true }])
    }
    expect(long.databaseName).not.toBe(longer.databaseName)
    // `a-b` in `c` and `b` in `c-a` meet in their letters only when slug and key are told apart.
    expect(databaseName('c', 'a-b', 1)).not.toBe(databaseName('c-a', 'b', 1))
    expect(databaseName('x'.repeat(48), 'y'.repeat(48), 1)).toMatch(/^[a-z_][a-z0-9_]{62}$/)
    expect(databaseName('a', 'b', 2)).not.toBe(databaseName('a', 'b', 1))
  })

  test('lesson 14: a database name that is taken elsewhere leaves a given key as it is', async () => {
    const { db } = app.current.services
    const [tenant, other] = [await world().tenant(), await world().tenant()]
    const taken = databaseName(tenant.slug, 'mill', 1)
    await db.workspace.create({
      data: { organizationId: other.organizationId, key: 'thief', name: 'Thief', databaseName: taken },
    })
    const row = await create(tenant, { name: 'Mill', key: 'mill' })
    expect(row.key).toBe('mill')
    expect(row.databaseName).toMatch(/_[0-9a-f]{12}$/)
  })

  test.each(['key', 'databaseName', 'organizationId'] as const)(
    '%s never changes, not even by SQL',
    async (field) => {
      const [tenant, other] = [await world().tenant(), await world().tenant()]
      const value = field === 'organizationId' ? other.organizationId : 'changed'
      const change = app.current.services.db.workspace.update({
        where: { id: tenant.first.workspaceId },
        data: { [field]: value },
      })
      await expect(change).rejects.toThrow(/keeps its key/)
    },
  )

  test('no input takes a database name, and no update a key', async () => {
    const { owner, first, id } = await world().tenant()
    for (const mutation of [
      `updateWorkspace(input: { id: "${first.id}", key: "other" }) { __typename }`,
      `createWorkspace(input: { organizationId: "${id}", name: "x", databaseName: "other" }) { __typename }`,
    ]) {
      const { errors } = await app.current.run(`mutation { ${mutation} }`, {}, owner.token)
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'VALIDATION' })
    }
  })
})

describe('slugs', () => {
  test.each([
    ['Analytical Engines', 'analytical-engines'],
    ['  --Äpfel & Birnen--  ', 'apfel-birnen'],
    ['ｆｕｌｌ ｗｉｄｔｈ', 'full-width'],
    ['42', 'none'],
    ['', 'none'],
    ['ß', 'ss'],
    ['x', 'none'],
  ])('%j becomes %j', (name, slug) => expect(slugify(name, 'none')).toBe(slug))

  test('an alternative is never too long, and ends in no second hyphen', () => {
    for (const attempt of [1, 2, 10, 20, 21, 50]) {
      for (const base of ['x'.repeat(48), `${'x'.repeat(45)}-yz`, 'ab']) {
        expect(alternative(base, attempt)).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
        expect(alternative(base, attempt).length).toBeLessThanOrEqual(48)
      }
    }
  })
})

describe('what a workspace may be called', () => {
  test('W4 a name is trimmed and NFC, and counted in characters as people see them', async () => {
    const tenant = await world().tenant()
    expect((await create(tenant, { name: ' \u00a0e\u0301tude\t' })).name).toBe('étude')
    expect((await create(tenant, { name: '😀'.repeat(120) })).name).toBe('😀'.repeat(120))
    for (const name of ['', '   ', '\u00a0', '😀'.repeat(121), 'a\u0000b', 'a\nb', 'a\u0085b']) {
      expect(
        (await issuesOf(tenant, { name })).map(({ path }) => path),
        JSON.stringify(name),
      ).toEqual(['name'])
    }
  })

  test('W6 a description has lines, and at most 2,000 characters', async () => {
    const tenant = await world().tenant()
    const description = `one\ntwo\t${'😀'.repeat(1992)}`
    expect((await create(tenant, { description })).description).toBe(description)
    expect((await issuesOf(tenant, { description: 'x'.repeat(2001) }))[0]).toEqual({
      path: 'description',
      message: 'The description can have at most 2000 characters.',
    })
    expect((await issuesOf(tenant, { description: 'a\u0000b' }))[0]?.path).toBe('description')
  })

  test('W7 labels: at most 20 different ones of 1 to 100 characters, in their order', async () => {
    const tenant = await world().tenant()
    const labels = Array.from({ length: 20 }, (_, nth) => `label ${nth}`)
    expect((await create(tenant, { labels: [...labels, ...labels] })).labels).toEqual(labels)
    expect((await create(tenant, { labels: ['e\u0301', 'é', 'E\u0301'] })).labels).toEqual(['é', 'É'])
    expect((await issuesOf(tenant, { labels: [...labels, 'more'] }))[0]?.path).toBe('labels')
    expect((await issuesOf(tenant, { labels: ['a', ' ', 'x'.repeat(101)] })).map(({ path }) => path)).toEqual(
      ['labels.1', 'labels.2'],
    )
  })

  test('W9 a coordinate system is an EPSG code or well-known text', async () => {
    const tenant = await world().tenant()
    const wkt = 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]]]'
    for (const system of ['EPSG:4326', 'EPSG:25832', wkt, null]) {
      expect((await create(tenant, { defaultCoordinateSystem: system })).defaultCoordinateSystem).toBe(system)
    }
    for (const system of [
      '',
      'WGS84',
      'EPSG:1',
      'EPSG:4326 or so',
      'DROP TABLE',
      `GEOGCS[${'x'.repeat(4000)}]`,
    ]) {
      expect(
        (await issuesOf(tenant, { defaultCoordinateSystem: system }))[0]?.path,
        system.slice(0, 20),
      ).toBe('defaultCoordinateSystem')
    }
  })

  test('all that is wrong is told at once', async () => {
    const issues = await issuesOf(await world().tenant(), {
      name: '',
      key: '!',
      labels: [''],
      description: 'x'.repeat(3000),
    })
    expect(issues.map(({ path }) => path).sort()).toEqual(['description', 'key', 'labels.0', 'name'])
    expect(issues.every(({ message }) => message.endsWith('.'))).toBe(true)
  })
})

describe('W8 the bounding box', () => {
  const ring = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 0],
  ]
  const polygon = (...coordinates: number[][][]) => ({ type: 'Polygon', coordinates })

  test('may have holes, and the edges of the earth', async () => {
    const tenant = await world().tenant()
    const boundingBox = polygon(
      [
        [-180, -90],
        [180, -90],
        [180, 90],
        [-180, -90],
      ],
      ring,
    )
    expect((await create(tenant, { boundingBox })).boundingBox).toEqual(boundingBox)
  })

  test.each([
    ['no ring', polygon(), 'boundingBox.coordinates', /at least one ring/],
    ['a ring of three', polygon(ring.slice(1)), 'boundingBox.coordinates.0', /Ring 0 has 3 positions/],
    [
      'an open ring',
      polygon(ring, [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ]),
      'boundingBox.coordinates.1.3',
      /Ring 1, position 3: a ring ends/,
    ],
    [
      'longitude',
      polygon([
        [0, 0],
        [180.1, 0],
        [1, 1],
        [0, 0],
      ]),
      'boundingBox.coordinates.0.1',
      /Ring 0, position 1: longitude 180.1/,
    ],
    [
      'latitude',
      polygon(ring, [
        [0, 0],
        [1, 0],
        [1, -90.5],
        [0, 0],
      ]),
      'boundingBox.coordinates.1.2',
      /Ring 1, position 2: latitude -90.5/,
    ],
    [
      'a position of one',
      polygon([[0, 0], [1], [1, 1], [0, 0]]),
      'boundingBox.coordinates.0.1',
      /Ring 0, position 1: a position is/,
    ],
    [
      'a position of three',
      polygon([
        [0, 0],
        [1, 0, 5],
        [1, 1],
        [0, 0],
      ]),
      'boundingBox.coordinates.0.1',
      /a position is/,
    ],
    ['another type', { type: 'Point', coordinates: [ring] }, 'boundingBox.type', /Polygon/],
  ])('%s is refused where it is', async (_name, boundingBox, path, message) => {
    const issues = await issuesOf(await world().tenant(), { boundingBox })
    expect(issues.map((issue) => issue.path)).toContain(path)
    expect(issues.find((issue) => issue.path === path)?.message).toMatch(message)
  })

  test('every bad position of a ring is named', async () => {
    const issues = await issuesOf(await world().tenant(), {
      boundingBox: polygon([
        [0, 0],
        [200, 0],
        [0, 100],
        [0, 0],
      ]),
    })
    expect(issues.map(({ path }) => path)).toEqual([
      'boundingBox.coordinates.0.1',
      'boundingBox.coordinates.0.2',
    ])
  })
})
