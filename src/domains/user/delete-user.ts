import { signedIn } from '../../access/caller.ts'
import { notFound } from '../../platform/refusal.ts'
import type { IdentityCaller } from '../identity/caller.ts'
import { refuseUnlessAdmin } from './refuse-unless-admin.ts'
import { removePerson } from './remove-person.ts'

/**
 * Deletes somebody's account (T4).
 *
 * @param input `transferOwnershipTo`: whoever becomes an owner of the organizations that only this person owns
 * @throws {CodedError} UNAUTHENTICATED, FORBIDDEN, NOT_FOUND
 * @throws {ValidationError}
 * @throws {SoleOwner} names the organizations (lesson 2)
 * @throws {LastPlatformAdmin}
 */
export async function deleteUser(
  caller: IdentityCaller,
  {
    id: userId,
    transferOwnershipTo: heirId,
  }: { id: string; transferOwnershipTo?: string | null | undefined },
): Promise<{ deletedUserId: string }> {
  const viewer = signedIn(caller)
  await removePerson(caller, { userId, heirId }, async (tx) => {
    await refuseUnlessAdmin(tx, viewer)
    if ((await tx.user.count({ where: { id: userId } })) === 0) throw notFound()
  })
  return { deletedUserId: userId }
}
