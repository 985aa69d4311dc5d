import { inPerson } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { notFound } from '../../platform/refusal.ts'
import type { IdentityCaller } from '../identity/caller.ts'

/**
 * Ends one of the signed-in person's sessions: its next request is refused. To end the own one is to sign out.
 *
 * @throws {CodedError} UNAUTHENTICATED; FORBIDDEN by an access token; NOT_FOUND when it is not theirs or has ended
 */
export async function revokeSession(
  caller: IdentityCaller,
  { id }: { id: string },
): Promise<{ revokedSessionId: string }> {
  const { userId } = inPerson(caller)
  await inTransaction(caller.db, async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { id, userId } })
    if (count === 0) throw notFound()
    await appendEvents(tx, caller, [
      { organizationId: null, type: 'session.ended', subject: { type: 'Session', id } },
    ])
  })
  return { revokedSessionId: id }
}
