import { describe, expect, test } from 'vitest'
import { updateOrganization } from '../../../src/domains/organization/update-organization.ts'
import { inTransaction } from '../../../src/platform/db.ts'
import { appendEvents, type EventType } from '../../../src/platform/events.ts'
import { newId } from '../../../src/platform/ids.ts'
import type { Service } from '../../../src/service.ts'
import { openBeside, useTestApp } from '../../kit/app.ts'
import { withClient } from '../../kit/cluster.ts'
import { type Subscription, subscribeTo } from '../../kit/sse.ts'
import { createWorld, type Person, type Tenant } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

const ORGANIZATION = `subscription ($organizationId: ID!, $types: [String!], $after: String) {
  organizationEvents(organizationId: $organizationId, types: $types, after: $after) { sequence cursor type workspaceId subject { id } changes } }`
const WORKSPACE = `subscription ($workspaceId: ID!, $types: [String!], $after: String) {
  workspaceEvents(workspaceId: $workspaceId, types: $types, after: $after) { sequence cursor type workspaceId } }`

const listen = (tenant: Tenant, token: string | null, more: object = {}) =>
  subscribeTo(app.current, ORGANIZATION, { organizationId: tenant.id, ...more }, token)

interface Seen {
  sequence: number
  cursor: string
  type: string
}

async function nextEvent(subscription: Subscription): Promise<Seen | null> {
  const message = await subscription.next()
  if (message?.errors) throw new Error(String(message.errors[0]?.extensions.code))
  return message && (Object.values(message.data ?? {})[0] as Seen)
}

const codeOf = async (subscription: Subscription) => (await subscription.next())?.errors?.[0]?.extensions

async function write(
  tenant: Tenant,
  options: { type?: EventType; workspaceId?: string; count?: number; app?: Pick<Service, 'services'> } = {},
): Promise<void> {
  const { type = 'resource.registered', workspaceId, count = 1 } = options
  const { organizationId } = tenant
  const { db } = (options.app ?? app.current).services
  await inTransaction(db, (tx) =>
    appendEvents(
      tx,
      { viewer: null, requestId: null },
      Array.from({ length: count }, () => ({
        organizationId,
        workspaceId: workspaceId ?? null,
        type,
        subject: { type: 'Resource' as const, id: newId() },
      })),
    ),
  )
}

describe('a live subscription', () => {
  test('E3 gives what is committed, in the order of the log, of both processes', async () => {
    const tenant = await world().tenant()
    const beside = await openBeside(app.current)
    const live = await listen(tenant, tenant.owner.token)
    expect(live.status).toBe(200)
    await write(tenant)
    await write(tenant, { app: beside, count: 3 })
    await updateOrganization(await tenant.owner.caller(), {
      organizationId: tenant.organizationId,
      name: 'New name',
    })
    const refused = inTransaction(app.current.services.db, async (tx) => {
      await appendEvents(tx, { viewer: null, requestId: null }, [
        {
          organizationId: tenant.organizationId,
          type: 'role.created',
          subject: { type: 'Role', id: newId() },
        },
      ])
      throw new Error('no')
    })
    await expect(refused).rejects.toThrow('no')
    await write(tenant, { type: 'role.deleted' })
    const seen = []
    for (let nth = 0; nth < 6; nth++) seen.push(await nextEvent(live))
    const first = seen[0]?.sequence ?? 0
    expect(seen.map((event) => event?.sequence)).toEqual([0, 1, 2, 3, 4, 5].map((nth) => first + nth))
    expect(seen.map((event) => event?.type)).toEqual([
      ...Array.from({ length: 4 }, () => 'resource.registered'),
      'organization.updated',
      'role.deleted',
    ])
    await live.leave()
    await beside.close()
  })

  test('E3 goes on behind a cursor, however much has happened since', async () => {
    const tenant = await world().tenant()
    const live = await listen(tenant, tenant.owner.token)
    await write(tenant)
    const cursor = (await nextEvent(live))?.cursor
    await live.leave()
    await write(tenant, { count: 1300 })
    const again = await listen(tenant, tenant.owner.token, { after: cursor })
    const seen: number[] = []
    for (let nth = 0; nth < 1300; nth++) seen.push((await nextEvent(again))?.sequence ?? 0)
    await write(tenant)
    seen.push((await nextEvent(again))?.sequence ?? 0)
    expect(seen).toEqual(seen.map((_, nth) => (seen[0] ?? 0) + nth))
    await again.leave()
  }, 30_000)

  test('E3 of a workspace gives its own events, of the types that were asked for', async () => {
    const tenant = await world().tenant()
    const other = await tenant.workspace()
    const editor = await tenant.grantee(tenant.first.workspaceId, 'ADMIN')
    const live = await subscribeTo(
      app.current,
      WORKSPACE,
      { workspaceId: tenant.first.id, types: ['resource.*'] },
      editor.token,
    )
    const { workspaceId } = tenant.first
    await write(tenant, { workspaceId: other.workspaceId })
    await write(tenant)
    await write(tenant, { workspaceId, type: 'capability.removed' })
    await write(tenant, { workspaceId, type: 'resource.removed' })
    expect(await nextEvent(live)).toMatchObject({ type: 'resource.removed', workspaceId: tenant.first.id })
    await live.leave()
  })

  test('E3 loses nothing when its connection for notifications is cut', async () => {
    const tenant = await world().tenant()
    const live = await listen(tenant, tenant.owner.token)
    await write(tenant)
    const first = (await nextEvent(live))?.sequence ?? 0
    for (let round = 1; round <= 3; round++) {
      await withClient(app.current.databaseUrl, (client) =>
        client.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'atrium notifications' AND datname = current_database()",
        ),
      )
      await write(tenant)
      expect((await nextEvent(live))?.sequence).toBe(first + round)
    }
    await live.leave()
  })

  test('E3 is refused before it starts to whoever may not read the log', async () => {
    const [tenant, other] = await Promise.all([world().tenant(), world().tenant()])
    const member = await tenant.member()
    const reader = await tenant.grantee(tenant.first.workspaceId, 'WRITE')
    expect(await codeOf(await listen(tenant, null))).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await codeOf(await listen(tenant, member.token))).toMatchObject({ code: 'FORBIDDEN' })
    expect(await codeOf(await listen(tenant, other.owner.token))).toMatchObject({ code: 'NOT_FOUND' })
    const ofWorkspace = await subscribeTo(
      app.current,
      WORKSPACE,
      { workspaceId: tenant.first.id },
      reader.token,
    )
    expect(await codeOf(ofWorkspace)).toMatchObject({ code: 'FORBIDDEN', permission: 'events:write' })
    expect(await codeOf(await listen(tenant, tenant.owner.token, { after: 'x' }))).toMatchObject({
      reason: 'CURSOR_MISMATCH',
    })
    expect(await codeOf(await listen(tenant, tenant.owner.token, { types: ['x'] }))).toMatchObject({
      reason: 'INVALID_TYPE',
    })
  })
})

