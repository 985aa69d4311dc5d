import { beforeAll, describe, expect, test } from 'vitest'
import { encodeId } from '../../../src/graphql/ids.ts'
import { useTestApp } from '../../kit/app.ts'
import { type Mutated, mutate } from '../../kit/mutate.ts'
import { createWorld, type Person, type Tenant, type World } from '../../kit/world.ts'

const app = useTestApp()
let world: World

beforeAll(() => {
  world = createWorld(app.current)
})

const send = (by: Person, name: string, input: object, fields?: string, ofError?: string): Promise<Mutated> =>
  mutate(app.current, by.token, name, { ...input }, fields, ofError)

const ROLE = 'role { id key name description scope level permissions builtIn version memberCount }'

interface RoleFields {
  id: string
  key: string
  version: number
  permissions: string[]
}

const steward = { scope: 'WORKSPACE', name: 'Data Steward', level: 'WRITE', permissions: ['RESOURCE_WRITE'] }

async function create(tenant: Tenant, fields: object = {}, by = tenant.owner): Promise<RoleFields> {
  const input = { organizationId: tenant.id, ...steward, ...fields }
  const answer = await send(by, 'createRole', input, ROLE)
  expect(answer.result, JSON.stringify(answer)).toMatchObject({ __typename: 'CreateRolePayload' })
  return answer.result?.role as RoleFields
}

const eventsOf = ({ organizationId }: Tenant, type: string) =>
  app.current.services.db.event.findMany({ where: { organizationId, type }, orderBy: { sequence: 'asc' } })

/** What a person may do on a workspace, asked anew. */
async function permissionsOn(id: string, { token }: Person): Promise<string[] | null> {
  const { data } = await app.current.run<{ workspace: { viewerPermissions: string[] } | null }>(
    'query ($id: ID!) { workspace(id: $id) { viewerPermissions } }',
    { id },
    token,
  )
  return data.workspace?.viewerPermissions ?? null
}

