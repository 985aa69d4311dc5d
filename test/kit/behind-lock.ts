import { expect } from 'vitest'
import { type Db, inTransaction, type Tx } from '../../src/platform/db.ts'
import type { TestApp } from './app.ts'
import type { Tenant } from './world.ts'

/** How many statements wait for a lock of any kind, in the database of this file. */
export async function locksWaitedFor(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ waiting: number }[]>`
    SELECT count(*)::int AS waiting FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return row?.waiting ?? 0
}

/**
 * Sends requests while the organization is locked, and makes a change when all of them have come as far as to wait for the lock.
 *
 * @returns what they answer to it
 */
export async function behindLock<T>(
  { services: { db } }: Pick<TestApp, 'services'>,
  { organizationId }: Pick<Tenant, 'organizationId'>,
  send: () => Promise<T>[],
  change: (tx: Tx) => Promise<unknown>,
): Promise<T[]> {
  const waiting = await inTransaction(db, async (tx) => {
    await tx.$queryRaw`SELECT FROM organization WHERE id = ${organizationId}::uuid FOR UPDATE`
    const sent = send()
    await expect.poll(() => locksWaitedFor(db)).toBe(sent.length)
    await change(tx)
    return { sent }
  })
  return Promise.all(waiting.sent)
}
