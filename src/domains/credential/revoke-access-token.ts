import { inPerson } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { notFound } from '../../platform/refusal.ts'
import type { IdentityCaller } from '../identity/caller.ts'

/**
 * Revokes one of the signed-in person's access tokens (T6): its next request is refused.
 *
 * @throws {CodedError} UNAUTHENTICATED; FORBIDDEN by an access token; NOT_FOUND when it is not theirs or revoked already
 */
export async function revokeAccessToken(
  caller: IdentityCaller,
  { id }: { id: string },
): Promise<{ revokedAccessTokenId: string }> {
  const { userId } = inPerson(caller)
  await inTransaction(caller.db, async (tx) => {
    const { count } = await tx.accessToken.deleteMany({ where: { id, userId } })
    if (count === 0) throw notFound()
    await appendEvents(tx, caller, [
      { organizationId: null, type: 'token.revoked', subject: { type: 'AccessToken', id } },
    ])
  })
  return { revokedAccessTokenId: id }
}
