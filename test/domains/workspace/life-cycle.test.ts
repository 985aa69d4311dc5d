import { describe, expect, test } from 'vitest'
import { deleteWorkspace } from '../../../src/domains/workspace/delete-workspace.ts'
import { purgeDueWorkspace } from '../../../src/domains/workspace/purge-workspace.ts'
import { graphql } from '../../generated/index.ts'
import { useTestApp } from '../../kit/app.ts'
import { DAY } from '../../kit/clock.ts'
import { createWorld, type Tenant } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

const DeleteWorkspace = graphql(`
  mutation DeleteWorkspace($input: DeleteWorkspaceInput!) {
    deleteWorkspace(input: $input) {
      __typename
      ... on DeleteWorkspacePayload { deletedWorkspaceId workspace { id key version deletedAt purgeAt updatedBy { id } } }
      ... on VersionConflict { current }
      ... on WorkspaceNotEmpty { message buckets repositories }
    }
  }
`)
const RestoreWorkspace = graphql(`
  mutation RestoreWorkspace($input: RestoreWorkspaceInput!) {
    restoreWorkspace(input: $input) {
      __typename
      ... on RestoreWorkspacePayload { workspace { id name version deletedAt purgeAt memberCount } }
    }
  }
`)
const PurgeWorkspace = graphql(`
  mutation PurgeWorkspace($input: PurgeWorkspaceInput!) {
    purgeWorkspace(input: $input) {
      __typename
      ... on PurgeWorkspacePayload { purgedWorkspaceId }
    }
  }
`)
const SetMlEnabled = graphql(`
  mutation SetMlEnabled($input: SetWorkspacesMlEnabledInput!) {
    setWorkspacesMlEnabled(input: $input) {
      __typename
      ... on SetWorkspacesMlEnabledPayload { workspaces { id mlEnabled version } }
      ... on ValidationError { issues { path message } }
    }
  }
`)
const UpdateWorkspace = graphql(`
  mutation UpdateWorkspace($input: UpdateWorkspaceInput!) {
    updateWorkspace(input: $input) {
      __typename
      ... on UpdateWorkspacePayload { workspace { name description boundingBox { type } defaultCoordinateSystem labels version } }
      ... on VersionConflict { current }
      ... on ValidationError { issues { path message } }
    }
  }
`)
const CreateWorkspace = graphql(`
  mutation CreateWorkspace($input: CreateWorkspaceInput!) {
    createWorkspace(input: $input) {
      __typename
      ... on CreateWorkspacePayload { workspace { id key name databaseName } }
      ... on ValidationError { issues { path message } }
    }
  }
`)
const GetWorkspace = graphql(`
  query GetWorkspace($id: ID!, $deleted: Deleted) {
    workspace(id: $id, deleted: $deleted) { id deletedAt purgeAt viewerAccess viewerPermissions members { totalCount } }
  }
`)
const ListWorkspaces = graphql(`
  query ListWorkspaces($id: ID!, $deleted: Deleted) {
    organization(id: $id) { workspaces(deleted: $deleted) { totalCount nodes { id } } }
    viewer { workspaces(organizationId: $id, deleted: $deleted) { totalCount nodes { id } } }
  }
`)
const Permissions = graphql(`
  query WorkspacePermissions($id: ID!, $organizationId: ID!) {
    workspace(id: $id) { viewerPermissions }
    organization(id: $organizationId) { viewerPermissions }
  }
`)

const events = (organizationId: string) =>
  app.current.services.db.event.findMany({ where: { organizationId }, orderBy: { sequence: 'asc' } })

/** Writes what the organization's and a workspace's settings say about deletion. */
async function policy(tenant: Tenant, organization: object, workspace: object = {}, workspaceId = '') {
  const { db } = app.current.services
  await db.organization.update({ where: { id: tenant.organizationId }, data: { settings: organization } })
  if (workspaceId) await db.workspace.update({ where: { id: workspaceId }, data: { settings: workspace } })
}
const required = (workspaceDeletion: 'ADMIN' | 'OWNER') => ({ permissions: { workspaceDeletion } })

