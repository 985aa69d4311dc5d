import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyExport } from '../../src/domains/event/verify-export.ts'
import { createEventSubscription } from '../../src/domains/event-subscription/create-event-subscription.ts'
import { encodeId } from '../../src/graphql/ids.ts'
import { encodePosition } from '../../src/platform/event-position.ts'
import { newId } from '../../src/platform/ids.ts'
import { useTestApp } from '../kit/app.ts'
import { endLaunched, type Running, start } from '../kit/process.ts'
import { openReceiver, type Receiver } from '../kit/receiver.ts'
import { readMessages } from '../kit/sse.ts'
import { createWorld, type Tenant } from '../kit/world.ts'

const EVENTS = 10_000
const WRITERS = 5
/** People whose roles one call changes: as many events in one transaction. */
const CROWD = 100

const app = useTestApp()
const processes: (Running | undefined)[] = [undefined, undefined]
let tenant: Tenant
let receiver: Receiver

/** A process of the service on the database of this file. */
const launch = () =>
  start({
    DATABASE_URL: app.current.databaseUrl,
    AUTH_SECRET: app.current.services.secrets.authSecret,
    DATA_DIR: app.current.services.env.DATA_DIR,
    WEBHOOK_PRIVATE_NETWORKS: '1',
    WEBHOOK_TIMEOUT_SECONDS: '1',
    DATABASE_POOL: '8',
    RATE_LIMITS: '0',
    LOG_LEVEL: 'warn',
  })

beforeAll(async () => {
  tenant = await createWorld(app.current).tenant()
  receiver = await openReceiver()
  processes[0] = await launch()
  processes[1] = await launch()
}, 60_000)

afterAll(async () => {
  await endLaunched()
  await receiver.shut()
})

/** Which process answers next: the other one, when one of them is down. */
const urlOf = (nth: number): string | undefined => processes[nth % 2]?.url ?? processes[(nth + 1) % 2]?.url

async function ask(nth: number, query: string, variables: object): Promise<Record<string, never> | null> {
  try {
    const response = await fetch(`${urlOf(nth)}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.owner.token}` },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as { data: Record<string, never>; errors?: unknown }
    return errors ? null : data
  } catch {
    return null
  }
}

/** Kills a process without a warning, and starts another one in its place after a while. */
async function replace(nth: number): Promise<void> {
  const victim = processes[nth]
  processes[nth] = undefined
  victim?.signal('SIGKILL')
  await victim?.exited
  await sleep(500)
  processes[nth] = await launch()
}

async function insertCrowd(size: number): Promise<string[]> {
  const { db } = app.current.services
  const { organizationId, first } = tenant
  const ids = Array.from({ length: size }, () => newId())
  const role = (scope: 'ORGANIZATION' | 'WORKSPACE', key: string) =>
    db.role.findFirstOrThrow({ where: { organizationId, scope, key } })
  const [member, reader] = [await role('ORGANIZATION', 'MEMBER'), await role('WORKSPACE', 'READ')]
  await db.user.createMany({ data: ids.map((id) => ({ id, email: `${id}@example.com`, name: id })) })
  await db.organizationMember.createMany({
    data: ids.map((userId) => ({ organizationId, userId, roleId: member.id })),
  })
  await db.workspaceMember.createMany({
    data: ids.map((userId) => ({
      organizationId,
      userId,
      workspaceId: first.workspaceId,
      roleId: reader.id,
    })),
  })
  return ids.map((id) => encodeId('User', id))
}

const head = async () => {
  const { organizationId: id } = tenant
  const row = await app.current.services.db.eventStream.findUniqueOrThrow({ where: { id } })
  return Number(row.lastSequence)
}

const SET_ROLES = `mutation ($input: SetMemberRolesInput!) { setMemberRoles(input: $input) { __typename } }`
const REGISTER = `mutation ($input: RegisterResourceInput!) { registerResource(input: $input) { __typename } }`

/** Writes until the log is long enough: many events in a transaction, and one. */
async function writer(nth: number, crowd: string[]): Promise<void> {
  for (let round = nth; (await head()) < EVENTS; round++) {
    const role = round % 2 === 0 ? 'WRITE' : 'READ'
    const members = crowd.map((userId) => ({ userId, role }))
    await ask(round, SET_ROLES, { input: { scopeId: tenant.first.id, members } })
    const input = { workspaceId: tenant.first.id, kind: 'BUCKET', name: newId() }
    await ask(round + 1, REGISTER, { input })
  }
}