describe('createRole', () => {
  test('M10 a role allows what it names and reading, from the next request on', async () => {
    const tenant = await world.tenant()
    const role = await create(tenant, { description: 'Tidies up' })
    expect(role).toMatchObject({
      key: 'DATA_STEWARD',
      description: 'Tidies up',
      level: 'WRITE',
      builtIn: false,
      version: 1,
      memberCount: 0,
    })
    const person = await tenant.grantee(tenant.first.workspaceId, 'data steward')
    expect((await permissionsOn(tenant.first.id, person))?.sort()).toEqual(
      [
        'WORKSPACE_READ',
        'MEMBER_READ',
        'ROLE_READ',
        'SETTINGS_READ',
        'WORKSPACE_CLONE',
        'RESOURCE_WRITE',
      ].sort(),
    )
    const [event] = await eventsOf(tenant, 'role.created')
    expect(event?.changes).toMatchObject({ key: { after: 'DATA_STEWARD' }, level: { after: 'WRITE' } })
  })

  test('rule 3: permissions above the ceiling of the level are named', async () => {
    const tenant = await world.tenant()
    const tooMuch = { ...steward, permissions: ['RESOURCE_WRITE', 'WORKSPACE_DELETE', 'MEMBER_WRITE'] }
    const { result } = await send(tenant.owner, 'createRole', { organizationId: tenant.id, ...tooMuch })
    expect(result).toMatchObject({
      __typename: 'ValidationError',
      issues: [
        { path: 'permissions', message: expect.stringContaining('member:write') },
        { path: 'permissions', message: expect.stringContaining('workspace:delete') },
      ],
    })
    const levels = [
      { scope: 'WORKSPACE', level: null },
      { scope: 'ORGANIZATION', level: 'OWNER' },
      { scope: 'ORGANIZATION', level: null, permissions: ['ORGANIZATION_MEMBERS'] },
      { scope: 'ORGANIZATION', level: 'ADMIN', permissions: ['ORGANIZATION_TRANSFER'] },
      { scope: 'WORKSPACE', level: 'OWNER', permissions: ['ORGANIZATION_READ'] },
    ]
    for (const wrong of levels) {
      const input = { organizationId: tenant.id, ...steward, permissions: [], ...wrong }
      expect((await send(tenant.owner, 'createRole', input)).kind).toBe('ValidationError')
    }
  })

  test('lesson 14: keys and names mean one role each, in any case, built-in names and aliases included', async () => {
    const tenant = await world.tenant()
    await create(tenant, { key: 'steward', name: 'Straße' })
    const taken = [
      [{ name: 'X', key: 'STEWARD' }, 'RoleKeyTaken'],
      [{ name: 'X', key: 'Write' }, 'RoleKeyTaken'],
      [{ name: 'X', key: 'viewer' }, 'RoleKeyTaken'],
      [{ name: 'STRAßE' }, 'RoleNameTaken'],
      [{ name: 'Steward' }, 'RoleNameTaken'],
      [{ name: ' workspace OWNER ' }, 'RoleNameTaken'],
      [{ name: 'Editor' }, 'RoleNameTaken'],
    ] as const
    for (const [fields, kind] of taken) {
      const input = { organizationId: tenant.id, ...steward, ...fields }
      expect((await send(tenant.owner, 'createRole', input)).kind, JSON.stringify(fields)).toBe(kind)
    }
    // Another scope, another organization: nothing is taken there.
    await create(tenant, {
      scope: 'ORGANIZATION',
      level: null,
      permissions: [],
      key: 'steward',
      name: 'Editor',
    })
    await create(await world.tenant(), { key: 'steward' })
    // A key that is not given is made free; one that is given is kept as it is.
    expect(await create(tenant, { name: 'Data-Steward' })).toMatchObject({ key: 'DATA_STEWARD' })
    expect(await create(tenant, { name: 'Data, steward' })).toMatchObject({ key: 'DATA_STEWARD_2' })
    expect(await create(tenant, { name: '数据' })).toMatchObject({ key: 'ROLE' })
  })

  test('lesson 14: of twenty parallel roles of one name one is created, and the others are told', async () => {
    const tenant = await world.tenant()
    const input = { organizationId: tenant.id, ...steward }
    const kinds = (
      await Promise.all(
        Array.from({ length: 20 }, (_, nth) =>
          send(tenant.owner, 'createRole', { ...input, name: nth % 2 ? 'Racer' : 'RACER' }),
        ),
      )
    ).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'CreateRolePayload')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'RoleNameTaken')).toHaveLength(19)
  })

  test('lesson 14: the database itself keeps keys and names apart', async () => {
    const tenant = await world.tenant()
    await create(tenant)
    const { organizationId } = tenant
    const { db } = app.current.services
    const row = { organizationId, scope: 'WORKSPACE', level: 'READ' } as const
    await expect(db.role.create({ data: { ...row, key: 'data_steward', name: 'Y' } })).rejects.toThrow()
    await expect(db.role.create({ data: { ...row, key: 'Y', name: 'DATA steward' } })).rejects.toThrow()
  })
})