describe('deleting', () => {
  test('O10 W15 hides a workspace, says until when, and appends one event', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = await tenant.workspace({ name: 'Web', key: 'web' })
    const before = app.current.clock.now().getTime()
    const { data } = await app.current.run(DeleteWorkspace, { input: { id } }, tenant.owner.token)
    const result = data.deleteWorkspace
    if (result?.__typename !== 'DeleteWorkspacePayload') throw new Error(result?.__typename)
    expect(result).toMatchObject({ deletedWorkspaceId: id, workspace: { id, key: 'web', version: 2 } })
    expect(result.workspace.updatedBy?.id).toBe(tenant.owner.id)
    const deletedAt = Date.parse(result.workspace.deletedAt ?? '')
    expect(deletedAt).toBeGreaterThanOrEqual(before)
    expect(Date.parse(result.workspace.purgeAt ?? '') - deletedAt).toBe(30 * DAY)
    const log = (await events(tenant.organizationId)).filter(({ workspaceId: at }) => at === workspaceId)
    expect(log.at(-1)).toMatchObject({
      type: 'workspace.deleted',
      actorId: tenant.owner.userId,
      subjectId: workspaceId,
      changes: { deletedAt: { before: null }, purgeAt: { before: null } },
    })
  })

  test('O13 W3 a deleted workspace is absent unless asked for, everywhere, and keeps its key', async () => {
    const tenant = await world().tenant()
    const viewer = await tenant.grantee((await tenant.workspace({ key: 'other' })).workspaceId, 'READ')
    const { id, workspaceId } = await tenant.workspace({ key: 'gone' })
    await tenant.grant(viewer, { kind: 'Workspace', id: workspaceId }, 'ADMIN')
    const members = await app.current.run<{ workspace: { members: { nodes: { id: string }[] } } }>(
      'query($id: ID!) { workspace(id: $id) { members { nodes { id } } } }',
      { id },
      tenant.owner.token,
    )
    await app.current.run(DeleteWorkspace, { input: { id } }, tenant.owner.token)
    const count = async () =>
      (await events(tenant.organizationId)).filter(({ workspaceId: at }) => at === workspaceId).length
    const before = await count()
    for (const { token } of [tenant.owner, viewer]) {
      const run = (document: string, variables: object) =>
        app.current.run<Record<string, unknown>>(document, { id, ...variables }, token)
      const absent = [
        run('query($id: ID!) { it: workspace(id: $id) { id } }', {}),
        run('query($id: ID!) { it: workspace(id: $id, deleted: EXCLUDE) { id } }', {}),
        run('query($id: ID!) { it: node(id: $id) { id } }', {}),
        run('query($slug: String!) { it: workspaceByKey(organizationSlug: $slug, key: "gone") { id } }', {
          slug: tenant.slug,
        }),
        ...members.data.workspace.members.nodes.map((member) =>
          run('query($member: ID!) { it: node(id: $member) { id } }', { member: member.id }),
        ),
        run('mutation($id: ID!) { it: updateWorkspace(input: { id: $id, name: "X" }) { __typename } }', {}),
        run('mutation($id: ID!) { it: deleteWorkspace(input: { id: $id }) { __typename } }', {}),
        run(
          'mutation($id: ID!) { it: registerResource(input: { workspaceId: $id, kind: BUCKET, name: "b" }) { __typename } }',
          {},
        ),
        run(
          'mutation($id: ID!, $userId: ID!) { it: setMemberRole(input: { scopeId: $id, userId: $userId, role: "READ" }) { __typename } }',
          { userId: viewer.id },
        ),
        run(
          'mutation($id: ID!, $userId: ID!) { it: removeMember(input: { scopeId: $id, userId: $userId }) { __typename } }',
          { userId: viewer.id },
        ),
        run(
          'mutation($id: ID!) { it: createInvites(input: { scopeId: $id, invites: [{ email: "new@example.com", role: "READ" }] }) { __typename } }',
          {},
        ),
      ]
      for (const { data, errors } of await Promise.all(absent)) {
        expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND'])
        expect(data.it).toBeNull()
      }
      const nodes = await run('query($id: ID!) { nodes(ids: [$id]) { id } }', {})
      expect(nodes.data.nodes).toEqual([null])
      for (const deleted of ['INCLUDE', 'ONLY'] as const) {
        const found = await app.current.run(GetWorkspace, { id, deleted }, token)
        expect(found.data.workspace).toMatchObject({ id, members: { totalCount: 2 } })
        expect(found.data.workspace?.deletedAt).not.toBeNull()
      }
    }
    expect(await count()).toBe(before)
    const again = await app.current.run(
      CreateWorkspace,
      { input: { organizationId: tenant.id, name: 'Gone', key: 'gone' } },
      tenant.owner.token,
    )
    expect(again.data.createWorkspace?.__typename).toBe('KeyTaken')
  })

  test('O13 lists leave deleted workspaces out, in, or alone', async () => {
    const tenant = await world().tenant()
    const { id } = await tenant.workspace()
    await app.current.run(DeleteWorkspace, { input: { id } }, tenant.owner.token)
    const listed = async (deleted?: 'EXCLUDE' | 'INCLUDE' | 'ONLY' | null) => {
      const { data } = await app.current.run(
        ListWorkspaces,
        { id: tenant.id, ...(deleted === undefined ? {} : { deleted }) } as never,
        tenant.owner.token,
      )
      const [own, all] = [data.viewer?.workspaces, data.organization?.workspaces]
      expect(own).toEqual(all)
      expect(all?.totalCount).toBe(all?.nodes.length)
      return all?.nodes.map((node) => node.id)
    }
    expect(await listed()).toEqual([tenant.first.id])
    expect(await listed(null)).toEqual([tenant.first.id])
    expect(await listed('EXCLUDE')).toEqual([tenant.first.id])
    expect(await listed('INCLUDE')).toEqual([id, tenant.first.id])
    expect(await listed('ONLY')).toEqual([id])
    const live = await app.current.run(
      GetWorkspace,
      { id: tenant.first.id, deleted: 'ONLY' },
      tenant.owner.token,
    )
    expect(live.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  })

  test('W16 refuses another version than the one that was read', async () => {
    const tenant = await world().tenant()
    const { id } = await tenant.workspace()
    const run = (expectedVersion: number) =>
      app.current.run(DeleteWorkspace, { input: { id, expectedVersion } }, tenant.owner.token)
    await app.current.run(
      UpdateWorkspace,
      { input: { id, name: 'Newer', expectedVersion: 1 } },
      tenant.owner.token,
    )
    expect((await run(1)).data.deleteWorkspace).toEqual({ __typename: 'VersionConflict', current: 2 })
    expect((await run(2)).data.deleteWorkspace?.__typename).toBe('DeleteWorkspacePayload')
  })

  test('W16 of many updates with the same version one wins', async () => {
    const tenant = await world().tenant()
    const { id } = await tenant.workspace()
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        app.current.run(
          UpdateWorkspace,
          { input: { id, name: `N${n}`, expectedVersion: 1 } },
          tenant.owner.token,
        ),
      ),
    )
    const kinds = answers.map(({ data }) => data.updateWorkspace?.__typename).sort()
    expect(kinds).toEqual(['UpdateWorkspacePayload', ...Array(11).fill('VersionConflict')])
  })

  test('O11 by default ADMIN deletes, WRITE does not', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = await tenant.workspace()
    const writer = await tenant.grantee(workspaceId, 'WRITE')
    const admin = await tenant.grantee(workspaceId, 'ADMIN')
    const refused = await app.current.run(DeleteWorkspace, { input: { id } }, writer.token)
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      permission: 'workspace:delete',
    })
    const done = await app.current.run(DeleteWorkspace, { input: { id } }, admin.token)
    expect(done.data.deleteWorkspace?.__typename).toBe('DeleteWorkspacePayload')
  })
})

