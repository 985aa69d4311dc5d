import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pauseAfter } from '../../../src/domains/event-subscription/retry.ts'
import { subscriptionTasks } from '../../../src/domains/event-subscription/tasks.ts'
import { decodeId } from '../../../src/graphql/ids.ts'
import { inTransaction } from '../../../src/platform/db.ts'
import { appendEvents, type EventType } from '../../../src/platform/events.ts'
import { newId } from '../../../src/platform/ids.ts'
import { useTestApp } from '../../kit/app.ts'
import { DAY } from '../../kit/clock.ts'
import { answering, openReceiver, type Receiver } from '../../kit/receiver.ts'
import { createWorld, type Tenant } from '../../kit/world.ts'

const app = useTestApp({ WEBHOOK_PRIVATE_NETWORKS: '1', WEBHOOK_TIMEOUT_SECONDS: '1' })
const receivers: Receiver[] = []
let tenant: Tenant

const receive = async () => {
  const receiver = await openReceiver()
  receivers.push(receiver)
  return receiver
}

beforeEach(async () => {
  tenant = await createWorld(app.current).tenant()
})

afterEach(async () => {
  const { clock } = app.current
  clock.advance(Date.now() - clock.now().getTime())
  await app.current.services.db.eventSubscription.deleteMany()
  await Promise.all(receivers.splice(0).map((receiver) => receiver.shut()))
})

const FIELDS = `id enabled disabledReason failures nextAttemptAt cursor rotationEndsAt
  attempts(first: 100) { totalCount nodes { eventId type outcome status reason durationMs createdAt } }`

interface Subscription {
  id: string
  enabled: boolean
  disabledReason: string | null
  failures: number
  nextAttemptAt: string | null
  cursor: string
  attempts: {
    totalCount: number
    nodes: {
      eventId: string | null
      type: string
      outcome: string
      status: number | null
      reason: string | null
    }[]
  }
}

async function mutate<Payload>(
  name: string,
  input: object,
  selection: string,
): Promise<Payload & { __typename: string }> {
  const Name = name[0]?.toUpperCase() + name.slice(1)
  const { data, errors } = await app.current.run<Record<string, Payload & { __typename: string }>>(
    `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename ... on ${Name}Payload { ${selection} } ... on Error { message } } }`,
    { input },
    tenant.owner.token,
  )
  expect(errors).toBeUndefined()
  return data[name] as Payload & { __typename: string }
}

async function subscribe(url: string, types = ['resource.*'], workspaceId = tenant.first.id) {
  const { eventSubscription, secret } = await mutate<{ eventSubscription: Subscription; secret: string }>(
    'createEventSubscription',
    { workspaceId, url, types },
    `secret eventSubscription { ${FIELDS} }`,
  )
  return { id: eventSubscription.id, secret }
}

async function look(id: string): Promise<Subscription> {
  const { data } = await app.current.run<{ node: Subscription }>(
    `query ($id: ID!) { node(id: $id) { ... on EventSubscription { ${FIELDS} } } }`,
    { id },
    tenant.owner.token,
  )
  return data.node
}

/** Writes events in the first workspace, and returns their sequences. */
async function write(count = 1, type: EventType = 'resource.registered'): Promise<number[]> {
  const { organizationId, first, owner } = tenant
  const { db } = app.current.services
  const from = Number(
    (await db.eventStream.findUniqueOrThrow({ where: { id: organizationId } })).lastSequence,
  )
  await inTransaction(db, (tx) =>
    appendEvents(
      tx,
      { viewer: { userId: owner.userId }, requestId: 'r-1' },
      Array.from({ length: count }, (_, nth) => ({
        organizationId,
        workspaceId: first.workspaceId,
        type,
        subject: { type: 'Resource' as const, id: newId() },
        changes: { name: { after: `Größe ${nth}` } },
      })),
    ),
  )
  return Array.from({ length: count }, (_, nth) => from + 1 + nth)
}

const sequences = (receiver: Receiver) => receiver.accepted().map(({ message }) => message.data.sequence)
const soon = { timeout: 20_000, interval: 50 }

