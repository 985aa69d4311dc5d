import { inPerson } from '../../access/caller.ts'
import type { IdentityCaller } from '../identity/caller.ts'
import { verifyPassword, wrongPassword } from '../identity/verify-password.ts'
import { removePerson } from './remove-person.ts'

/**
 * Deletes the signed-in person's own account.
 *
 * @throws {CodedError} UNAUTHENTICATED, FORBIDDEN by an access token, RATE_LIMITED
 * @throws {InvalidCredentials} when the password is wrong
 * @throws {SoleOwner} names the organizations that only they own (lesson 2)
 * @throws {LastPlatformAdmin}
 */
export async function closeAccount(
  caller: IdentityCaller,
  { password }: { password: string },
): Promise<{ closedUserId: string }> {
  const { userId, email } = inPerson(caller)
  const hash = await verifyPassword(caller, { userId, email, password })
  await removePerson(caller, { userId }, async (tx) => {
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT FROM account WHERE user_id = ${userId}::uuid AND provider_id = 'credential' AND password = ${hash} FOR UPDATE`
    if (rows.length === 0) throw wrongPassword()
  })
  return { closedUserId: userId }
}
