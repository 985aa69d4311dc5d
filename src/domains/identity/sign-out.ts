import { signedIn } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import type { IdentityCaller } from './caller.ts'

/**
 * Ends the session of this request.
 *
 * @returns null when the request was not made with a session
 * @throws {CodedError} UNAUTHENTICATED
 */
export async function signOut(caller: IdentityCaller): Promise<{ endedSessionId: string | null }> {
  const { sessionId } = signedIn(caller)
  if (sessionId === null) return { endedSessionId: null }
  await inTransaction(caller.db, async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { id: sessionId } })
    if (count === 0) return
    await appendEvents(tx, caller, [
      { organizationId: null, type: 'session.ended', subject: { type: 'Session', id: sessionId } },
    ])
  })
  return { endedSessionId: sessionId }
}
