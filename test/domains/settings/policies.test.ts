import { expect, test } from 'vitest'
import { graphql } from '../../generated/index.ts'
import { useTestApp } from '../../kit/app.ts'
import { createWorld, type Person } from '../../kit/world.ts'
import { settingsKit, UpdateOrganization } from './settings-kit.ts'

const app = useTestApp()
const world = () => createWorld(app.current)
const { settingsOf, organizationSets, workspaceSets, updateAs } = settingsKit(() => app.current)

const Invite = graphql(`
  mutation InviteUnderSettings($input: CreateInvitesInput!) {
    createInvites(input: $input) {
      ... on CreateInvitesPayload { results { email outcome message } }
    }
  }
`)

test('S3 O11 workspaceDeletion OWNER takes deleting from administrators, who can not give it back to themselves', async () => {
  const tenant = await world().tenant()
  const { first } = tenant
  const admin = await tenant.grantee(first.workspaceId, 'ADMIN')
  const can = async () => (await settingsOf(first.id, admin)).viewerPermissions.includes('WORKSPACE_DELETE')
  expect(await can()).toBe(true)
  await organizationSets(tenant, { permissions: { workspaceDeletion: 'OWNER' } })
  expect(await can()).toBe(false)
  const own = await updateAs(admin, first.id, { permissions: { workspaceDeletion: 'ADMIN' } })
  expect(own.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'workspace:delete' })
  expect(await can()).toBe(false)
  const other = await updateAs(admin, first.id, { features: [{ key: 'x', enabled: true }] })
  expect(other.data.updateWorkspaceSettings?.__typename).toBe('UpdateWorkspaceSettingsPayload')
  await workspaceSets(tenant, { permissions: { workspaceDeletion: 'ADMIN' } })
  expect(await can()).toBe(true)
})

test('S3 an organization administrator opens no policy that binds them, neither by value nor by unlocking', async () => {
  const tenant = await world().tenant()
  const admin = await tenant.member('ADMIN')
  await organizationSets(tenant, { permissions: { whoMayInvite: 'OWNER' } }, ['permissions'])
  const attempt = (input: object) =>
    app.current.run(UpdateOrganization, { input: { organizationId: tenant.id, ...input } }, admin.token)
  for (const input of [
    { settings: { permissions: { whoMayInvite: 'ADMIN' } } },
    { settings: { permissions: { whoMayInvite: null } } },
    { settings: { permissions: null } },
    { settings: {}, mode: 'REPLACE' },
    { locks: [] },
  ]) {
    const { errors } = await attempt(input)
    expect(errors?.[0]?.extensions, JSON.stringify(input)).toMatchObject({ code: 'FORBIDDEN' })
  }
  const { data } = await attempt({ settings: { features: [{ key: 'x', enabled: true }] } })
  expect(data.updateOrganizationSettings?.__typename).toBe('UpdateOrganizationSettingsPayload')
})

test('S3 whoMayInvite OWNER keeps administrators from inviting, and shows it', async () => {
  const tenant = await world().tenant()
  const { first, owner } = tenant
  const admin = await tenant.grantee(first.workspaceId, 'ADMIN')
  const invite = (person: Person, scopeId: string, role: string) => {
    const invites = [{ email: `x${person.userId}@example.com`, role }]
    return app.current.run(Invite, { input: { scopeId, invites } }, person.token)
  }
  expect((await invite(admin, first.id, 'READ')).errors).toBeUndefined()
  await workspaceSets(tenant, { permissions: { whoMayInvite: 'OWNER' } })
  expect((await settingsOf(first.id, admin)).viewerPermissions).not.toContain('INVITE_WRITE')
  expect((await settingsOf(first.id, admin)).viewerPermissions).toContain('INVITE_READ')
  const refused = await invite(admin, first.id, 'READ')
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'invite:write' })
  expect((await invite(owner, first.id, 'READ')).errors).toBeUndefined()
  const organizationAdmin = await tenant.member('ADMIN')
  expect((await invite(organizationAdmin, tenant.id, 'MEMBER')).errors).toBeUndefined()
  await organizationSets(tenant, { permissions: { whoMayInvite: 'OWNER' } })
  const inOrganization = await invite(organizationAdmin, tenant.id, 'MEMBER')
  expect(inOrganization.errors?.[0]?.extensions).toMatchObject({ permission: 'organization:invites' })
})

