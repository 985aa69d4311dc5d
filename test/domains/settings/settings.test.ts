import { expect, test } from 'vitest'
import { updateOrganizationSettings } from '../../../src/domains/organization/update-organization-settings.ts'
import { updateWorkspaceSettings } from '../../../src/domains/workspace/update-workspace-settings.ts'
import type { SettingsInput } from '../../generated/graphql.ts'
import { useTestApp } from '../../kit/app.ts'
import { createWorld } from '../../kit/world.ts'
import { settingsKit, UpdateOrganization } from './settings-kit.ts'

const app = useTestApp()
const world = () => createWorld(app.current)
const { settingsOf, organizationSets, workspaceSets, updateAs, eventsOf } = settingsKit(() => app.current)

test('S3 every value is inherited: default, organization, workspace', async () => {
  const tenant = await world().tenant()
  const { first, owner } = tenant
  const before = (await settingsOf(first.id, owner)).settings.effective.permissions
  expect(before).toEqual({
    workspaceDeletion: { value: 'ADMIN', source: 'DEFAULT', locked: false },
    whoMayInvite: { value: 'ADMIN', source: 'DEFAULT', locked: false },
    allowedEmailDomains: { value: [], source: 'DEFAULT', locked: false },
    cloneByWriters: { value: true, source: 'DEFAULT', locked: false },
  })
  await organizationSets(tenant, {
    permissions: { whoMayInvite: 'OWNER', cloneByWriters: false },
    features: [
      { key: 'maps', enabled: true },
      { key: 'beta', enabled: false },
    ],
    integrations: [{ key: 'chat', config: { channel: 'general' } }],
  })
  await workspaceSets(tenant, {
    permissions: { cloneByWriters: true },
    features: [{ key: 'beta', enabled: true }],
    integrations: [{ key: 'chat', enabled: false }],
  })
  const { effective, own } = (await settingsOf(first.id, owner)).settings
  expect(effective.permissions.whoMayInvite).toMatchObject({ value: 'OWNER', source: 'ORGANIZATION' })
  expect(effective.permissions.cloneByWriters).toMatchObject({ value: true, source: 'WORKSPACE' })
  expect(effective.features).toEqual([
    { key: 'beta', enabled: true, source: 'WORKSPACE', locked: false },
    { key: 'maps', enabled: true, source: 'ORGANIZATION', locked: false },
  ])
  expect(effective.integrations).toMatchObject([
    { key: 'chat', enabled: false, config: {}, source: 'WORKSPACE' },
  ])
  expect(own.permissions).toEqual({
    workspaceDeletion: null,
    whoMayInvite: null,
    allowedEmailDomains: null,
    cloneByWriters: true,
  })
  const other = await tenant.workspace()
  const untouched = (await settingsOf(other.id, owner)).settings
  expect(untouched.own.features).toEqual([])
  expect(untouched.effective.integrations).toMatchObject([
    { key: 'chat', enabled: true, config: { channel: 'general' }, source: 'ORGANIZATION' },
  ])
})

test('S1 S2 MERGE keeps what is absent, null takes away; REPLACE keeps nothing else', async () => {
  const tenant = await world().tenant()
  const own = async () => (await settingsOf(tenant.first.id, tenant.owner)).settings.own
  await workspaceSets(tenant, {
    permissions: { whoMayInvite: 'OWNER', allowedEmailDomains: ['Example.com', '@example.com'] },
    features: [
      { key: 'a', enabled: true },
      { key: 'b', enabled: true },
    ],
    integrations: [
      { key: 'chat', config: { room: 1 } },
      { key: 'mail', enabled: false },
    ],
  })
  await workspaceSets(tenant, {
    permissions: { whoMayInvite: null },
    features: [
      { key: 'a', enabled: null },
      { key: 'c', enabled: false },
    ],
    integrations: [
      { key: 'mail', enabled: null },
      { key: 'chat', enabled: false },
    ],
  })
  expect(await own()).toMatchObject({
    permissions: { whoMayInvite: null, allowedEmailDomains: ['example.com'] },
    features: [
      { key: 'b', enabled: true },
      { key: 'c', enabled: false },
    ],
    integrations: [{ key: 'chat', enabled: false, config: { room: 1 } }],
  })
  await workspaceSets(tenant, { integrations: [{ key: 'chat', config: null }] })
  expect((await own()).integrations).toMatchObject([{ key: 'chat', enabled: false, config: {} }])
  await workspaceSets(tenant, { features: null })
  expect(await own()).toMatchObject({ permissions: { allowedEmailDomains: ['example.com'] }, features: [] })
  await workspaceSets(tenant, { features: [{ key: 'd', enabled: true }] }, 'REPLACE')
  expect(await own()).toEqual({
    permissions: {
      workspaceDeletion: null,
      whoMayInvite: null,
      allowedEmailDomains: null,
      cloneByWriters: null,
    },
    features: [{ key: 'd', enabled: true }],
    integrations: [],
  })
})

