import { limit } from '../../access/limit.ts'
import type { IdentityCaller } from './caller.ts'
import { InvalidCredentials } from './errors.ts'
import { MAX_PASSWORD } from './input.ts'

/** The refusal of {@link verifyPassword}. */
export const wrongPassword = () => new InvalidCredentials('This is not your current password.')

/**
 * Asks somebody who is signed in for their password, because whoever finds an open session could be anybody.
 *
 * @returns the stored hash: what is done with it has to see that it is still the same
 * @throws {InvalidCredentials} when it is wrong, or the person has none
 * @throws {CodedError} RATE_LIMITED
 */
export async function verifyPassword(
  caller: IdentityCaller,
  { userId, email, password }: { userId: string; email: string; password: string },
): Promise<string> {
  await limit(caller, 'sign-in', email)
  if (password.length > MAX_PASSWORD) throw wrongPassword()
  const { internalAdapter, password: passwords } = await caller.auth.$context
  const hash = (await internalAdapter.findCredentialAccount(userId))?.password
  if (!hash || !(await passwords.verify({ hash, password }))) throw wrongPassword()
  await caller.limits.clear('sign-in', email)
  return hash
}
