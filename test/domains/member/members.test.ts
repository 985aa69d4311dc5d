import { describe, expect, test } from 'vitest'
import { useTestApp } from '../../kit/app.ts'
import { createWorld, type Person, type Tenant } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)
const workspace = (tenant: Tenant) => ({ kind: 'Workspace', id: tenant.first.workspaceId }) as const

interface Row {
  user: { id: string }
  role: { key: string; scope: string }
  source: string
  scope: { id: string }
}

/** Who is on the first workspace of a tenant, as the list shows it. */
async function members({ first, owner }: Tenant): Promise<Record<string, string[]>> {
  const { data, errors } = await app.current.run<{
    workspace: { memberCount: number; members: { totalCount: number; nodes: Row[] } }
  }>(
    `{ workspace(id: "${first.id}") { memberCount members { totalCount nodes { source user { id } role { key scope } scope { id } } } } }`,
    {},
    owner.token,
  )
  expect(errors).toBeUndefined()
  const { memberCount, members: list } = data.workspace
  expect([memberCount, list.totalCount]).toEqual([list.nodes.length, list.nodes.length])
  expect(list.nodes.every(({ scope }) => scope.id === first.id)).toBe(true)
  return Object.fromEntries(
    list.nodes.map(({ user, source, role }) => [user.id, [source, role.scope, role.key]]),
  )
}

/** A mutation about a person's role in the first workspace or in the organization. */
async function change(
  tenant: Tenant,
  name: 'setMemberRole' | 'removeMember',
  person: Person,
  fields: { on?: string; role?: string; as?: Person } = {},
) {
  const input = {
    scopeId: fields.on ?? tenant.first.id,
    userId: person.id,
    ...(fields.role === undefined ? {} : { role: fields.role }),
  }
  const selection =
    name === 'setMemberRole'
      ? '... on SetMemberRolePayload { member { source role { key } user { id } scope { id } } } ... on RoleTooHigh { role }'
      : '... on RemoveMemberPayload { removedUserId remainingAccess } ... on RoleTooHigh { role }'
  const Name = name === 'setMemberRole' ? 'SetMemberRole' : 'RemoveMember'
  const { data, errors } = await app.current.run<Record<string, Record<string, unknown> | null>>(
    `mutation($input: ${Name}Input!) { ${name}(input: $input) { __typename ${selection} ... on ValidationError { issues { path message } } } }`,
    { input },
    (fields.as ?? tenant.owner).token,
  )
  return { result: data[name], code: errors?.[0]?.extensions.code }
}

describe('M1 effective members', () => {
  test('are those with a role of their own, and those whose organization role reaches here', async () => {
    const tenant = await world().tenant()
    const [reader, admin, manager, plain] = [
      await tenant.grantee(tenant.first.workspaceId, 'READ'),
      await tenant.member('ADMIN'),
      await tenant.member('WORKSPACE_MANAGER'),
      await tenant.member(),
    ]
    expect(await members(tenant)).toEqual({
      [tenant.owner.id]: ['DIRECT', 'WORKSPACE', 'OWNER'],
      [reader.id]: ['DIRECT', 'WORKSPACE', 'READ'],
      [admin.id]: ['ORGANIZATION', 'ORGANIZATION', 'ADMIN'],
    })
    await tenant.grant(manager, workspace(tenant), 'WRITE')
    await tenant.grant(plain, workspace(tenant), 'OWNER')
    expect(await members(tenant)).toMatchObject({
      [manager.id]: ['DIRECT', 'WORKSPACE', 'WRITE'],
      [plain.id]: ['DIRECT', 'WORKSPACE', 'OWNER'],
    })
  })

  test('the higher of two roles counts, and the direct one when they are level', async () => {
    const tenant = await world().tenant()
    const admin = await tenant.grantee(tenant.first.workspaceId, 'WRITE')
    await tenant.grant(admin, { kind: 'Organization', id: tenant.organizationId }, 'ADMIN')
    expect((await members(tenant))[admin.id]).toEqual(['ORGANIZATION', 'ORGANIZATION', 'ADMIN'])
    await tenant.grant(admin, workspace(tenant), 'ADMIN').catch(() => undefined)
    expect((await members(tenant))[admin.id]).toEqual(['DIRECT', 'WORKSPACE', 'ADMIN'])
    await tenant.grant(admin, workspace(tenant), 'OWNER')
    expect((await members(tenant))[admin.id]).toEqual(['DIRECT', 'WORKSPACE', 'OWNER'])
  })
})