test('S3 a locked value can not be set, and one that is set already stops counting until it is unlocked', async () => {
  const tenant = await world().tenant()
  const { first, owner } = tenant
  await workspaceSets(tenant, {
    permissions: { cloneByWriters: true },
    features: [{ key: 'beta', enabled: true }],
  })
  await organizationSets(tenant, { permissions: { cloneByWriters: false } }, [
    'features',
    'permissions.cloneByWriters',
  ])
  const locked = (await settingsOf(first.id, owner)).settings
  expect(locked.locks).toEqual(['features', 'permissions.cloneByWriters'])
  expect(locked.effective.permissions.cloneByWriters).toEqual({
    value: false,
    source: 'ORGANIZATION',
    locked: true,
  })
  expect(locked.effective.features).toEqual([])
  expect(locked.own.features).toEqual([{ key: 'beta', enabled: true }])
  const { data } = await updateAs(owner, first.id, {
    permissions: { cloneByWriters: true, whoMayInvite: 'ADMIN' },
    features: [{ key: 'new', enabled: true }],
  })
  expect(data.updateWorkspaceSettings).toMatchObject({
    __typename: 'SettingLocked',
    paths: ['permissions.cloneByWriters', 'features.new'],
  })
  const unchanged = (await settingsOf(first.id, owner)).settings
  expect(unchanged.own.permissions.whoMayInvite).toBeNull()
  await workspaceSets(tenant, { permissions: { cloneByWriters: null } })
  await organizationSets(tenant, {}, [])
  const { effective } = (await settingsOf(first.id, owner)).settings
  expect(effective.features).toMatchObject([{ key: 'beta', enabled: true, source: 'WORKSPACE' }])
  expect(effective.permissions.cloneByWriters).toMatchObject({ value: false, source: 'ORGANIZATION' })
})

test('S3 absent locks stay in both modes, null takes them away', async () => {
  const tenant = await world().tenant()
  const update = async (input: object) => {
    const variables = { input: { organizationId: tenant.id, ...input } }
    const { data } = await app.current.run(UpdateOrganization, variables, tenant.owner.token)
    if (data.updateOrganizationSettings?.__typename !== 'UpdateOrganizationSettingsPayload')
      throw new Error(JSON.stringify(data))
    return data.updateOrganizationSettings.organization.settings?.locks
  }
  expect(await update({ locks: ['features.b', 'features.a', 'features.b'] })).toEqual([
    'features.a',
    'features.b',
  ])
  expect(await update({ settings: { features: [{ key: 'a', enabled: true }] }, mode: 'REPLACE' })).toEqual([
    'features.a',
    'features.b',
  ])
  expect(await update({ locks: null })).toEqual([])
})

