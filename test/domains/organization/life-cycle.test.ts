import { describe, expect, test } from 'vitest'
import { purgeDueOrganization } from '../../../src/domains/organization/purge-organization.ts'
import { purgeDue } from '../../../src/domains/organization/tasks.ts'
import { updateViewerPreferences } from '../../../src/domains/preferences/update-viewer-preferences.ts'
import { updateWorkspacePreferences } from '../../../src/domains/preferences/update-workspace-preferences.ts'
import { registerResource } from '../../../src/domains/resource/register-resource.ts'
import { updateWorkspaceSettings } from '../../../src/domains/workspace/update-workspace-settings.ts'
import { inTransaction } from '../../../src/platform/db.ts'
import { addJob } from '../../../src/platform/jobs.ts'
import { graphql } from '../../generated/index.ts'
import { useTestApp } from '../../kit/app.ts'
import { DAY } from '../../kit/clock.ts'
import { createInside } from '../../kit/inside.ts'
import { spareOperation } from '../../kit/provisioning-calls.ts'
import { createWorld, type Tenant } from '../../kit/world.ts'

const app = useTestApp({}, { repeats: true })
const world = () => createWorld(app.current)
const origin = () => ({ db: app.current.services.db, viewer: null, requestId: null })
const inDays = (days: number) => new Date(app.current.clock.now().getTime() + days * DAY)

const UpdateOrganization = graphql(`
  mutation UpdateOrganization($input: UpdateOrganizationInput!) {
    updateOrganization(input: $input) {
      __typename
      ... on UpdateOrganizationPayload { organization { id name slug version } }
      ... on SlugTaken { slug message }
      ... on VersionConflict { current }
      ... on ValidationError { issues { path message } }
    }
  }
`)
const DeleteOrganization = graphql(`
  mutation DeleteOrganization($input: DeleteOrganizationInput!) {
    deleteOrganization(input: $input) {
      __typename
      ... on DeleteOrganizationPayload { deletedOrganizationId purgeAt }
      ... on VersionConflict { current }
    }
  }
`)
const RestoreOrganization = graphql(`
  mutation RestoreOrganization($input: RestoreOrganizationInput!) {
    restoreOrganization(input: $input) {
      __typename
      ... on RestoreOrganizationPayload {
        organization { id slug version deletedAt workspaces { totalCount } members { totalCount } viewerRole { key } }
      }
    }
  }
`)
const CreateOrganization = graphql(`
  mutation CreateOrganization($input: CreateOrganizationInput!) {
    createOrganization(input: $input) {
      __typename
      ... on CreateOrganizationPayload { organization { slug } workspace { key databaseName } }
    }
  }
`)
const MemberCounts = graphql(`
  query MemberCounts($id: ID!, $workspaceIds: [ID!]!) {
    organization(id: $id) {
      workspaceMemberCounts(workspaceIds: $workspaceIds) { memberCount workspace { id name members { totalCount } } }
    }
  }
`)
const PlainCounts = graphql(`
  query PlainCounts($id: ID!, $workspaceIds: [ID!]!) {
    organization(id: $id) { workspaceMemberCounts(workspaceIds: $workspaceIds) { memberCount workspace { id } } }
  }
`)

const remove = (tenant: Tenant, token = tenant.owner.token) =>
  app.current.run(DeleteOrganization, { input: { id: tenant.id } }, token)
const restore = (tenant: Tenant, token = tenant.owner.token) =>
  app.current.run(RestoreOrganization, { input: { id: tenant.id } }, token)
const typesOf = async ({ organizationId }: Tenant) =>
  (
    await app.current.services.db.event.findMany({ where: { organizationId }, orderBy: { sequence: 'asc' } })
  ).map(({ type }) => type)

