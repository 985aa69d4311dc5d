import type { Tx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'

/**
 * Ends the sessions of a person and revokes their access tokens, in the caller's open transaction.
 *
 * @param keep the one session that goes on, if any
 * @returns the events to append, one for each session and token that was ended
 */
export async function endSessions(tx: Tx, userId: string, keep: string | null): Promise<NewEvent[]> {
  const ended = await endOtherSessions(tx, userId, keep)
  // After the sessions: a token that one of them is just making waits for that session's lock, and is seen here.
  const revoked = await tx.accessToken.findMany({ where: { userId }, select: { id: true } })
  await tx.accessToken.deleteMany({ where: { userId } })
  return [
    ...ended,
    ...revoked.map(
      ({ id }): NewEvent => ({
        organizationId: null,
        type: 'token.revoked',
        subject: { type: 'AccessToken', id },
      }),
    ),
  ]
}

/** Ends the sessions of a person, and leaves their access tokens. */
export async function endOtherSessions(tx: Tx, userId: string, keep: string | null): Promise<NewEvent[]> {
  const where = { userId, ...(keep === null ? {} : { id: { not: keep } }) }
  const ended = await tx.session.findMany({ where, select: { id: true } })
  await tx.session.deleteMany({ where })
  return ended.map(({ id }) => ({
    organizationId: null,
    type: 'session.ended',
    subject: { type: 'Session', id },
  }))
}