describe('a message', () => {
  test('E4 tells of an event what the other exits tell, signed after Standard Webhooks', async () => {
    const receiver = await receive()
    const { secret } = await subscribe(receiver.url)
    const [sequence] = await write()
    await expect.poll(() => sequences(receiver), soon).toEqual([sequence])
    const [message] = receiver.received
    if (!message) throw new Error('nothing came')
    expect(receiver.isSignedBy(secret, message)).toBe(true)
    expect(receiver.isSignedBy(secret, { ...message, body: message.body.replace('Größe', 'Grösse') })).toBe(
      false,
    )
    expect(receiver.isSignedBy(`whsec_${Buffer.alloc(32).toString('base64')}`, message)).toBe(false)
    const { data } = await app.current.run<{
      organization: { auditLog: { nodes: Record<string, unknown>[] } }
    }>(
      'query ($id: ID!) { organization(id: $id) { auditLog(first: 1) { nodes { id type cursor sequence createdAt actorId workspaceId requestId changes subject { type id } } } } }',
      { id: tenant.id },
      tenant.owner.token,
    )
    const { type, createdAt, ...rest } = data.organization.auditLog.nodes[0] ?? {}
    expect(message.id).toBe(rest.id)
    expect(message.message).toEqual({
      type,
      timestamp: createdAt,
      data: { ...rest, organizationId: tenant.id },
    })
  })

  test('E4 goes to those who have asked for its type in its workspace, from when they have asked', async () => {
    const [all, some, elsewhere] = await Promise.all([receive(), receive(), receive()])
    const [before] = await write()
    await subscribe(all.url, ['*'])
    await subscribe(some.url, ['resource.removed'])
    const { id } = await tenant.workspace()
    await subscribe(elsewhere.url, ['*'], id)
    const [registered, removed] = [...(await write()), ...(await write(1, 'resource.removed'))]
    await expect.poll(() => sequences(some), soon).toEqual([removed])
    await expect.poll(() => sequences(all).slice(-2), soon).toEqual([registered, removed])
    expect(sequences(all)).not.toContain(before)
    expect(elsewhere.received).toEqual([])
  })
})

describe('a receiver that', () => {
  test('E4 fails is asked again under the same id, and gets the rest in order afterwards', async () => {
    const receiver = await receive()
    const { id, secret } = await subscribe(receiver.url)
    receiver.answer = answering(500)
    const first = await write()
    await expect.poll(() => receiver.received.length, soon).toBeGreaterThanOrEqual(2)
    const rest = await write(30)
    expect(new Set(receiver.received.map((one) => one.id)).size).toBe(1)
    receiver.answer = answering(200)
    await expect.poll(() => sequences(receiver), soon).toEqual([...first, ...rest])
    expect(receiver.received.every((one) => receiver.isSignedBy(secret, one))).toBe(true)
    await expect.poll(async () => (await look(id)).attempts.nodes[0]?.outcome, soon).toBe('DELIVERED')
    const { attempts, failures } = await look(id)
    expect(failures).toBe(0)
    expect(attempts.nodes.at(-1)).toMatchObject({
      outcome: 'FAILED',
      status: 500,
      type: 'resource.registered',
      reason: null,
    })
    expect(attempts.nodes.at(-1)?.eventId).toBe(receiver.received[0]?.id)
  })

  test('E4 is slow delays no other', async () => {
    const [slow, quick] = await Promise.all([receive(), receive()])
    slow.answer = () => undefined
    const { id } = await subscribe(slow.url)
    await subscribe(quick.url)
    const written = await write(20)
    await expect.poll(() => slow.received.length, soon).toBeGreaterThan(0)
    await expect.poll(() => sequences(quick), soon).toEqual(written)
    await expect
      .poll(async () => (await look(id)).attempts.nodes.at(-1), soon)
      .toMatchObject({ outcome: 'FAILED', status: null, reason: expect.stringMatching(/within 1 second/) })
    expect(slow.accepted()).toEqual([])
  })

  test('E4 says 410 is not asked again; switched on anew, it gets what it has missed', async () => {
    const receiver = await receive()
    receiver.answer = answering(410)
    const { id } = await subscribe(receiver.url)
    const written = await write(3)
    await expect.poll(() => look(id), soon).toMatchObject({ enabled: false, disabledReason: 'GONE' })
    expect(receiver.received).toHaveLength(1)
    const told = await app.current.services.db.event.findFirst({
      where: { organizationId: tenant.organizationId, type: 'subscription.disabled' },
    })
    expect(told).toMatchObject({
      actorId: null,
      subjectId: decodeId(id).id,
      changes: { disabledReason: { after: 'GONE' } },
    })
    receiver.answer = answering(204)
    await mutate('updateEventSubscription', { id, enabled: true }, 'eventSubscription { id }')
    await expect.poll(() => sequences(receiver), soon).toEqual(written)
    expect(await look(id)).toMatchObject({ enabled: true, disabledReason: null })
  })

  test.each([429, 503])('E4 says %i with Retry-After is left alone for so long', async (status) => {
    const receiver = await receive()
    receiver.answer = answering(status, { 'retry-after': '3600' })
    const { id } = await subscribe(receiver.url)
    const written = await write()
    await expect.poll(async () => (await look(id)).failures, soon).toBe(1)
    const { nextAttemptAt } = await look(id)
    const wait = new Date(nextAttemptAt ?? 0).getTime() - app.current.clock.now().getTime()
    expect(wait).toBeGreaterThan(3_500_000)
    receiver.answer = answering(204)
    app.current.clock.advance(3_000_000)
    await write()
    expect(receiver.received).toHaveLength(1)
    app.current.clock.advance(700_000)
    await expect.poll(() => sequences(receiver)[0], soon).toBe(written[0])
  })

  test('E4 fails for days is switched off, with what it has missed still to come', async () => {
    const receiver = await receive()
    receiver.answer = answering(500)
    const { id } = await subscribe(receiver.url)
    const written = await write(2)
    await expect.poll(async () => (await look(id)).failures, soon).toBe(1)
    app.current.clock.advance(4 * DAY)
    await expect.poll(async () => (await look(id)).failures, soon).toBeGreaterThanOrEqual(2)
    expect((await look(id)).enabled).toBe(true)
    app.current.clock.advance(1.1 * DAY)
    await expect.poll(() => look(id), soon).toMatchObject({ enabled: false, disabledReason: 'FAILING' })
    receiver.answer = answering(204)
    await mutate('updateEventSubscription', { id, enabled: true }, 'eventSubscription { id }')
    await expect.poll(() => sequences(receiver), soon).toEqual(written)
  })

  test('E4 redirects has not taken the message', async () => {
    const [receiver, other] = await Promise.all([receive(), receive()])
    receiver.answer = answering(308, { location: other.url })
    const { id } = await subscribe(receiver.url)
    await write()
    await expect
      .poll(async () => (await look(id)).attempts.nodes[0], soon)
      .toMatchObject({ outcome: 'FAILED', status: 308 })
    expect(other.received).toEqual([])
  })
})

