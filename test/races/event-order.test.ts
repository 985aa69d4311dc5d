import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inTransaction } from '../../src/platform/db.ts'
import { appendEvents, type NewEvent } from '../../src/platform/events.ts'
import { newId } from '../../src/platform/ids.ts'
import { withClient } from '../kit/cluster.ts'
import type { Tenant } from '../kit/world.ts'
import { type Call, tally, times, useRaces } from './race-kit.ts'

const races = useRaces()

interface Read {
  sequences: number[]
  /** How often the reader has asked, and how often there was something new. */
  polls: number
  harvests: number
}

/** Reads the log of an organization as every exit does: what is behind the last one seen, until nothing more comes. */
async function follow({ organizationId }: Tenant, isOver: () => boolean): Promise<Read> {
  return withClient(races.app.databaseUrl, async (client) => {
    const read: Read = { sequences: [], polls: 0, harvests: 0 }
    for (;;) {
      const wasOver = isOver()
      const { rows } = await client.query<{ sequence: string }>(
        'SELECT sequence FROM event WHERE stream_id = $1 AND sequence > $2 ORDER BY sequence LIMIT 7',
        [organizationId, read.sequences.at(-1) ?? 0],
      )
      read.polls++
      if (rows.length > 0) read.harvests++
      read.sequences.push(...rows.map(({ sequence }) => Number(sequence)))
      if (wasOver && rows.length === 0) return read
    }
  })
}

/** Writes events in a transaction that works before it appends, and takes its time until it commits. */
async function slowWriter(
  tenant: Tenant,
  index: number,
  options: { before: number; after: number },
): Promise<void> {
  const { db } = (races.instances[index % 2] as (typeof races.instances)[number]).services
  const { organizationId } = tenant
  const event: NewEvent = {
    organizationId,
    type: 'organization.created',
    subject: { type: 'Organization', id: newId() },
  }
  await inTransaction(db, async (tx) => {
    await tx.$queryRaw`SELECT 1`
    await sleep(options.before)
    await appendEvents(tx, { viewer: null, requestId: null }, [event, event])
    await sleep(options.after)
    if (index % 5 === 4) throw new Error('rolled back')
  })
}

test('E1 a reader that asks for what is behind the last sequence misses nothing, however slow the writers are', async () => {
  const tenant = await races.world.tenant()
  const update = (index: number): Call => ({
    mutation: 'updateWorkspace',
    input: { id: tenant.first.id, description: `Number ${index}` },
    token: tenant.owner.token,
  })
  const refused = (index: number): Call => ({
    mutation: 'updateWorkspace',
    input: { id: tenant.first.id, name: `N ${index}`, expectedVersion: 999_999 },
    token: tenant.owner.token,
  })
  let over = false
  const reading = follow(tenant, () => over)
  const slow = times(15, (index) => slowWriter(tenant, index, { before: (index % 4) * 30, after: 40 }))
  const fast = races.race(times(60, (index) => (index % 6 === 5 ? refused(index) : update(index))))
  const outcomes = await Promise.allSettled(slow)
  const answers = tally(await fast)
  over = true
  const { sequences, polls, harvests } = await reading

  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(3)
  expect(answers).toEqual({ UpdateWorkspacePayload: 50, VersionConflict: 10 })
  const { db } = races.app.services
  const written = await db.event.count({ where: { organizationId: tenant.organizationId } })
  expect(sequences).toEqual(times(written, (index) => index + 1))
  expect(written).toBeGreaterThanOrEqual(12 * 2 + 50)
  expect(polls).toBeGreaterThan(harvests)
  expect(harvests).toBeGreaterThan(10)
  const head = await db.eventStream.findUnique({ where: { id: tenant.organizationId } })
  expect(Number(head?.lastSequence)).toBe(written)
})

test('E1 writers of several logs at once do not wait for each other for ever', async () => {
  const tenants = await Promise.all(times(3, () => races.world.tenant()))
  const { db } = races.app.services
  const eventOf = (organizationId: string | null): NewEvent => ({
    organizationId,
    type: 'session.created',
    subject: { type: 'Session', id: newId() },
  })
  await Promise.all(
    times(24, (index) =>
      inTransaction(db, (tx) => {
        const logs = [null, ...tenants.map(({ organizationId }) => organizationId)]
        const order = index % 2 === 0 ? logs : logs.reverse()
        return appendEvents(tx, { viewer: null, requestId: null }, order.map(eventOf))
      }),
    ),
  )
  for (const { organizationId } of tenants) {
    const rows = await db.event.findMany({
      where: { streamId: organizationId },
      orderBy: { sequence: 'asc' },
    })
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual(times(rows.length, (index) => index + 1))
  }
})