test('S1 limits are told by path, and nothing is written', async () => {
  const tenant = await world().tenant()
  const { first, owner } = tenant
  const deep = JSON.parse(`${'{"a":'.repeat(11)}1${'}'.repeat(11)}`)
  const cases: [SettingsInput, string][] = [
    [{ features: [{ key: 'no.dots', enabled: true }] }, 'settings.features.0.key'],
    [
      {
        features: [
          { key: 'a', enabled: true },
          { key: 'a', enabled: false },
        ],
      },
      'settings.features.1.key',
    ],
    [
      { permissions: { allowedEmailDomains: ['ok.org', 'not a domain'] } },
      'settings.permissions.allowedEmailDomains.1',
    ],
    [{ integrations: [{ key: 'x', config: [] }] }, 'settings.integrations.0.config'],
    [{ integrations: [{ key: 'x', config: deep }] }, 'settings.integrations.0.config'],
    [{ integrations: [{ key: 'x', config: { text: 'x'.repeat(4000) } }] }, 'settings.integrations.0.config'],
    [{ integrations: [{ key: 'x', config: { text: 'a\u0000' } }] }, 'settings.integrations.0.config'],
    [{ integrations: [{ key: 'x', config: { text: '\ud800' } }] }, 'settings.integrations.0.config'],
    [
      { integrations: [{ key: 'x', secrets: [{ key: 'a', value: '' }] }] },
      'settings.integrations.0.secrets.0.value',
    ],
    [{ integrations: [{ key: 'x', secrets: [{ key: 'a' }] }] }, 'settings.integrations.0.secrets.0.value'],
  ]
  for (const [settings, path] of cases) {
    const { data } = await updateAs(owner, first.id, settings)
    expect(data.updateWorkspaceSettings, path).toMatchObject({
      __typename: 'ValidationError',
      issues: [{ path }],
    })
  }
  const input = { organizationId: tenant.id, locks: ['permissions.nonsense'] }
  const { data } = await app.current.run(UpdateOrganization, { input }, owner.token)
  expect(data.updateOrganizationSettings).toMatchObject({ issues: [{ path: 'locks.0' }] })
  const many = (from: number) =>
    Array.from({ length: 150 }, (_, index) => ({ key: `f${from + index}`, enabled: true }))
  await workspaceSets(tenant, { features: many(0) })
  const full = await updateAs(owner, first.id, { features: many(150) })
  expect(full.data.updateWorkspaceSettings).toMatchObject({ issues: [{ path: 'settings.features' }] })
})

test('W16 S1 settings follow the version; a change that changes nothing writes nothing', async () => {
  const tenant = await world().tenant()
  const { first, owner, organizationId } = tenant
  const settings = { integrations: [{ key: 'chat', config: { zeta: 1, b: { long: 1, a: 2 } } }] }
  const changed = await updateAs(owner, first.id, settings, 1)
  expect(changed.data.updateWorkspaceSettings).toMatchObject({ workspace: { version: 2 } })
  const same = await updateAs(owner, first.id, settings)
  expect(same.data.updateWorkspaceSettings).toMatchObject({ workspace: { version: 2 } })
  expect(await eventsOf(organizationId, 'workspace.settings_updated')).toHaveLength(1)
  const stale = await updateAs(owner, first.id, { features: [{ key: 'a', enabled: true }] }, 1)
  expect(stale.data.updateWorkspaceSettings).toMatchObject({ __typename: 'VersionConflict', current: 2 })
  const input = { organizationId: tenant.id, settings: {}, expectedVersion: 99 }
  const organization = await app.current.run(UpdateOrganization, { input }, owner.token)
  expect(organization.data.updateOrganizationSettings).toMatchObject({ __typename: 'VersionConflict' })
})

test('E1 S3 events tell each value before and after', async () => {
  const tenant = await world().tenant()
  await organizationSets(tenant, { features: [{ key: 'a', enabled: true }] }, ['features.a'])
  await organizationSets(tenant, { features: [{ key: 'a', enabled: null }] })
  const events = await eventsOf(tenant.organizationId, 'organization.settings_updated')
  expect(events.map(({ changes }) => changes)).toEqual([
    { 'features.a': { before: null, after: true }, locks: { before: [], after: ['features.a'] } },
    { 'features.a': { before: true, after: null } },
  ])
})