describe('the deletion policy', () => {
  test('O11 where an owner is required, ADMIN loses workspace:delete in gate, viewerPermissions and under the lock', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = await tenant.workspace()
    const people = {
      admin: await tenant.grantee(workspaceId, 'ADMIN'),
      owner: await tenant.grantee(workspaceId, 'OWNER'),
      organizationAdmin: await tenant.member('ADMIN'),
    }
    const may = async ({ token }: { token: string }, on: 'workspace' | 'organization' = 'workspace') => {
      const { data } = await app.current.run(Permissions, { id, organizationId: tenant.id }, token)
      return data[on]?.viewerPermissions.includes('WORKSPACE_DELETE')
    }
    expect(await Promise.all(Object.values(people).map((person) => may(person)))).toEqual([true, true, true])
    const before = await people.admin.caller()
    await policy(tenant, required('OWNER'))
    expect(await Promise.all(Object.values(people).map((person) => may(person)))).toEqual([
      false,
      true,
      false,
    ])
    expect(await may(people.organizationAdmin, 'organization')).toBe(false)
    expect(await may(tenant.owner, 'organization')).toBe(true)
    for (const person of [people.admin, people.organizationAdmin]) {
      const answer = await app.current.run(DeleteWorkspace, { input: { id } }, person.token)
      expect(answer.errors?.[0]?.extensions).toMatchObject({ permission: 'workspace:delete' })
    }
    await expect(deleteWorkspace(before, { workspaceId })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const done = await app.current.run(DeleteWorkspace, { input: { id } }, people.owner.token)
    expect(done.data.deleteWorkspace?.__typename).toBe('DeleteWorkspacePayload')
    const restore = await app.current.run(RestoreWorkspace, { input: { id } }, people.admin.token)
    expect(restore.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  test('O11 S3 a workspace overrides it unless the organization locks it', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = await tenant.workspace()
    const admin = await tenant.grantee(workspaceId, 'ADMIN')
    const may = async () => {
      const { data } = await app.current.run(Permissions, { id, organizationId: tenant.id }, admin.token)
      return data.workspace?.viewerPermissions.includes('WORKSPACE_DELETE')
    }
    await policy(tenant, required('OWNER'), required('ADMIN'), workspaceId)
    expect(await may()).toBe(true)
    await policy(tenant, { ...required('OWNER'), locks: ['permissions.workspaceDeletion'] })
    expect(await may()).toBe(false)
    await policy(tenant, {}, required('OWNER'), workspaceId)
    expect(await may()).toBe(false)
    await policy(tenant, { locks: ['permissions.workspaceDeletion'] })
    expect(await may()).toBe(true)
  })

  test('O11 an ADMIN still gives the role ADMIN where an owner is required', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = await tenant.workspace()
    const admin = await tenant.grantee(workspaceId, 'ADMIN')
    const other = await tenant.grantee(workspaceId, 'READ')
    await policy(tenant, required('OWNER'))
    const { data } = await app.current.run<{ setMemberRole: { __typename: string } }>(
      'mutation($id: ID!, $userId: ID!) { setMemberRole(input: { scopeId: $id, userId: $userId, role: "ADMIN" }) { __typename } }',
      { id, userId: other.id },
      admin.token,
    )
    expect(data.setMemberRole.__typename).toBe('SetMemberRolePayload')
  })

  test('O11 costs no statement of its own', async () => {
    const tenant = await world().tenant()
    for (let n = 0; n < 3; n++) await tenant.workspace()
    const list = 'query($id: ID!) { organization(id: $id) { workspaces { nodes { viewerPermissions } } } }'
    const statements = async () => {
      app.current.statements.length = 0
      await app.current.run(list, { id: tenant.id }, tenant.owner.token)
      return app.current.statements.filter((sql) => !/^(BEGIN|COMMIT)/.test(sql)).length
    }
    expect(await statements()).toBe(3)
    await policy(tenant, required('OWNER'))
    expect(await statements()).toBe(3)
  })
})

describe('restoring', () => {
  test('O14 brings everything back, once', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = await tenant.workspace({ name: 'Back' })
    await tenant.grantee(workspaceId, 'READ')
    const run = () => app.current.run(RestoreWorkspace, { input: { id } }, tenant.owner.token)
    expect((await run()).data.restoreWorkspace?.__typename).toBe('NotDeleted')
    await app.current.run(DeleteWorkspace, { input: { id } }, tenant.owner.token)
    expect((await run()).data.restoreWorkspace).toEqual({
      __typename: 'RestoreWorkspacePayload',
      workspace: { id, name: 'Back', version: 3, deletedAt: null, purgeAt: null, memberCount: 2 },
    })
    expect((await run()).data.restoreWorkspace?.__typename).toBe('NotDeleted')
    const types = (await events(tenant.organizationId)).map(({ type }) => type)
    expect(types.filter((type) => type === 'workspace.restored')).toHaveLength(1)
  })

  test('O14 needs what deleting needs, and a purged one is absent', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = await tenant.workspace({ key: 'purged' })
    const writer = await tenant.grantee(workspaceId, 'WRITE')
    const stranger = await world().person()
    await app.current.run(DeleteWorkspace, { input: { id } }, tenant.owner.token)
    const code = async (token: string) =>
      (await app.current.run(RestoreWorkspace, { input: { id } }, token)).errors?.[0]?.extensions.code
    expect(await code(writer.token)).toBe('FORBIDDEN')
    expect(await code(stranger.token)).toBe('NOT_FOUND')
    const admin = await world().person({ platformAdmin: true })
    await app.current.run(PurgeWorkspace, { input: { id } }, admin.token)
    expect(await code(tenant.owner.token)).toBe('NOT_FOUND')
  })
})

