import { describe, expect, test } from 'vitest'
import { EVENT_TYPES } from '../../../src/platform/events.ts'
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

const SUBSCRIPTION = 'eventSubscription { id url types description enabled createdBy { id } }'

describe('T10 event subscriptions', () => {
  const input = { url: 'https://example.com/hooks', types: ['member.*', 'workspace.updated', 'member.*'] }

  test('T10 lesson 10: the signing secret leaves once, and is stored sealed', async () => {
    const tenant = await world().tenant()
    const { first, owner } = tenant
    app.current.logs.length = 0
    const { result } = await mutate(
      'createEventSubscription',
      { workspaceId: first.id, ...input },
      owner,
      `secret ${SUBSCRIPTION}`,
    )
    const secret = String(result?.secret)
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32)
    const subscription = rowIn(result, 'eventSubscription')
    expect(subscription).toMatchObject({
      url: input.url,
      types: ['member.*', 'workspace.updated'],
      description: '',
      enabled: true,
      createdBy: { id: owner.id },
    })
    const { db, secrets } = app.current.services
    const rows = await db.eventSubscription.findMany({ where: { workspaceId: first.workspaceId } })
    expect(secrets.open(rows[0]?.sealedSecret ?? '')).toBe(secret)
    const events = await eventsOf(tenant, 'subscription')
    expect(events[0]?.changes).toMatchObject({ url: { after: input.url } })
    const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
    expect(JSON.stringify([rows, events, app.current.logs], plain)).not.toContain(secret.slice(6))
    expect(JSON.stringify(events, plain)).not.toContain(rows[0]?.sealedSecret)
  })

  test('T10 are changed and deleted; absent fields and the secret stay', async () => {
    const tenant = await world().tenant()
    const { first, owner } = tenant
    const { db } = app.current.services
    const sealed = async () =>
      (await db.eventSubscription.findFirstOrThrow({ where: { workspaceId: first.workspaceId } }))
        .sealedSecret
    const created = await mutate(
      'createEventSubscription',
      { workspaceId: first.id, ...input },
      owner,
      SUBSCRIPTION,
    )
    const { id } = rowIn(created.result, 'eventSubscription')
    const before = await sealed()
    const update = async (patch: object) =>
      (await mutate('updateEventSubscription', { id, ...patch }, owner, SUBSCRIPTION)).result
    expect((await update({ enabled: false, description: 'For billing' }))?.eventSubscription).toMatchObject({
      url: input.url,
      enabled: false,
      description: 'For billing',
    })
    expect(await update({ url: null })).toMatchObject({
      __typename: 'ValidationError',
      issues: [{ path: 'url' }],
    })
    expect((await update({ types: ['*'] }))?.eventSubscription).toMatchObject({
      types: ['*'],
      enabled: false,
    })
    await update({ types: ['*'] })
    expect(await sealed()).toBe(before)
    const deleted = await mutate('deleteEventSubscription', { id }, owner, 'deletedEventSubscriptionId')
    expect(deleted.result?.deletedEventSubscriptionId).toBe(id)
    expect((await eventsOf(tenant, 'subscription')).map(({ type }) => type)).toEqual([
      'subscription.created',
      'subscription.updated',
      'subscription.updated',
      'subscription.deleted',
    ])
  })

  test('T10 take absolute http and https URLs without credentials, and types that there are', async () => {
    const { first, owner } = await world().tenant()
    const create = (fields: object) =>
      mutate('createEventSubscription', { workspaceId: first.id, ...input, ...fields }, owner)
    for (const url of [
      'ftp://example.com',
      '/hooks',
      'javascript:alert(1)',
      'https://user:pass@example.com',
      'https://user@example.com',
      'https://example.com/#part',
      'http:example.com',
      'https://',
      `https://example.com/${'x'.repeat(2000)}`,
    ]) {
      expect((await create({ url })).result, url).toMatchObject({ issues: [{ path: 'url' }] })
    }
    for (const types of [[], ['nonsense'], ['nonsense.*'], ['member.']]) {
      expect((await create({ types })).result?.__typename, types.join()).toBe('ValidationError')
    }
    const all = await create({ url: 'http://127.0.0.1:8080/hooks', types: [...EVENT_TYPES] })
    expect(all.result?.__typename).toBe('CreateEventSubscriptionPayload')
  })

  test('T10 are for those who hold events:write: others neither list them nor find them by id', async () => {
    const tenant = await world().tenant()
    const { first, owner } = tenant
    const created = await mutate(
      'createEventSubscription',
      { workspaceId: first.id, ...input },
      owner,
      SUBSCRIPTION,
    )
    const { id } = rowIn(created.result, 'eventSubscription')
    const find = async ({ token }: Person) => {
      const { data, errors } = await app.current.run<{ node: Row | null }>(
        'query ($id: ID!) { node(id: $id) { id } }',
        { id },
        token,
      )
      return errors?.[0]?.extensions.code ?? data.node?.id
    }
    const seen = async (person: Person) => {
      const listed = await list('eventSubscriptions', first.id, person, 'id')
      return [listed.error?.code ?? listed.list?.totalCount, await find(person)]
    }
    expect(await seen(await tenant.grantee(first.workspaceId, 'ADMIN'))).toEqual([1, id])
    expect(await seen(await tenant.member('ADMIN'))).toEqual([1, id])
    expect(await seen(await world().person({ platformAdmin: true }))).toEqual([1, id])
    expect(await seen(await tenant.grantee(first.workspaceId, 'WRITE'))).toEqual(['FORBIDDEN', 'NOT_FOUND'])
    expect(await find(await tenant.member('MEMBER'))).toBe('NOT_FOUND')
    expect(await find((await world().tenant()).owner)).toBe('NOT_FOUND')
  })
})
