import { describe, expect, test } from 'vitest'
import { installExtension } from '../../../src/domains/extension/install-extension.ts'
import { useTestApp } from '../../kit/app.ts'
import { eventsAbout, listOf, mutate as mutateIn, type Row, rowIn } from '../../kit/registries.ts'
import { createWorld, type Person, type Tenant } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

const mutate = (name: string, input: object, person: Person, selection?: string) =>
  mutateIn(app.current, name, input, person, selection)
const list = (field: string, workspaceId: string, person: Person, selection: string) =>
  listOf(app.current, field, workspaceId, person, selection)
const eventsOf = (tenant: Tenant, noun: string) => eventsAbout(app.current, tenant, noun)

const EXTENSION = 'extension { id key version enabled config installedBy { id } workspace { id } }'

async function installed(tenant: Tenant, input: object = {}) {
  const wanted = { workspaceId: tenant.first.id, key: 'charts', ...input }
  const { result } = await mutate('installExtension', wanted, tenant.owner, EXTENSION)
  return rowIn(result, 'extension')
}

describe('T8 extensions', () => {
  test('T8 are installed, changed and uninstalled', async () => {
    const tenant = await world().tenant()
    const { first, owner } = tenant
    const extension = await installed(tenant, { key: '@acme/charts', version: ' 1.2.0 ', config: { a: 1 } })
    expect(extension).toMatchObject({
      key: '@acme/charts',
      version: '1.2.0',
      enabled: true,
      config: { a: 1 },
      installedBy: { id: owner.id },
      workspace: { id: first.id },
    })
    const { id } = extension
    const update = async (patch: object) =>
      (await mutate('updateExtensionInstallation', { id, ...patch }, owner, EXTENSION)).result?.extension
    expect(await update({ enabled: false })).toMatchObject({
      version: '1.2.0',
      enabled: false,
      config: { a: 1 },
    })
    expect(await update({ version: null, config: null })).toMatchObject({
      version: null,
      enabled: false,
      config: {},
    })
    expect(await update({})).toMatchObject({ version: null })
    expect((await list('extensions', first.id, owner, 'id')).list).toEqual({ totalCount: 1, nodes: [{ id }] })
    const gone = await mutate('uninstallExtension', { id }, owner, 'uninstalledExtensionId workspace { id }')
    expect(gone.result).toMatchObject({ uninstalledExtensionId: id, workspace: { id: first.id } })
    expect((await list('extensions', first.id, owner, 'id')).list).toEqual({ totalCount: 0, nodes: [] })
    expect((await mutate('uninstallExtension', { id }, owner)).error?.code).toBe('NOT_FOUND')
    expect(await eventsOf(tenant, 'extension')).toMatchObject([
      {
        type: 'extension.installed',
        changes: { key: { after: '@acme/charts' }, config: { after: { a: 1 } } },
      },
      { type: 'extension.updated', changes: { enabled: { before: true, after: false } } },
      {
        type: 'extension.updated',
        changes: { version: { before: '1.2.0', after: null }, config: { before: { a: 1 }, after: {} } },
      },
      {
        type: 'extension.uninstalled',
        workspaceId: first.workspaceId,
        changes: { key: { before: '@acme/charts' } },
      },
    ])
  })

  test('T8 lesson 14: the same one is installed once, also by ten at the same time, and again elsewhere', async () => {
    const tenant = await world().tenant()
    const caller = await tenant.owner.caller()
    const { workspaceId } = tenant.first
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, () => installExtension(caller, { workspaceId, key: 'charts' })),
    )
    const refusals = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason] : []))
    expect(refusals.map(({ name }) => name)).toEqual(Array(9).fill('AlreadyInstalled'))
    expect(await eventsOf(tenant, 'extension')).toHaveLength(1)
    const other = await tenant.workspace()
    const elsewhere = await mutate('installExtension', { workspaceId: other.id, key: 'charts' }, tenant.owner)
    expect(elsewhere.result?.__typename).toBe('InstallExtensionPayload')
    const again = await mutate(
      'installExtension',
      { workspaceId: tenant.first.id, key: 'charts' },
      tenant.owner,
    )
    expect(again.result?.__typename).toBe('AlreadyInstalled')
  })

  test('T8 keys, versions and configs have their limits', async () => {
    const { first, owner } = await world().tenant()
    for (const [input, path] of [
      [{ key: 'Upper' }, 'key'],
      [{ key: '../etc' }, 'key'],
      [{ key: 'x'.repeat(121) }, 'key'],
      [{ key: 'a', version: '' }, 'version'],
      [{ key: 'a', config: 'text' }, 'config'],
    ] as const) {
      const { result } = await mutate('installExtension', { workspaceId: first.id, ...input }, owner)
      expect(result, JSON.stringify(input)).toMatchObject({
        __typename: 'ValidationError',
        issues: [{ path }],
      })
    }
  })

  test('T8 config literals in a document are stored as they are', async () => {
    const { first, owner } = await world().tenant()
    const { data } = await app.current.run<{ installExtension: { extension: Row } }>(
      `mutation { installExtension(input: { workspaceId: "${first.id}", key: "a", config: { x: { y: [1, "z", null] } } }) {
        ... on InstallExtensionPayload { extension { id config } } } }`,
      {},
      owner.token,
    )
    expect(data.installExtension.extension.config).toEqual({ x: { y: [1, 'z', null] } })
  })
})