describe('M2 who lists them', () => {
  test('M2 everybody with a role there and a platform administrator, and nobody else', async () => {
    const tenant = await world().tenant()
    const reader = await tenant.grantee(tenant.first.workspaceId, 'READ')
    const [plain, stranger, admin] = [
      await tenant.member(),
      await world().person(),
      await world().person({ platformAdmin: true }),
    ]
    const seenBy = async ({ token }: Person) => {
      const { data, errors } = await app.current.run<{
        workspace: { members: { nodes: { user: { id: string } }[] } } | null
      }>(
        'query ($id: ID!) { workspace(id: $id) { members { nodes { user { id } } } } }',
        { id: tenant.first.id },
        token,
      )
      return data.workspace?.members.nodes.map(({ user }) => user.id).sort() ?? errors?.[0]?.extensions.code
    }
    const everybody = [tenant.owner.id, reader.id].sort()
    expect(await seenBy(reader)).toEqual(everybody)
    expect(await seenBy(admin)).toEqual(everybody)
    expect(await seenBy(plain)).toBe('NOT_FOUND')
    expect(await seenBy(stranger)).toBe('NOT_FOUND')
  })
})

describe('M4 setMemberRole', () => {
  test('gives a first role and changes a present one; a key, a name or an alias names it, in any case', async () => {
    const tenant = await world().tenant()
    const member = await tenant.member()
    for (const [role, key] of [
      ['READ', 'READ'],
      ['workspace editor', 'WRITE'],
      [' Admin ', 'ADMIN'],
      ['OWNER', 'OWNER'],
      ['Viewer', 'READ'],
      ['member', 'READ'],
      ['eDiToR', 'WRITE'],
    ]) {
      const { result } = await change(tenant, 'setMemberRole', member, { role })
      expect(result, role).toMatchObject({
        member: { source: 'DIRECT', role: { key }, user: { id: member.id }, scope: { id: tenant.first.id } },
      })
    }
    expect((await members(tenant))[member.id]).toEqual(['DIRECT', 'WORKSPACE', 'WRITE'])
  })

  const LOWEST_FIRST =
    'There is READ (Workspace Viewer), WRITE (Workspace Editor), ADMIN (Workspace Admin), OWNER (Workspace Owner).'

  test('lesson 6: a role that there is not, or that is of the other scope, is a ValidationError that names those there are', async () => {
    const tenant = await world().tenant()
    const member = await tenant.member()
    for (const role of ['emperor', '', 'WORKSPACE_MANAGER', 'Organization Owner']) {
      const { result } = await change(tenant, 'setMemberRole', member, { role })
      expect(result, role).toMatchObject({
        __typename: 'ValidationError',
        issues: [{ path: 'role', message: expect.stringContaining(LOWEST_FIRST) }],
      })
    }
  })

  test('lesson 4: nobody gives a role above their own, to nobody and not to themselves; only an owner touches an owner', async () => {
    const tenant = await world().tenant()
    const [admin, member] = [await tenant.grantee(tenant.first.workspaceId, 'ADMIN'), await tenant.member()]
    const tooHigh = { result: { __typename: 'RoleTooHigh' } }
    expect(await change(tenant, 'setMemberRole', member, { role: 'OWNER', as: admin })).toMatchObject(tooHigh)
    expect(await change(tenant, 'setMemberRole', admin, { role: 'OWNER', as: admin })).toMatchObject(tooHigh)
    expect(await change(tenant, 'setMemberRole', tenant.owner, { role: 'READ', as: admin })).toMatchObject(
      tooHigh,
    )
    expect(await change(tenant, 'removeMember', tenant.owner, { as: admin })).toMatchObject(tooHigh)
    expect(await change(tenant, 'setMemberRole', member, { role: 'ADMIN', as: admin })).toMatchObject({
      result: { member: { role: { key: 'ADMIN' } } },
    })
    expect((await members(tenant))[tenant.owner.id]).toEqual(['DIRECT', 'WORKSPACE', 'OWNER'])
    // An owner may touch another owner.
    await tenant.grant(member, workspace(tenant), 'OWNER')
    expect(await change(tenant, 'setMemberRole', member, { role: 'READ' })).toMatchObject({
      result: { member: { role: { key: 'READ' } } },
    })
  })

  test('a person whom the viewer does not see does not exist for them', async () => {
    const tenant = await world().tenant()
    const stranger = await world().person()
    expect(await change(tenant, 'setMemberRole', stranger, { role: 'READ' })).toEqual({
      result: null,
      code: 'NOT_FOUND',
    })
    expect(Object.keys(await members(tenant))).toEqual([tenant.owner.id])
  })

  test('M12 the last owner of an organization stays one, and a second one lets them go', async () => {
    const tenant = await world().tenant()
    const demote = () => change(tenant, 'setMemberRole', tenant.owner, { on: tenant.id, role: 'MEMBER' })
    expect(await demote()).toMatchObject({ result: { __typename: 'LastOwner' } })
    expect(await change(tenant, 'removeMember', tenant.owner, { on: tenant.id })).toMatchObject({
      result: { __typename: 'LastOwner' },
    })
    await tenant.member('OWNER')
    expect(await demote()).toMatchObject({ result: { member: { role: { key: 'MEMBER' } } } })
  })
})