test('S3 under whoMayInvite OWNER and workspaceDeletion OWNER an administrator still makes administrators', async () => {
  const tenant = await world().tenant()
  await organizationSets(tenant, { permissions: { whoMayInvite: 'OWNER', workspaceDeletion: 'OWNER' } })
  const admin = await tenant.grantee(tenant.first.workspaceId, 'ADMIN')
  const reader = await tenant.grantee(tenant.first.workspaceId, 'READ')
  const { data } = await app.current.run<{ setMemberRole: { __typename: string } }>(
    'mutation ($input: SetMemberRoleInput!) { setMemberRole(input: $input) { __typename } }',
    { input: { scopeId: tenant.first.id, userId: reader.id, role: 'ADMIN' } },
    admin.token,
  )
  expect(data.setMemberRole.__typename).toBe('SetMemberRolePayload')
})

test('S3 allowedEmailDomains refuses other addresses, one by one; subdomains are not meant', async () => {
  const tenant = await world().tenant()
  await organizationSets(tenant, { permissions: { allowedEmailDomains: ['allowed.org'] } })
  const emails = ['a@ALLOWED.org', 'b@sub.allowed.org', 'c@elsewhere.org']
  const invited = async () => {
    const invites = emails.map((email) => ({ email, role: 'READ' }))
    const input = { scopeId: tenant.first.id, invites }
    const { data } = await app.current.run(Invite, { input }, tenant.owner.token)
    if (!data.createInvites || !('results' in data.createInvites)) throw new Error(JSON.stringify(data))
    return data.createInvites.results.map(({ outcome }) => outcome)
  }
  expect(await invited()).toEqual(['INVITED', 'REFUSED', 'REFUSED'])
  await workspaceSets(tenant, { permissions: { allowedEmailDomains: ['elsewhere.org'] } })
  expect(await invited()).toEqual(['REFUSED', 'REFUSED', 'INVITED'])
  await workspaceSets(tenant, { permissions: { allowedEmailDomains: [] } })
  expect(await invited()).toEqual(['RESENT', 'INVITED', 'RESENT'])
})

test('S3 cloneByWriters false leaves cloning to administrators', async () => {
  const tenant = await world().tenant()
  const { first } = tenant
  const [writer, admin] = [
    await tenant.grantee(first.workspaceId, 'WRITE'),
    await tenant.grantee(first.workspaceId, 'ADMIN'),
  ]
  const can = async (person: Person) =>
    (await settingsOf(first.id, person)).viewerPermissions.includes('WORKSPACE_CLONE')
  expect([await can(writer), await can(admin)]).toEqual([true, true])
  await organizationSets(tenant, { permissions: { cloneByWriters: false } })
  expect([await can(writer), await can(admin)]).toEqual([false, true])
})

test('S3 a change of policies counts for the rest of the same request', async () => {
  const tenant = await world().tenant()
  const admin = await tenant.member('ADMIN')
  const input = { organizationId: tenant.id, settings: { permissions: { whoMayInvite: 'OWNER' as const } } }
  const { data } = await app.current.run(UpdateOrganization, { input }, admin.token)
  if (data.updateOrganizationSettings?.__typename !== 'UpdateOrganizationSettingsPayload')
    throw new Error(JSON.stringify(data))
  expect(data.updateOrganizationSettings.organization.viewerPermissions).not.toContain('ORGANIZATION_INVITES')
})