describe('updateRole', () => {
  test('M10, rule 5: a change reaches everybody who holds the role with their next request', async () => {
    const tenant = await world.tenant()
    const role = await create(tenant)
    const person = await tenant.grantee(tenant.first.workspaceId, 'DATA_STEWARD')
    const { result } = await send(
      tenant.owner,
      'updateRole',
      { id: role.id, name: 'Keeper', level: 'ADMIN', permissions: ['MEMBER_WRITE'], expectedVersion: 1 },
      ROLE,
    )
    expect(result).toMatchObject({
      role: { key: 'DATA_STEWARD', name: 'Keeper', level: 'ADMIN', version: 2 },
    })
    expect(await permissionsOn(tenant.first.id, person)).toContain('MEMBER_WRITE')
    expect(await permissionsOn(tenant.first.id, person)).not.toContain('RESOURCE_WRITE')
    const [event] = await eventsOf(tenant, 'role.updated')
    expect(event?.changes).toEqual({
      name: { before: 'Data Steward', after: 'Keeper' },
      level: { before: 'WRITE', after: 'ADMIN' },
      permissions: { before: ['resource:write'], after: ['member:write'] },
    })
  })

  test('M10 an absent field stays, the same again changes nothing, and an old version is told', async () => {
    const tenant = await world.tenant()
    const role = await create(tenant)
    const update = (fields: object) =>
      send(tenant.owner, 'updateRole', { id: role.id, ...fields }, ROLE, 'VersionConflict { current }')
    expect((await update({ permissions: ['RESOURCE_WRITE'] })).result).toMatchObject({ role: { version: 1 } })
    expect((await update({ description: 'New' })).result).toMatchObject({
      role: { version: 2, name: 'Data Steward', permissions: role.permissions },
    })
    const stale = await update({ description: 'Newer', expectedVersion: 1 })
    expect(stale.result).toMatchObject({ __typename: 'VersionConflict', current: 2 })
    expect((await eventsOf(tenant, 'role.updated')).length).toBe(1)
    // What a lower level can not reach has to be taken away in the same call.
    expect((await update({ level: 'READ' })).kind).toBe('ValidationError')
    expect((await update({ level: 'READ', permissions: [] })).kind).toBe('UpdateRolePayload')
    await create(tenant, { name: 'Other' })
    expect((await update({ name: 'OTHER' })).kind).toBe('RoleNameTaken')
    expect((await update({ name: 'data STEWARD' })).kind).toBe('UpdateRolePayload')
  })

  test('M10 a role that comes with Atrium is never changed or deleted', async () => {
    const tenant = await world.tenant()
    const { organizationId } = tenant
    for (const { id } of await app.current.services.db.role.findMany({ where: { organizationId } })) {
      const input = { id: encodeId('Role', id) }
      expect((await send(tenant.owner, 'updateRole', { ...input, name: 'Mine' })).kind).toBe('RoleBuiltIn')
      expect((await send(tenant.owner, 'deleteRole', { ...input, reassignTo: 'READ' })).kind).toBe(
        'RoleBuiltIn',
      )
    }
  })

  test('rule 2: nobody edits a role that somebody above them holds', async () => {
    const tenant = await world.tenant()
    const role = await create(tenant)
    const admin = await tenant.member('ADMIN')
    const owner = await tenant.member('OWNER')
    await tenant.grant(owner, { kind: 'Workspace', id: tenant.first.workspaceId }, 'DATA_STEWARD')
    const edit = (by: Person) => send(by, 'updateRole', { id: role.id, description: 'x' })
    expect((await edit(admin)).kind).toBe('RoleTooHigh')
    expect((await send(admin, 'deleteRole', { id: role.id, reassignTo: 'READ' })).kind).toBe('RoleTooHigh')
    expect((await edit(tenant.owner)).kind).toBe('UpdateRolePayload')
  })

  test('rule 2: who holds a role can not widen it for themselves', async () => {
    const tenant = await world.tenant()
    const fields = {
      scope: 'ORGANIZATION',
      name: 'People Office',
      level: 'ADMIN',
      permissions: ['ORGANIZATION_ROLES', 'ORGANIZATION_MEMBERS', 'MEMBER_WRITE'],
    }
    const role = await create(tenant, fields)
    const person = await tenant.member('People Office')
    const edit = (permissions: string[]) => send(person, 'updateRole', { id: role.id, permissions })
    expect((await edit([...fields.permissions, 'WORKSPACE_DELETE'])).kind).toBe('RoleTooHigh')
    expect((await edit(['ORGANIZATION_ROLES', 'MEMBER_WRITE'])).kind).toBe('UpdateRolePayload')
    expect((await edit(fields.permissions)).kind).toBe('RoleTooHigh')
  })
})

