import type { Tx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'

/**
 * Ends the sessions of a person, in the caller's open transaction.
 *
 * @param keep the one session that goes on, if any
 * @returns the events to append, one for each session that was ended
 */
export async function endSessions(tx: Tx, userId: string, keep: string | null): Promise<NewEvent[]> {
  const where = { userId, ...(keep === null ? {} : { id: { not: keep } }) }
  const ended = await tx.session.findMany({ where, select: { id: true } })
  await tx.session.deleteMany({ where })
  return ended.map(({ id }) => ({
    organizationId: null,
    type: 'session.ended',
    subject: { type: 'Session', id },
  }))
}