describe('T9 capabilities', () => {
  test('T9 are registered under a name once, and removed', async () => {
    const tenant = await world().tenant()
    const { first, owner } = tenant
    const input = { workspaceId: first.id, name: 'documents.export', metadata: { formats: ['pdf'] } }
    const selection = 'capability { id name version description metadata registeredBy { id } }'
    const { result } = await mutate('registerCapability', input, owner, selection)
    const capability = rowIn(result, 'capability')
    expect(capability).toMatchObject({
      name: 'documents.export',
      version: null,
      description: '',
      metadata: { formats: ['pdf'] },
      registeredBy: { id: owner.id },
    })
    const again = await mutate('registerCapability', input, owner)
    expect(again.result?.__typename).toBe('CapabilityTaken')
    const other = await tenant.workspace()
    const elsewhere = await mutate('registerCapability', { ...input, workspaceId: other.id }, owner)
    expect(elsewhere.result?.__typename).toBe('RegisterCapabilityPayload')
    const { id } = capability
    const removed = await mutate('removeCapability', { id }, owner, 'removedCapabilityId')
    expect(removed.result?.removedCapabilityId).toBe(id)
    expect((await list('capabilities', first.id, owner, 'id')).list?.totalCount).toBe(0)
    const free = await mutate('registerCapability', { ...input, description: null }, owner)
    expect(free.result?.__typename).toBe('RegisterCapabilityPayload')
    const events = await eventsOf(tenant, 'capability')
    expect(events.map(({ type }) => type)).toEqual([
      'capability.registered',
      'capability.registered',
      'capability.removed',
      'capability.registered',
    ])
    for (const name of ['', 'Upper', 'a..b', 'a b', 'x'.repeat(121)]) {
      const refused = await mutate('registerCapability', { ...input, name }, owner)
      expect(refused.result, name).toMatchObject({ issues: [{ path: 'name' }] })
    }
  })
})

describe('T8 T9 T10 and the workspace', () => {
  test('T12 nobody reaches what another tenant has, and nothing changes', async () => {
    const tenant = await world().tenant()
    const { owner: thief } = await world().tenant()
    const extension = await installed(tenant)
    const capability = await mutate(
      'registerCapability',
      { workspaceId: tenant.first.id, name: 'a' },
      tenant.owner,
      'capability { id }',
    )
    const calls: [string, object][] = [
      ['installExtension', { workspaceId: tenant.first.id, key: 'mine' }],
      ['updateExtensionInstallation', { id: extension.id, enabled: false }],
      ['uninstallExtension', { id: extension.id }],
      ['registerCapability', { workspaceId: tenant.first.id, name: 'mine' }],
      ['removeCapability', { id: rowIn(capability.result, 'capability').id }],
      ['createEventSubscription', { workspaceId: tenant.first.id, url: 'https://a.example', types: ['*'] }],
    ]
    const { organizationId } = tenant
    const { db } = app.current.services
    const before = await db.event.count({ where: { organizationId } })
    for (const [name, input] of calls)
      expect((await mutate(name, input, thief)).error?.code, name).toBe('NOT_FOUND')
    expect(await db.event.count({ where: { organizationId } })).toBe(before)
  })

  test('T8 T9 WRITE installs and registers, READ only looks; a deleted workspace hides all', async () => {
    const tenant = await world().tenant()
    const { first } = tenant
    const [reader, writer] = [
      await tenant.grantee(first.workspaceId, 'READ'),
      await tenant.grantee(first.workspaceId, 'WRITE'),
    ]
    const install = (person: Person) =>
      mutate('installExtension', { workspaceId: first.id, key: 'a' }, person, EXTENSION)
    const register = (person: Person) =>
      mutate('registerCapability', { workspaceId: first.id, name: 'a' }, person)
    expect((await install(reader)).error).toMatchObject({ code: 'FORBIDDEN', permission: 'extension:write' })
    expect((await register(reader)).error).toMatchObject({
      code: 'FORBIDDEN',
      permission: 'capability:write',
    })
    const { id } = rowIn((await install(writer)).result, 'extension')
    expect((await register(writer)).result?.__typename).toBe('RegisterCapabilityPayload')
    expect((await list('extensions', first.id, reader, 'key')).list?.nodes).toEqual([{ key: 'a' }])
    expect((await list('capabilities', first.id, reader, 'name')).list?.nodes).toEqual([{ name: 'a' }])
    await app.current.services.db.workspace.update({
      where: { id: first.workspaceId },
      data: { deletedAt: new Date() },
    })
    expect((await mutate('uninstallExtension', { id }, writer)).error?.code).toBe('NOT_FOUND')
    const { errors } = await app.current.run(
      'query ($id: ID!) { node(id: $id) { id } }',
      { id },
      writer.token,
    )
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  })
})