describe('deleteRole', () => {
  test('M10 members and open invites get the other role in the same transaction', async () => {
    const tenant = await world.tenant()
    const role = await create(tenant)
    const { workspaceId, id: scopeId } = tenant.first
    const people = [
      await tenant.grantee(workspaceId, 'DATA_STEWARD'),
      await tenant.grantee(workspaceId, 'DATA_STEWARD'),
    ]
    const email = `guest@${tenant.slug}.example.com`
    await send(tenant.owner, 'createInvites', { scopeId, invites: [{ email, role: 'DATA_STEWARD' }] })
    const remove = (fields: object) =>
      send(
        tenant.owner,
        'deleteRole',
        { id: role.id, ...fields },
        'deletedRoleId reassignedMembers reassignedInvites',
        'RoleInUse { members invites }',
      )
    expect((await remove({})).result).toMatchObject({ __typename: 'RoleInUse', members: 2, invites: 1 })
    expect((await remove({ reassignTo: 'data steward' })).kind).toBe('ValidationError')
    expect((await remove({ reassignTo: 'MEMBER' })).kind).toBe('DeleteRolePayload')
    const { db } = app.current.services
    const held = await db.workspaceMember.findMany({
      where: { userId: { in: people.map(({ userId }) => userId) } },
      include: { role: true },
    })
    expect(held.map((grant) => grant.role.key)).toEqual(['READ', 'READ'])
    const invite = await db.invite.findFirstOrThrow({ where: { email }, include: { role: true } })
    expect(invite.role.key).toBe('READ')
    expect((await eventsOf(tenant, 'member.role_changed')).map(({ changes }) => changes)).toMatchObject(
      Array(2).fill({ role: { before: 'DATA_STEWARD', after: 'READ' } }),
    )
    expect((await eventsOf(tenant, 'role.deleted')).length).toBe(1)
    expect((await remove({})).kind).toBe('NOT_FOUND')
  })

  test('M10 a role that only closed invites name needs no other one', async () => {
    const tenant = await world.tenant()
    const role = await create(tenant)
    const email = `guest@${tenant.slug}.example.com`
    const { result } = await send(
      tenant.owner,
      'createInvites',
      { scopeId: tenant.first.id, invites: [{ email, role: 'DATA_STEWARD' }] },
      'results { invite { id } }',
    )
    const [sent] = (result?.results ?? []) as { invite: { id: string } }[]
    await send(tenant.owner, 'revokeInvite', { id: sent?.invite.id })
    expect((await send(tenant.owner, 'deleteRole', { id: role.id })).kind).toBe('DeleteRolePayload')
  })

  test('M10 five thousand holders are reassigned at once, with an event for each', async () => {
    const tenant = await world.tenant()
    const { organizationId, first } = tenant
    const role = await create(tenant)
    const { db } = app.current.services
    await db.$executeRaw`
      WITH people AS (
        INSERT INTO "user" (id, email, name, updated_at)
        SELECT gen_random_uuid(), 'p' || n || ${`@${tenant.slug}.example.com`}, 'P', now() FROM generate_series(1, 5000) n
        RETURNING id
      ), joined AS (
        INSERT INTO organization_member (id, organization_id, user_id, role_id, updated_at)
        SELECT gen_random_uuid(), ${organizationId}::uuid, people.id, role.id, now()
        FROM people, role WHERE role.organization_id = ${organizationId}::uuid AND role.key = 'MEMBER'
        RETURNING user_id
      )
      INSERT INTO workspace_member (id, organization_id, workspace_id, user_id, role_id, updated_at)
      SELECT gen_random_uuid(), ${organizationId}::uuid, ${first.workspaceId}::uuid, joined.user_id, role.id, now()
      FROM joined, role WHERE role.organization_id = ${organizationId}::uuid AND role.key = 'DATA_STEWARD'`
    const { result, errors } = await send(
      tenant.owner,
      'deleteRole',
      { id: role.id, reassignTo: 'READ' },
      'reassignedMembers',
    )
    expect(errors).toBeUndefined()
    expect(result).toMatchObject({ reassignedMembers: 5000 })
    expect((await eventsOf(tenant, 'member.role_changed')).length).toBe(5000)
  })
})

describe('who', () => {
  test('M9, M10 a plain member sees roles but may not change them; a stranger finds none', async () => {
    const tenant = await world.tenant()
    const role = await create(tenant)
    const [plain, stranger] = [await tenant.member(), await world.person()]
    const input = { organizationId: tenant.id, ...steward, name: 'Other' }
    const kindsFor = async (by: Person) => [
      (await send(by, 'createRole', input)).kind,
      (await send(by, 'updateRole', { id: role.id, name: 'Mine' })).kind,
      (await send(by, 'deleteRole', { id: role.id })).kind,
    ]
    expect(await kindsFor(plain)).toEqual(Array(3).fill('FORBIDDEN'))
    expect(await kindsFor(stranger)).toEqual(Array(3).fill('NOT_FOUND'))
    const { data } = await app.current.run<{ organization: { roles: { totalCount: number } } }>(
      'query ($id: ID!) { organization(id: $id) { roles { totalCount } } }',
      { id: tenant.id },
      plain.token,
    )
    expect(data.organization.roles.totalCount).toBe(9)
  })
})