describe('M5 removeMember', () => {
  test('answers what remains: nothing, or what the organization role gives', async () => {
    const tenant = await world().tenant()
    const reader = await tenant.grantee(tenant.first.workspaceId, 'READ')
    expect(await change(tenant, 'removeMember', reader)).toMatchObject({
      result: { removedUserId: reader.id, remainingAccess: null },
    })
    const admin = await tenant.grantee(tenant.first.workspaceId, 'OWNER')
    await tenant.grant(admin, { kind: 'Organization', id: tenant.organizationId }, 'ADMIN')
    expect(await change(tenant, 'removeMember', admin)).toMatchObject({
      result: { removedUserId: admin.id, remainingAccess: 'ADMIN' },
    })
    expect((await members(tenant))[admin.id]).toEqual(['ORGANIZATION', 'ORGANIZATION', 'ADMIN'])
    expect(await change(tenant, 'removeMember', admin)).toMatchObject({
      result: { __typename: 'NotAMember' },
    })
    expect(await change(tenant, 'removeMember', reader)).toMatchObject({
      result: { __typename: 'NotAMember' },
    })
  })

  test('lesson 16: removed from the organization they lose its workspaces at once, with the token that they have', async () => {
    const tenant = await world().tenant()
    const second = await tenant.workspace()
    const member = await tenant.grantee(tenant.first.workspaceId, 'ADMIN')
    await tenant.grant(member, { kind: 'Workspace', id: second.workspaceId }, 'WRITE')
    const look = () =>
      app.current.run(
        `{ a: workspace(id: "${tenant.first.id}") { name } b: workspace(id: "${second.id}") { name } viewer { organizations { totalCount } workspaces { totalCount } } }`,
        {},
        member.token,
      )
    expect((await look()).data).toMatchObject({
      a: { name: 'General' },
      viewer: { organizations: { totalCount: 1 }, workspaces: { totalCount: 2 } },
    })
    expect(await change(tenant, 'removeMember', member, { on: tenant.id })).toMatchObject({
      result: { remainingAccess: null },
    })
    expect((await look()).data).toEqual({
      a: null,
      b: null,
      viewer: { organizations: { totalCount: 0 }, workspaces: { totalCount: 0 } },
    })
    const refused = await app.current.run(
      `mutation { updateWorkspace(input: { id: "${tenant.first.id}", name: "Mine" }) { __typename } }`,
      {},
      member.token,
    )
    expect(refused.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    expect(await app.current.services.db.workspaceMember.count({ where: { userId: member.userId } })).toBe(0)
    // And they come back as nobody in particular.
    await tenant.grant(member, { kind: 'Organization', id: tenant.organizationId }, 'MEMBER')
    expect(Object.keys(await members(tenant))).toEqual([tenant.owner.id])
  })
})