describe('updateOrganization', () => {
  test('W3 changes name and slug, and leaves database names as they are', async () => {
    const tenant = await world().tenant()
    const admin = await tenant.member('ADMIN')
    const { db } = app.current.services
    const names = () =>
      db.workspace.findMany({
        where: { organizationId: tenant.organizationId },
        select: { databaseName: true },
      })
    const before = await names()
    const slug = `${tenant.slug}-new`.slice(-40).replace(/^[^a-z]+/, 'o')
    const { data } = await app.current.run(
      UpdateOrganization,
      { input: { id: tenant.id, name: ' New ', slug, expectedVersion: 1 } },
      admin.token,
    )
    expect(data.updateOrganization).toMatchObject({ organization: { name: 'New', slug, version: 2 } })
    expect(await names()).toEqual(before)
    expect(
      await db.event.findFirst({
        where: { organizationId: tenant.organizationId, type: 'organization.updated' },
      }),
    ).toMatchObject({ changes: { slug: { before: tenant.slug, after: slug }, name: { after: 'New' } } })
    await app.current.run(UpdateOrganization, { input: { id: tenant.id, name: 'New' } }, admin.token)
    expect((await typesOf(tenant)).filter((type) => type === 'organization.updated')).toHaveLength(1)
  })

  test('W16 lesson 14: refuses a taken slug, an old version and what breaks limits, and changes nothing', async () => {
    const [tenant, other] = await Promise.all([world().tenant(), world().tenant()])
    const run = async (input: object) =>
      (await app.current.run(UpdateOrganization, { input: { id: tenant.id, ...input } }, tenant.owner.token))
        .data.updateOrganization
    expect(await run({ slug: other.slug })).toMatchObject({ __typename: 'SlugTaken', slug: other.slug })
    expect(await run({ name: 'X', expectedVersion: 7 })).toEqual({
      __typename: 'VersionConflict',
      current: 1,
    })
    expect(await run({ slug: 'No Slug', name: null })).toMatchObject({
      issues: [{ path: 'name' }, { path: 'slug' }],
    })
    expect(await run({ name: tenant.slug, slug: tenant.slug })).toMatchObject({
      organization: { version: 2 },
    })
    const member = await tenant.member()
    const refused = await app.current.run(
      UpdateOrganization,
      { input: { id: tenant.id, name: 'X' } },
      member.token,
    )
    expect(refused.errors?.[0]?.extensions).toMatchObject({ permission: 'organization:settings' })
  })
})