/** Pulls page by page until the log is over. */
async function puller(isOver: () => boolean): Promise<string[]> {
  const seen: string[] = []
  let after: string | null = null
  for (let nth = 0; ; nth++) {
    const wasOver = isOver()
    const data = await ask(
      nth,
      'query ($id: ID!, $after: String) { events(organizationId: $id, after: $after, first: 300) { nodes { id } pageInfo { endCursor hasNextPage } } }',
      { id: tenant.id, after },
    )
    const page = data?.events as
      | { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
      | undefined
    if (!page) {
      await sleep(100)
      continue
    }
    seen.push(...page.nodes.map(({ id }) => id))
    after = page.pageInfo.endCursor
    if (wasOver && !page.pageInfo.hasNextPage) return seen
    if (page.nodes.length === 0) await sleep(200)
  }
}

/** Listens, and comes back behind the last event that it has whenever it is cut off. */
async function listener(last: () => number | undefined): Promise<string[]> {
  const seen: string[] = []
  let after = encodePosition(tenant.organizationId, 0n)
  let sequence = 0
  for (let nth = 0; sequence !== last(); nth++) {
    try {
      const response = await fetch(`${urlOf(nth)}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          authorization: `Bearer ${tenant.owner.token}`,
        },
        body: JSON.stringify({
          query:
            'subscription ($id: ID!, $after: String) { organizationEvents(organizationId: $id, after: $after) { id cursor sequence } }',
          variables: { id: tenant.id, after },
        }),
      })
      const messages = readMessages(response)
      for (let message = await messages.next(); message; message = await messages.next()) {
        const event = message.data?.organizationEvents as {
          id: string
          cursor: string
          sequence: number
        } | null
        if (!event) break
        seen.push(event.id)
        ;({ cursor: after, sequence } = event)
        if (sequence === last()) {
          await messages.leave()
          return seen
        }
      }
    } catch {
      await sleep(100)
    }
  }
  return seen
}

test('E1 E2 E3 E4 E5 all four exits give one sequence, complete, whatever is killed and whoever is away', async () => {
  const { organizationId, first, owner } = tenant
  const fields = { workspaceId: first.workspaceId, url: receiver.url, types: ['*'] }
  await createEventSubscription(await owner.caller(), fields)
  const subscribedAt = await head()
  const crowds = await Promise.all(Array.from({ length: WRITERS }, () => insertCrowd(CROWD)))
  let written = false
  let last: number | undefined
  const pulled = puller(() => written)
  const heard = listener(() => last)
  const disturbed = (async () => {
    const reaches = async (count: number) => {
      while ((await head()) < count) await sleep(50)
    }
    await reaches(EVENTS * 0.2)
    await replace(0)
    await reaches(EVENTS * 0.5)
    await receiver.shut()
    await replace(1)
    await receiver.reopen()
  })()
  await Promise.all([...crowds.map((crowd, nth) => writer(nth, crowd)), disturbed])
  // One more when all is quiet, by which the listener knows its end: it has to know before it hears of it.
  last = (await head()) + 1
  const input = { workspaceId: first.id, kind: 'BUCKET', name: newId() }
  expect(await ask(0, REGISTER, { input })).not.toBeNull()
  expect(await head()).toBe(last)
  written = true

  const rows = await app.current.services.db.event.findMany({
    where: { streamId: organizationId },
    orderBy: { sequence: 'asc' },
    select: { id: true, sequence: true, workspaceId: true },
  })
  const all = rows.map(({ id }) => encodeId('Event', id))
  expect(rows.map(({ sequence }) => Number(sequence))).toEqual(rows.map((_, nth) => nth + 1))
  expect(rows.length).toBeGreaterThanOrEqual(EVENTS)
  const same = (seen: string[], wanted: string[]) => {
    expect(seen.length).toBe(wanted.length)
    expect(seen.findIndex((id, nth) => id !== wanted[nth])).toBe(-1)
  }
  same(await pulled, all)
  same(await heard, all)

  const exported = await fetch(`${urlOf(0)}/organizations/${tenant.id}/audit.jsonl`, {
    headers: { authorization: `Bearer ${owner.token}` },
  })
  const lines = (await exported.text()).split('\n').filter(Boolean)
  expect(await verifyExport(lines)).toMatchObject({ ok: true, entries: all.length })
  same(
    lines.slice(1).map((line) => JSON.parse(line).id),
    all,
  )

  const due = rows
    .filter((row) => row.workspaceId === first.workspaceId && Number(row.sequence) > subscribedAt)
    .map(({ id }) => encodeId('Event', id))
  await expect.poll(() => receiver.accepted().length, { timeout: 60_000, interval: 200 }).toBe(due.length)
  same(
    receiver.accepted().map(({ id }) => id),
    due,
  )
}, 180_000)