test('S1 S3 readers read, administrators write; of the organization only its administrators see them', async () => {
  const tenant = await world().tenant()
  const { first } = tenant
  const [writer, admin] = [
    await tenant.grantee(first.workspaceId, 'WRITE'),
    await tenant.grantee(first.workspaceId, 'ADMIN'),
  ]
  const settings = { features: [{ key: 'a', enabled: true }] }
  expect((await settingsOf(first.id, writer)).settings.own.features).toEqual([])
  const refused = await updateAs(writer, first.id, settings)
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'settings:write' })
  expect((await updateAs(admin, first.id, settings)).errors).toBeUndefined()
  const ask = 'query ($id: ID!) { organization(id: $id) { name settings { locks } } }'
  const hidden = await app.current.run<{ organization: unknown }>(ask, { id: tenant.id }, admin.token)
  expect(hidden.errors?.[0]?.extensions).toMatchObject({ permission: 'organization:settings' })
  expect(hidden.data.organization).toMatchObject({ settings: null })
  const stranger = await world().person()
  const foreign = await updateAs(stranger, first.id, settings)
  expect(foreign.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
})

test('S3 settings and preferences of any number of workspaces cost the same statements', async () => {
  const tenant = await world().tenant()
  const list = `query ($id: ID!, $first: Int) { organization(id: $id) { workspaces(first: $first) { nodes {
    settings { effective { permissions { whoMayInvite { source } } integrations { secretKeys } } own { features { key } } }
    preferences { locale effective { theme { source } } }
    extensions { nodes { key } } capabilities { nodes { name } } eventSubscriptions { nodes { url } }
  } } } }`
  for (let index = 0; index < 8; index++) await tenant.workspace({ name: `W${index}` })
  const count = async (first: number) => {
    app.current.statements.length = 0
    const answer = await app.current.run(list, { id: tenant.id, first }, tenant.owner.token)
    expect(answer.errors).toBeUndefined()
    return app.current.statements.length
  }
  expect(await count(8)).toBe(await count(1))
})

test('S3 locking and setting at the same time: never a locked value of its own that counts', async () => {
  const tenant = await world().tenant()
  const { first, owner, organizationId } = tenant
  const caller = await owner.caller()
  await Promise.allSettled([
    updateOrganizationSettings(caller, { organizationId, locks: ['features.race'] }),
    ...Array.from({ length: 5 }, (_, index) =>
      updateWorkspaceSettings(caller, {
        workspaceId: first.workspaceId,
        settings: { features: [{ key: 'race', enabled: index % 2 === 0 }] },
      }),
    ),
  ])
  expect((await settingsOf(first.id, owner)).settings.effective.features).toEqual([])
  const events = await app.current.services.db.event.findMany({
    where: { organizationId, type: { in: ['organization.settings_updated', 'workspace.settings_updated'] } },
    orderBy: { sequence: 'asc' },
  })
  expect(events.at(-1)?.type).toBe('organization.settings_updated')
})

test('O1 S3 a workspace has settings of its own from the start, where they are not locked', async () => {
  const tenant = await world().tenant()
  await organizationSets(tenant, {}, ['features.locked'])
  const create = (settings: object) =>
    app.current.run<{ createWorkspace: { __typename: string; workspace?: { id: string; version: number } } }>(
      `mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) {
        __typename ... on CreateWorkspacePayload { workspace { id version } } } }`,
      { input: { organizationId: tenant.id, name: 'New', settings } },
      tenant.owner.token,
    )
  const created = (await create({ features: [{ key: 'open', enabled: true }] })).data.createWorkspace
  expect(created.workspace?.version).toBe(1)
  const { own } = (await settingsOf(String(created.workspace?.id), tenant.owner)).settings
  expect(own.features).toEqual([{ key: 'open', enabled: true }])
  const { workspace } = app.current.services.db
  const before = await workspace.count({ where: { organizationId: tenant.organizationId } })
  const refused = (await create({ features: [{ key: 'locked', enabled: true }] })).data.createWorkspace
  expect(refused.__typename).toBe('SettingLocked')
  expect(await workspace.count({ where: { organizationId: tenant.organizationId } })).toBe(before)
})
