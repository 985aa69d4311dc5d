import { inPerson } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import type { IdentityCaller } from '../identity/caller.ts'
import { endOtherSessions } from '../identity/end-sessions.ts'

/**
 * Ends all sessions of the signed-in person but the one of this request. Access tokens go on.
 *
 * @throws {CodedError} UNAUTHENTICATED; FORBIDDEN by an access token
 */
export async function revokeOtherSessions(caller: IdentityCaller): Promise<{ revokedSessionIds: string[] }> {
  const { userId, sessionId } = inPerson(caller)
  return inTransaction(caller.db, async (tx) => {
    const ended = await endOtherSessions(tx, userId, sessionId)
    await appendEvents(tx, caller, ended)
    return { revokedSessionIds: ended.map(({ subject }) => subject.id) }
  })
}
