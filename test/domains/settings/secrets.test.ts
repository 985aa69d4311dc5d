import { expect, test } from 'vitest'
import { useTestApp } from '../../kit/app.ts'
import { createWorld } from '../../kit/world.ts'
import { settingsKit, UpdateWorkspace } from './settings-kit.ts'

const app = useTestApp()
const world = () => createWorld(app.current)
const { settingsOf, organizationSets, workspaceSets, eventsOf } = settingsKit(() => app.current)

test('S5 a secret never comes back: not from the API, the events, the logs, nor from the rows', async () => {
  const tenant = await world().tenant()
  const { first, owner, organizationId } = tenant
  const secret = 'hush-7f3a9c'
  app.current.logs.length = 0
  const input = {
    workspaceId: first.id,
    settings: {
      integrations: [{ key: 'chat', config: { room: 'a' }, secrets: [{ key: 'token', value: secret }] }],
    },
  }
  await app.current.run(UpdateWorkspace, { input }, owner.token)
  const shown = await settingsOf(first.id, owner)
  expect(shown.settings.effective.integrations).toMatchObject([
    { key: 'chat', secretKeys: ['token'], secrets: [{ key: 'token', setAt: expect.any(String) }] },
  ])
  const { db, secrets } = app.current.services
  const rows = await db.integrationSecret.findMany({ where: { organizationId } })
  const workspace = await db.workspace.findUnique({ where: { id: first.workspaceId } })
  const events = await eventsOf(organizationId, 'workspace.settings_updated')
  expect(events.map(({ changes }) => changes)).toEqual([
    {
      'integrations.chat': { before: null, after: { enabled: true, config: { room: 'a' } } },
      'integrations.chat.secrets.token': { after: { setAt: rows[0]?.setAt.toISOString() } },
    },
  ])
  const everything = JSON.stringify([
    shown,
    rows,
    workspace,
    events.map(({ changes }) => changes),
    app.current.logs,
  ])
  expect(everything).not.toContain(secret)
  expect(secrets.open(rows[0]?.sealed ?? '')).toBe(secret)
})

test('S5 secrets: absent keeps, null removes, REPLACE keeps those of an integration that names none', async () => {
  const tenant = await world().tenant()
  const keys = async () =>
    (await settingsOf(tenant.first.id, tenant.owner)).settings.own.integrations.map(({ key, secretKeys }) => [
      key,
      ...secretKeys,
    ])
  const secrets = (...given: string[]) => given.map((key) => ({ key, value: `value of ${key}` }))
  await workspaceSets(tenant, {
    integrations: [
      { key: 'chat', secrets: secrets('a', 'b') },
      { key: 'mail', secrets: secrets('c') },
    ],
  })
  await workspaceSets(tenant, { integrations: [{ key: 'chat', enabled: false }] })
  expect(await keys()).toEqual([
    ['chat', 'a', 'b'],
    ['mail', 'c'],
  ])
  await workspaceSets(tenant, {
    integrations: [{ key: 'chat', secrets: [{ key: 'a', value: null }, ...secrets('d')] }],
  })
  expect(await keys()).toEqual([
    ['chat', 'b', 'd'],
    ['mail', 'c'],
  ])
  await workspaceSets(tenant, { integrations: [{ key: 'chat' }] }, 'REPLACE')
  expect(await keys()).toEqual([['chat', 'b', 'd']])
  await workspaceSets(tenant, { integrations: [{ key: 'chat', secrets: secrets('e') }] }, 'REPLACE')
  expect(await keys()).toEqual([['chat', 'e']])
  await workspaceSets(tenant, { integrations: [{ key: 'chat', enabled: null }] })
  expect(await keys()).toEqual([])
  const { organizationId } = tenant
  expect(await app.current.services.db.integrationSecret.count({ where: { organizationId } })).toBe(0)
})

test("S5 an own integration of a workspace never goes together with its organization's secrets", async () => {
  const tenant = await world().tenant()
  const integration = (url: string) => ({ key: 'chat', config: { url } })
  await organizationSets(tenant, {
    integrations: [
      { ...integration('https://chat.example'), secrets: [{ key: 'token', value: 'of the organization' }] },
    ],
  })
  const effective = async () =>
    (await settingsOf(tenant.first.id, tenant.owner)).settings.effective.integrations
  expect(await effective()).toMatchObject([{ source: 'ORGANIZATION', secretKeys: ['token'] }])
  await workspaceSets(tenant, { integrations: [integration('https://thief.example')] })
  expect(await effective()).toMatchObject([{ source: 'WORKSPACE', secretKeys: [] }])
})