describe('purging', () => {
  test('O18 for platform administrators, of deleted ones alone; the key and the database name are free then', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = await tenant.workspace({ name: 'Web', key: 'web' })
    const admin = await world().person({ platformAdmin: true })
    const run = (token: string) => app.current.run(PurgeWorkspace, { input: { id } }, token)
    expect((await run(tenant.owner.token)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await run(admin.token)).data.purgeWorkspace?.__typename).toBe('NotDeleted')
    await app.current.run(DeleteWorkspace, { input: { id } }, tenant.owner.token)
    expect((await run(tenant.owner.token)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await run(admin.token)).data.purgeWorkspace).toEqual({
      __typename: 'PurgeWorkspacePayload',
      purgedWorkspaceId: id,
    })
    expect((await run(admin.token)).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    const { db } = app.current.services
    expect(await db.workspaceMember.count({ where: { workspaceId } })).toBe(0)
    expect((await events(tenant.organizationId)).at(-1)).toMatchObject({
      type: 'workspace.purged',
      actorId: admin.userId,
      subjectId: workspaceId,
    })
    const again = await app.current.run(
      CreateWorkspace,
      { input: { organizationId: tenant.id, name: 'Web', key: 'web' } },
      tenant.owner.token,
    )
    expect(again.data.createWorkspace).toMatchObject({
      workspace: { key: 'web', databaseName: `${tenant.slug}__web`.replaceAll('-', '_') },
    })
  })

  test('O18 only when it is due, and only once', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = await tenant.workspace()
    const origin = { db: app.current.services.db, viewer: null, requestId: null }
    const later = (days: number) => new Date(app.current.clock.now().getTime() + days * DAY)
    expect(await purgeDueWorkspace(origin, workspaceId, later(40))).toBe(false)
    await app.current.run(DeleteWorkspace, { input: { id } }, tenant.owner.token)
    expect(await purgeDueWorkspace(origin, workspaceId, later(29))).toBe(false)
    const both = await Promise.all([1, 2].map(() => purgeDueWorkspace(origin, workspaceId, later(31))))
    expect(both.sort()).toEqual([false, true])
    const log = await events(tenant.organizationId)
    expect(log.filter(({ type }) => type === 'workspace.purged')).toHaveLength(1)
  })
})