describe('E3 nothing comes later for somebody who', () => {
  const { stringify } = JSON
  const cases: [string, string, (admin: Person, tenant: Tenant) => Promise<unknown>][] = [
    [
      'was removed',
      'NOT_FOUND',
      (admin, tenant) =>
        app.current.run(
          `mutation { removeMember(input: { scopeId: ${stringify(tenant.id)}, userId: ${stringify(admin.id)} }) { __typename } }`,
          {},
          tenant.owner.token,
        ),
    ],
    [
      'lost the permission',
      'FORBIDDEN',
      (admin, tenant) =>
        app.current.run(
          `mutation { setMemberRole(input: { scopeId: ${stringify(tenant.id)}, userId: ${stringify(admin.id)}, role: "MEMBER" }) { __typename } }`,
          {},
          tenant.owner.token,
        ),
    ],
    [
      'was suspended',
      'UNAUTHENTICATED',
      ({ userId }) =>
        app.current.services.db.user.update({ where: { id: userId }, data: { suspendedAt: new Date() } }),
    ],
    [
      'signed out',
      'UNAUTHENTICATED',
      (admin) => app.current.run('mutation { signOut { __typename } }', {}, admin.token),
    ],
    [
      'saw the organization deleted',
      'NOT_FOUND',
      (_admin, tenant) =>
        app.current.run(
          `mutation { deleteOrganization(input: { id: ${stringify(tenant.id)} }) { __typename } }`,
          {},
          tenant.owner.token,
        ),
    ],
  ]
  test.each(cases)('%s', async (_title, code, change) => {
    const tenant = await world().tenant()
    const admin = await tenant.member('ADMIN')
    const live = await listen(tenant, admin.token, { types: ['resource.*'] })
    await write(tenant)
    expect(await nextEvent(live)).toMatchObject({ type: 'resource.registered' })
    await change(admin, tenant)
    await write(tenant)
    const last = await live.next()
    expect(last).toMatchObject({ data: { organizationEvents: null }, errors: [{ extensions: { code } }] })
    expect(await live.next()).toBeNull()
  })

  test('came with an access token that was revoked', async () => {
    const tenant = await world().tenant()
    const made = await app.current.run<{
      createAccessToken: { accessToken: { id: string }; secret: string }
    }>(
      'mutation { createAccessToken(input: { name: "CI", scopes: [ORGANIZATION_READ, ORGANIZATION_SETTINGS] }) { ... on CreateAccessTokenPayload { accessToken { id } secret } } }',
      {},
      tenant.owner.token,
    )
    const { accessToken, secret } = made.data.createAccessToken
    const live = await listen(tenant, secret)
    await write(tenant)
    expect(await nextEvent(live)).toMatchObject({ type: 'resource.registered' })
    await app.current.run(
      `mutation { revokeAccessToken(input: { id: "${accessToken.id}" }) { __typename } }`,
      {},
      tenant.owner.token,
    )
    await write(tenant)
    expect(await codeOf(live)).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await live.next()).toBeNull()
  })
})

test('E3 hundreds of idle subscriptions cost no statement, and share the read of what is new', async () => {
  const tenant = await world().tenant()
  const open = await Promise.all(Array.from({ length: 400 }, () => listen(tenant, tenant.owner.token)))
  await new Promise((resolve) => setTimeout(resolve, 100))
  app.current.statements.length = 0
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const idle = app.current.statements.filter((sql) => /event/.test(sql))
  expect(idle).toEqual([])
  const { rows } = await withClient(app.current.databaseUrl, (client) =>
    client.query(
      "SELECT FROM pg_stat_activity WHERE application_name = 'atrium notifications' AND datname = current_database()",
    ),
  )
  expect(rows).toHaveLength(1)
  await write(tenant)
  const seen = await Promise.all(open.map((live) => nextEvent(live)))
  expect(new Set(seen.map((event) => event?.sequence)).size).toBe(1)
  const reads = app.current.statements.filter((sql) => /"event"\."sequence" > /.test(sql))
  expect(reads.length).toBeLessThanOrEqual(2)
  await Promise.all(open.map((live) => live.leave()))
}, 60_000)