test('E4 waits grow to half a day, with jitter, and longer where the receiver asks', () => {
  const now = new Date('2026-11-22T12:00:00Z')
  const pauses = [1, 2, 3, 10, 16, 17, 40, 1000].map((failures) => pauseAfter(failures, null, now, () => 0.5))
  expect(pauses).toEqual([1, 2, 4, 512, 32768, 43200, 43200, 43200].map((seconds) => seconds * 1000))
  expect(pauseAfter(5, null, now, () => 0)).toBe(12_000)
  expect(pauseAfter(5, null, now, () => 1)).toBe(20_000)
  expect(pauseAfter(1, '120', now, () => 0.5)).toBe(120_000)
  expect(pauseAfter(1, 'Sun, 22 Nov 2026 12:05:00 GMT', now, () => 0.5)).toBe(300_000)
  expect(pauseAfter(1, '99999999', now, () => 0.5)).toBe(DAY)
  for (const odd of ['soon', '-5', '', 'Sun, 22 Nov 2020 12:05:00 GMT'])
    expect(pauseAfter(1, odd, now, () => 0.5)).toBe(1000)
})

describe('a subscription', () => {
  test('E4 is given a new secret, and for a while messages are signed with both', async () => {
    const receiver = await receive()
    const { id, secret: old } = await subscribe(receiver.url)
    const rotated = await mutate<{ secret: string }>(
      'rotateEventSubscriptionSecret',
      { id, overlapHours: 2 },
      'secret',
    )
    const { secret } = rotated
    app.current.secrets.set('rotated secret', secret)
    await write()
    await expect.poll(() => receiver.received.length, soon).toBe(1)
    const signed = (nth: number) =>
      [old, secret].map((each) => receiver.isSignedBy(each, receiver.received[nth] as never))
    expect(signed(0)).toEqual([true, true])
    expect(String(receiver.received[0]?.headers['webhook-signature']).split(' ')).toHaveLength(2)
    const { secret: newest } = await mutate<{ secret: string }>(
      'rotateEventSubscriptionSecret',
      { id, overlapHours: 0 },
      'secret',
    )
    await write()
    await expect.poll(() => receiver.received.length, soon).toBe(2)
    expect(signed(1)).toEqual([false, false])
    expect(receiver.isSignedBy(newest, receiver.received[1] as never)).toBe(true)
    expect(await mutate('rotateEventSubscriptionSecret', { id, overlapHours: 169 }, 'secret')).toMatchObject({
      __typename: 'ValidationError',
    })
    const events = await app.current.services.db.event.findMany({
      where: { organizationId: tenant.organizationId, type: 'subscription.secret_rotated' },
    })
    expect(events.map(({ changes }) => changes)).toEqual([
      { overlapHours: { after: 2 } },
      { overlapHours: { after: 0 } },
    ])
  })

  test('E4 is replayed from a point, each event under the id that it had', async () => {
    const receiver = await receive()
    const { id } = await subscribe(receiver.url)
    const written = await write(5)
    await expect.poll(() => sequences(receiver), soon).toEqual(written)
    const ids = receiver.received.map((one) => one.id)
    const third = receiver.received[2]?.message.data.cursor
    await mutate('replayEventSubscription', { id, after: third }, 'eventSubscription { id }')
    await expect.poll(() => receiver.received.slice(5).map((one) => one.id), soon).toEqual(ids.slice(3))
    await mutate(
      'replayEventSubscription',
      { id, fromAt: '2020-01-01T00:00:00Z' },
      'eventSubscription { id }',
    )
    await expect.poll(() => receiver.received.slice(7).map((one) => one.id), soon).toEqual(ids)
    expect(await mutate('replayEventSubscription', { id }, 'eventSubscription { id }')).toMatchObject({
      __typename: 'ValidationError',
    })
  })

  test('E4 is led past an event that its receiver can not take', async () => {
    const receiver = await receive()
    const { id } = await subscribe(receiver.url)
    const isPoison = ({ body }: Receiver['received'][number]) => body.includes('Größe 1')
    receiver.answer = (one, response) => response.writeHead(isPoison(one) ? 400 : 200).end()
    const written = await write(3)
    await expect
      .poll(() => receiver.received.at(-1)?.message.data, soon)
      .toMatchObject({ sequence: written[1] })
    await mutate(
      'replayEventSubscription',
      { id, after: receiver.received.at(-1)?.message.data.cursor },
      'eventSubscription { id }',
    )
    await expect.poll(() => sequences(receiver), soon).toEqual([written[0], written[2]])
  })

  test('E4 is tried out by a message that is in no log', async () => {
    const receiver = await receive()
    const { id, secret } = await subscribe(receiver.url)
    await mutate('updateEventSubscription', { id, enabled: false }, 'eventSubscription { id }')
    const before = await app.current.services.db.event.count()
    const attempt = '... on SendTestEventPayload { attempt { eventId type outcome status } }'
    expect(await mutate('sendTestEvent', { id }, attempt)).toMatchObject({
      attempt: { eventId: null, type: 'subscription.test', outcome: 'DELIVERED', status: 204 },
    })
    expect(receiver.isSignedBy(secret, receiver.received[0] as never)).toBe(true)
    expect(receiver.received[0]).toMatchObject({
      id: expect.stringMatching(/^test_/),
      message: { type: 'subscription.test', data: { subscriptionId: id } },
    })
    await receiver.shut()
    expect(await mutate('sendTestEvent', { id }, attempt)).toMatchObject({
      attempt: { outcome: 'FAILED', status: null },
    })
    expect((await look(id)).attempts.totalCount).toBe(2)
    expect(await app.current.services.db.event.count()).toBe(before)
    await receiver.reopen()
  })

  test('E4 of a process that was killed is taken over when its lease ends', async () => {
    const receiver = await receive()
    const { id } = await subscribe(receiver.url)
    const { db, clock } = app.current.services
    const where = { id: decodeId(id).id }
    await db.eventSubscription.update({
      where,
      data: { lockedBy: newId(), leaseEndsAt: new Date(clock.now().getTime() + 60_000) },
    })
    const written = await write(2)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(receiver.received).toEqual([])
    app.current.clock.advance(61_000)
    await write(1, 'resource.removed')
    await expect.poll(() => sequences(receiver).slice(0, 2), soon).toEqual(written)
  })

  test('E4 keeps its attempts for as long as the setting says', async () => {
    const receiver = await receive()
    const { id } = await subscribe(receiver.url)
    await write(3)
    await expect.poll(async () => (await look(id)).attempts.totalCount, soon).toBe(3)
    const trim = subscriptionTasks(app.current.services)['trim-attempts']
    await trim({}, { id: '1', attempt: 1 })
    expect((await look(id)).attempts.totalCount).toBe(3)
    app.current.clock.advance(31 * DAY)
    await trim({}, { id: '1', attempt: 1 })
    expect(
      await app.current.services.db.deliveryAttempt.count({ where: { subscriptionId: decodeId(id).id } }),
    ).toBe(0)
  })
})