describe('machine learning', () => {
  test('W10 is set for several workspaces at once, by administrators of the organization alone', async () => {
    const tenant = await world().tenant()
    const two = await Promise.all([tenant.workspace(), tenant.workspace()])
    const admin = await tenant.member('ADMIN')
    const member = await tenant.grantee(two[0].workspaceId, 'OWNER')
    const input = { workspaceIds: [two[1].id, two[0].id, two[1].id], enabled: true }
    const own = { workspaceIds: [two[0].id], enabled: true }
    for (const scoped of [{ ...own, organizationId: tenant.id }, own]) {
      const refused = await app.current.run(SetMlEnabled, { input: scoped }, member.token)
      expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
    // One that they can not see is absent, not forbidden.
    const hidden = await app.current.run(
      SetMlEnabled,
      { input: { ...own, workspaceIds: [two[0].id, two[1].id] } },
      member.token,
    )
    expect(hidden.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    const done = await app.current.run(SetMlEnabled, { input }, admin.token)
    expect(done.data.setWorkspacesMlEnabled).toEqual({
      __typename: 'SetWorkspacesMlEnabledPayload',
      workspaces: [two[1], two[0]].map(({ id }) => ({ id, mlEnabled: true, version: 2 })),
    })
    const log = (await events(tenant.organizationId)).filter(({ type }) => type === 'workspace.updated')
    expect(log.map(({ changes }) => changes)).toEqual(
      Array(2).fill({ mlEnabled: { before: false, after: true } }),
    )
    await app.current.run(SetMlEnabled, { input: { ...input, organizationId: tenant.id } }, admin.token)
    expect(
      (await events(tenant.organizationId)).filter(({ type }) => type === 'workspace.updated'),
    ).toHaveLength(2)
  })

  test('W10 changes all or none', async () => {
    const [tenant, other] = await Promise.all([world().tenant(), world().tenant()])
    const [{ id, workspaceId }, deleted] = await Promise.all([tenant.workspace(), tenant.workspace()])
    await app.current.run(DeleteWorkspace, { input: { id: deleted.id } }, tenant.owner.token)
    const absent = Buffer.from('Workspace:01890000-0000-7000-8000-000000000000').toString('base64url')
    const log = (await events(tenant.organizationId)).length
    for (const foreign of [other.first.id, absent, deleted.id]) {
      for (const organizationId of [tenant.id, null]) {
        const input = { organizationId, workspaceIds: [id, foreign], enabled: true }
        const answer = await app.current.run(SetMlEnabled, { input }, tenant.owner.token)
        expect(answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
      }
    }
    // An owner of both organizations names workspaces of both: they are not of one.
    await other.grant(tenant.owner, { kind: 'Organization', id: other.organizationId }, 'OWNER')
    const mixed = { workspaceIds: [id, other.first.id], enabled: true }
    const answer = await app.current.run(SetMlEnabled, { input: mixed }, tenant.owner.token)
    expect(answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    const row = await app.current.services.db.workspace.findUniqueOrThrow({ where: { id: workspaceId } })
    expect(row).toMatchObject({ mlEnabled: false, version: 1 })
    expect(await events(tenant.organizationId)).toHaveLength(log)
  })

  test('W10 takes 1 to 100 ids, and neither create nor update sets it', async () => {
    const tenant = await world().tenant()
    for (const workspaceIds of [[], Array(101).fill(tenant.first.id)]) {
      const { data } = await app.current.run(
        SetMlEnabled,
        { input: { workspaceIds, enabled: true } },
        tenant.owner.token,
      )
      expect(data.setWorkspacesMlEnabled).toMatchObject({ issues: [{ path: 'workspaceIds' }] })
    }
    for (const input of ['CreateWorkspaceInput', 'UpdateWorkspaceInput']) {
      const { data } = await app.current.run<{ __type: { inputFields: { name: string }[] } }>(
        `{ __type(name: "${input}") { inputFields { name } } }`,
        {},
        tenant.owner.token,
      )
      expect(data.__type.inputFields.map(({ name }) => name)).not.toContain('mlEnabled')
    }
  })
})

describe('names', () => {
  test('W4 are trimmed, composed, and counted in characters', async () => {
    const tenant = await world().tenant()
    const create = async (name: string) =>
      (
        await app.current.run(
          CreateWorkspace,
          { input: { organizationId: tenant.id, name } },
          tenant.owner.token,
        )
      ).data.createWorkspace
    expect(await create('  Cafe\u0301 \n')).toMatchObject({ workspace: { name: 'Caf\u00e9', key: 'cafe' } })
    expect(await create('\u{1F30D}'.repeat(120))).toMatchObject({
      workspace: { name: '\u{1F30D}'.repeat(120) },
    })
    for (const name of ['\u{1F30D}'.repeat(121), ' \t ', 'a\u0000b', 'a\u0007b', 'a\nb', 'a\u0085b'])
      expect(await create(name)).toMatchObject({ issues: [{ path: 'name' }] })
  })

  test('W4 a text that can not be stored is refused as the input that it is, wherever it stands', async () => {
    const tenant = await world().tenant()
    for (const [field, value] of Object.entries({
      name: 'half \ud800',
      description: 'half \udc00',
      labels: ['a\u0000'],
      defaultCoordinateSystem: 'GEOGCS[\u0000]',
    })) {
      const input = { id: tenant.first.id, [field]: value }
      const { data } = await app.current.run(UpdateWorkspace, { input }, tenant.owner.token)
      expect(data.updateWorkspace).toMatchObject({
        issues: [{ path: expect.stringMatching(new RegExp(`^${field}`)) }],
      })
    }
    const lookUp = 'query($text: String!) { workspaceByKey(organizationSlug: $text, key: $text) { id } }'
    const { errors } = await app.current.run(lookUp, { text: 'a\u0000' }, tenant.owner.token)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'INVALID_TEXT' })
  })

  test('W3 a key never changes, neither through the API nor in the database', async () => {
    const tenant = await world().tenant()
    const { db } = app.current.services
    for (const data of [{ key: 'other' }, { databaseName: 'other' }])
      await expect(db.workspace.update({ where: { id: tenant.first.workspaceId }, data })).rejects.toThrow(
        /keeps its key/,
      )
    const { errors } = await app.current.run(
      'mutation($id: ID!) { updateWorkspace(input: { id: $id, key: "other" }) { __typename } }',
      { id: tenant.first.id },
      tenant.owner.token,
    )
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  test('O9 absent keeps, null clears where there may be nothing, and is refused where there may not', async () => {
    const tenant = await world().tenant()
    const ring = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ]
    const { id } = await tenant.workspace({
      description: 'Text',
      labels: ['a'],
      boundingBox: { type: 'Polygon', coordinates: [ring] },
      defaultCoordinateSystem: 'EPSG:4326',
    })
    const update = async (input: object) =>
      (await app.current.run(UpdateWorkspace, { input: { id, ...input } }, tenant.owner.token)).data
        .updateWorkspace
    expect(await update({ name: 'New' })).toMatchObject({
      workspace: {
        name: 'New',
        description: 'Text',
        labels: ['a'],
        boundingBox: { type: 'Polygon' },
        defaultCoordinateSystem: 'EPSG:4326',
      },
    })
    expect(await update({ boundingBox: null, defaultCoordinateSystem: null })).toMatchObject({
      workspace: { name: 'New', boundingBox: null, defaultCoordinateSystem: null, version: 3 },
    })
    for (const field of ['name', 'description', 'labels'])
      expect(await update({ [field]: null })).toMatchObject({ issues: [{ path: field }] })
  })
})