describe('deleting an organization', () => {
  test('lesson 17: changes one row, whatever its size, and is for owners alone', async () => {
    const tenant = await world().tenant()
    for (let n = 0; n < 5; n++) await tenant.workspace()
    const admin = await tenant.member('ADMIN')
    expect((await remove(tenant, admin.token)).errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      permission: 'organization:delete',
    })
    const wrong = await app.current.run(
      DeleteOrganization,
      { input: { id: tenant.id, expectedVersion: 9 } },
      tenant.owner.token,
    )
    expect(wrong.data.deleteOrganization).toEqual({ __typename: 'VersionConflict', current: 1 })
    app.current.statements.length = 0
    const { data } = await remove(tenant)
    expect(data.deleteOrganization).toMatchObject({ deletedOrganizationId: tenant.id })
    const writes = app.current.statements.filter((sql) =>
      /^\s*(UPDATE|DELETE|INSERT|WITH)|append_events/i.test(sql),
    )
    expect(writes).toHaveLength(2)
    expect(writes[0]).toMatch(/^UPDATE .*"organization"/)
    const row = await app.current.services.db.organization.findUniqueOrThrow({
      where: { id: tenant.organizationId },
    })
    expect(Number(row.purgeAt) - Number(row.deletedAt)).toBe(30 * DAY)
  })

  test('O13 everything of it is absent at once for everybody, with the sessions they have', async () => {
    const tenant = await world().tenant()
    const member = await tenant.grantee(tenant.first.workspaceId, 'OWNER')
    const resource = await registerResource(await tenant.owner.caller(), {
      workspaceId: tenant.first.workspaceId,
      kind: 'BUCKET',
      name: 'b',
    })
    const seen = await app.current.run<Record<string, { nodes: { id: string }[] } & { id: string }>>(
      `query($o: ID!, $w: ID!) {
        organization(id: $o) { roles(first: 1) { nodes { id } } }
        workspace(id: $w) { members { nodes { id } } resources { nodes { id } } }
      }`,
      { o: tenant.id, w: tenant.first.id },
      tenant.owner.token,
    )
    const ids = [...JSON.stringify(seen.data).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id)
    expect(ids).toHaveLength(4)
    await remove(tenant)
    const admin = await world().person({ platformAdmin: true })
    for (const { token } of [tenant.owner, member, admin]) {
      const run = (document: string, variables: object = {}) =>
        app.current.run<Record<string, unknown>>(
          document,
          { o: tenant.id, w: tenant.first.id, ...variables },
          token,
        )
      const asked = [
        run('query($o: ID!) { organization(id: $o) { id } }'),
        run('query($s: String!) { organizationBySlug(slug: $s) { id } }', { s: tenant.slug }),
        run('query($w: ID!) { workspace(id: $w) { id } }'),
        run('query($w: ID!) { workspace(id: $w, deleted: INCLUDE) { id } }'),
        run('query($s: String!) { workspaceByKey(organizationSlug: $s, key: "general") { id } }', {
          s: tenant.slug,
        }),
        run('query($o: ID!) { node(id: $o) { id } }'),
        ...ids.map((id) => run('query($id: ID!) { node(id: $id) { id } }', { id })),
        run('mutation($o: ID!) { updateOrganization(input: { id: $o, name: "X" }) { __typename } }'),
        run('mutation($o: ID!) { deleteOrganization(input: { id: $o }) { __typename } }'),
        run('mutation($o: ID!) { createWorkspace(input: { organizationId: $o, name: "X" }) { __typename } }'),
        run('mutation($w: ID!) { updateWorkspace(input: { id: $w, name: "X" }) { __typename } }'),
        run('mutation($w: ID!) { deleteWorkspace(input: { id: $w }) { __typename } }'),
        run('mutation($w: ID!) { restoreWorkspace(input: { id: $w }) { __typename } }'),
        run(
          'mutation($w: ID!) { registerResource(input: { workspaceId: $w, kind: BUCKET, name: "c" }) { __typename } }',
        ),
        run('mutation($r: ID!) { removeResource(input: { id: $r }) { __typename } }', {
          r: Buffer.from(`Resource:${resource.resourceId}`).toString('base64url'),
        }),
        run(
          'mutation($w: ID!) { setWorkspacesMlEnabled(input: { workspaceIds: [$w], enabled: true }) { __typename } }',
        ),
      ]
      for (const { errors } of await Promise.all(asked))
        expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND'])
    }
    const lists = await app.current.run<{ viewer: Record<string, { totalCount: number }> }>(
      '{ viewer { organizations { totalCount } workspaces(deleted: INCLUDE) { totalCount } } }',
      {},
      tenant.owner.token,
    )
    expect(lists.data.viewer).toEqual({ organizations: { totalCount: 0 }, workspaces: { totalCount: 0 } })
  })

  test('restoring brings back all, for owners alone', async () => {
    const tenant = await world().tenant()
    const gone = await tenant.workspace()
    await app.current.services.db.workspace.update({
      where: { id: gone.workspaceId },
      data: { deletedAt: new Date(), purgeAt: inDays(30) },
    })
    const admin = await tenant.member('ADMIN')
    const stranger = await world().person()
    const live = await restore(tenant)
    expect(live.data.restoreOrganization?.__typename).toBe('NotDeleted')
    expect((await restore(tenant, admin.token)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    await remove(tenant)
    for (const { token } of [admin, stranger])
      expect((await restore(tenant, token)).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    expect((await restore(tenant)).data.restoreOrganization).toEqual({
      __typename: 'RestoreOrganizationPayload',
      organization: {
        id: tenant.id,
        slug: tenant.slug,
        version: 3,
        deletedAt: null,
        workspaces: { totalCount: 1 },
        members: { totalCount: 2 },
        viewerRole: { key: 'OWNER' },
      },
    })
    expect((await typesOf(tenant)).slice(-2)).toEqual(['organization.deleted', 'organization.restored'])
  })

  test('a platform administrator restores it too', async () => {
    const tenant = await world().tenant()
    const admin = await world().person({ platformAdmin: true })
    await remove(tenant)
    expect((await restore(tenant, admin.token)).data.restoreOrganization?.__typename).toBe(
      'RestoreOrganizationPayload',
    )
  })
})

describe('purging', () => {
  /** Every table with a column `organization_id`, and how many rows of this organization it has. */
  async function rowsOf({ organizationId }: Tenant): Promise<Record<string, number>> {
    const { db } = app.current.services
    const tables = await db.$queryRaw<{ name: string }[]>`
      SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relkind = 'r' AND a.attname = 'organization_id' AND c.relnamespace = 'public'::regnamespace`
    const counts = await Promise.all(
      tables.map(async ({ name }) => {
        const [row] = await db.$queryRawUnsafe<{ n: number }[]>(
          `SELECT count(*)::int AS n FROM "${name}" WHERE organization_id = $1::uuid`,
          organizationId,
        )
        return [name, row?.n ?? 0] as const
      }),
    )
    return Object.fromEntries(counts)
  }

  /** A tenant with rows in every table. */
  async function filled(): Promise<Tenant> {
    const tenant = await world().tenant()
    const caller = await tenant.owner.caller()
    const { workspaceId } = tenant.first
    await createInside(tenant, workspaceId)
    await spareOperation({ app: app.current, tenant })
    await updateWorkspacePreferences(caller, { workspaceId, locale: 'de' })
    await updateViewerPreferences(caller, { workspaceId, locale: 'fr' })
    await updateWorkspaceSettings(caller, {
      workspaceId,
      settings: { integrations: [{ key: 'chat', secrets: [{ key: 'token', value: 'secret' }] }] },
      mode: 'MERGE',
    })
    for (let n = 0; n < 4; n++) {
      const { workspaceId } = await tenant.workspace()
      await tenant.grantee(workspaceId, 'READ')
      for (const name of ['a', 'b', 'c'])
        await registerResource(caller, { workspaceId, kind: 'BUCKET', name })
    }
    await app.current.run(
      'mutation($o: ID!) { createInvites(input: { scopeId: $o, invites: [{ email: "new@example.com", role: "MEMBER" }] }) { __typename } }',
      { o: tenant.id },
      tenant.owner.token,
    )
    return tenant
  }

  test('O18 lesson 17: an organization leaves in batches; its events stay and its slug is free', async () => {
    const tenant = await filled()
    expect(await purgeDueOrganization(origin(), tenant.organizationId, inDays(99))).toBe(false)
    await remove(tenant)
    expect(await purgeDueOrganization(origin(), tenant.organizationId, inDays(29))).toBe(false)
    const before = await rowsOf(tenant)
    expect(Object.entries(before).filter(([, count]) => count === 0)).toEqual([])
    app.current.statements.length = 0
    expect(await purgeDueOrganization(origin(), tenant.organizationId, inDays(31), 3)).toBe(true)
    const deletes = app.current.statements.filter((sql) => /DELETE FROM (resource|workspace)\b/.test(sql))
    expect(deletes.length).toBeGreaterThan(5)
    const { event, ...others } = await rowsOf(tenant)
    expect(others).toEqual(Object.fromEntries(Object.keys(others).map((table) => [table, 0])))
    expect(event).toBe((before.event ?? 0) + 1)
    expect((await typesOf(tenant)).at(-1)).toBe('organization.purged')
    expect((await restore(tenant)).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    const again = await app.current.run(
      CreateOrganization,
      { input: { name: 'Again', slug: tenant.slug } },
      tenant.owner.token,
    )
    expect(again.data.createOrganization).toMatchObject({
      organization: { slug: tenant.slug },
      workspace: { key: 'general', databaseName: `${tenant.slug}__general`.replaceAll('-', '_') },
    })
    expect(await purgeDueOrganization(origin(), tenant.organizationId, inDays(99))).toBe(false)
  })

  test('O18 after a crash it goes on where it stopped, and is not restored in between', async () => {
    const tenant = await filled()
    await remove(tenant)
    const { db } = app.current.services
    let steps = 0
    const crashing = new Proxy(db, {
      get: (target, property) => {
        if (property === '$transaction' && ++steps > 3) throw new Error('the process was killed')
        return Reflect.get(target, property)
      },
    })
    await expect(
      purgeDueOrganization({ ...origin(), db: crashing }, tenant.organizationId, inDays(31), 2),
    ).rejects.toThrow('killed')
    const { organization_member: members = 0, resource = 0 } = await rowsOf(tenant)
    expect(members + resource).toBeGreaterThan(0)
    expect((await restore(tenant)).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    await expect(
      db.organization.update({ where: { id: tenant.organizationId }, data: { purgeStartedAt: null } }),
    ).rejects.toThrow(/is being purged/)
    const slug = { input: { name: 'Other', slug: tenant.slug } }
    const taken = await app.current.run(CreateOrganization, slug, tenant.owner.token)
    expect(taken.data.createOrganization?.__typename).toBe('SlugTaken')
    expect(await purgeDueOrganization(origin(), tenant.organizationId, inDays(31), 2)).toBe(true)
    const free = await app.current.run(CreateOrganization, slug, tenant.owner.token)
    expect(free.data.createOrganization?.__typename).toBe('CreateOrganizationPayload')
    expect((await typesOf(tenant)).filter((type) => type === 'organization.purged')).toHaveLength(1)
  })

  test('O18 a restore and a purge at the same moment: one of them wins, wholly', async () => {
    for (let round = 0; round < 8; round++) {
      const tenant = await world().tenant()
      await tenant.workspace()
      await remove(tenant)
      const [restored, purged] = await Promise.all([
        restore(tenant),
        purgeDueOrganization(origin(), tenant.organizationId, inDays(31), 1),
      ])
      const left = await app.current.services.db.workspace.count({
        where: { organizationId: tenant.organizationId },
      })
      expect(restored.data.restoreOrganization?.__typename === 'RestoreOrganizationPayload').toBe(!purged)
      expect(left).toBe(purged ? 0 : 2)
    }
  })

  test('O18 the background job takes what is due, leaves the rest, and bears failures of single ones', async () => {
    const [due, kept, workspaces] = await Promise.all([filled(), filled(), world().tenant()])
    const { id, workspaceId } = await workspaces.workspace()
    await app.current.run(
      'mutation($id: ID!) { deleteWorkspace(input: { id: $id }) { __typename } }',
      { id },
      workspaces.owner.token,
    )
    await remove(due)
    const { services } = app.current
    const later = { ...services, clock: { now: () => inDays(31) } }
    const broken = new Proxy(services.db, {
      get: (target, property) =>
        property === 'organization'
          ? new Proxy(target.organization, {
              get: (model, method) =>
                method === 'updateMany'
                  ? () => Promise.reject(new Error('broken'))
                  : Reflect.get(model, method),
            })
          : Reflect.get(target, property),
    })
    await expect(purgeDue({ ...later, db: broken })).rejects.toThrow(/could not be purged/)
    const exists = async () => [
      await services.db.organization.count({ where: { id: due.organizationId } }),
      await services.db.organization.count({ where: { id: kept.organizationId } }),
      await services.db.workspace.count({ where: { id: workspaceId } }),
    ]
    expect(await exists()).toEqual([1, 1, 0])
    await purgeDue(later)
    expect(await exists()).toEqual([0, 1, 0])
  })

  test('O18 the job is in the timetable of the worker, and runs', async () => {
    const { db } = app.current.services
    const crontab = await db.$queryRaw`SELECT identifier FROM graphile_worker._private_known_crontabs`
    expect(crontab).toContainEqual({ identifier: 'purge-due' })
    const tenant = await world().tenant()
    await remove(tenant)
    app.current.clock.advance(31 * DAY)
    await inTransaction(db, (tx) => addJob(tx, 'purge-due', {}))
    for (let waited = 0; waited < 10_000; waited += 50) {
      if (!(await db.organization.count({ where: { id: tenant.organizationId } }))) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect((await typesOf(tenant)).at(-1)).toBe('organization.purged')
  })
})

describe('counting', () => {
  test('O19 counts effective members of any number of workspaces by one query, as the lists show them', async () => {
    const tenant = await world().tenant()
    const some = [tenant.first, await tenant.workspace(), await tenant.workspace(), await tenant.workspace()]
    await tenant.member('ADMIN')
    await tenant.member('MEMBER')
    await tenant.grantee(some[1]?.workspaceId ?? '', 'READ')
    const both = await tenant.member('ADMIN')
    await tenant.grant(both, { kind: 'Workspace', id: some[1]?.workspaceId ?? '' }, 'OWNER')
    const statements = async (ids: string[]) => {
      app.current.statements.length = 0
      await app.current.run(PlainCounts, { id: tenant.id, workspaceIds: ids }, tenant.owner.token)
      return app.current.statements.length
    }
    const ids = some.map(({ id }) => id).reverse()
    const { data } = await app.current.run(
      MemberCounts,
      { id: tenant.id, workspaceIds: [...ids, ...ids] },
      tenant.owner.token,
    )
    const counts = data.organization?.workspaceMemberCounts ?? []
    expect(counts.map(({ workspace }) => workspace.id)).toEqual(ids)
    expect(counts.map(({ memberCount }) => memberCount)).toEqual([3, 3, 4, 3])
    for (const { workspace, memberCount } of counts) expect(workspace.members.totalCount).toBe(memberCount)
    expect(await statements(ids)).toBe(await statements(ids.slice(0, 1)))
    expect(app.current.statements.filter((sql) => /GROUP BY/i.test(sql))).toHaveLength(1)
  })

  test('O19 T12 an id that is not a workspace here, or not for the viewer, is absent', async () => {
    const [tenant, other] = await Promise.all([world().tenant(), world().tenant()])
    const hidden = await tenant.workspace()
    const grantee = await tenant.grantee(tenant.first.workspaceId, 'READ')
    await other.grant(grantee, { kind: 'Workspace', id: other.first.workspaceId }, 'READ')
    const code = async (id: string, token: string) => {
      const { data, errors } = await app.current.run(
        PlainCounts,
        { id: tenant.id, workspaceIds: [tenant.first.id, id] },
        token,
      )
      expect(data.organization?.workspaceMemberCounts ?? null).toBe(null)
      return errors?.[0]?.extensions.code
    }
    expect(await code(other.first.id, tenant.owner.token)).toBe('NOT_FOUND')
    expect(await code(other.first.id, grantee.token)).toBe('NOT_FOUND')
    expect(await code(hidden.id, grantee.token)).toBe('NOT_FOUND')
    await app.current.run(
      'mutation($id: ID!) { deleteWorkspace(input: { id: $id }) { __typename } }',
      { id: hidden.id },
      tenant.owner.token,
    )
    expect(await code(hidden.id, tenant.owner.token)).toBe('NOT_FOUND')
  })
})
