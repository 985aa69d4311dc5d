import { z } from 'zod'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import { verifyAddress } from '../member/verify-address.ts'
import type { IdentityCaller } from './caller.ts'
import { endSessions } from './end-sessions.ts'
import { InvalidToken } from './errors.ts'
import { newPasswordField } from './input.ts'

const input = z.object({ token: z.string(), newPassword: newPasswordField() })

/** How long the link of a reset mail works. */
export const RESET_MINUTES = 60

/** Under which name Better Auth finds a reset token; it stores the name's SHA-256. */
export const resetIdentifier = (token: string): string => `reset-password:${token}`

/**
 * Sets a new password with the token of a reset mail, once, and ends all sessions and access tokens of the account. Who holds the token
 * reads the mailbox, so the address counts as verified from then on.
 *
 * @throws {ValidationError} the token stays usable
 * @throws {InvalidToken} when the token is unknown, used or too old
 */
export async function resetPassword(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<{ userId: string }> {
  const { token, newPassword: password } = parseInput(input, given)
  const userId = await findResetTarget(caller, token)
  if (userId === null) throw new InvalidToken()
  const { internalAdapter, password: passwords } = await caller.auth.$context
  const hash = await passwords.hash(password)
  await inTransaction(caller.db, async (tx) => {
    if (!(await internalAdapter.consumeVerificationValue(resetIdentifier(token)))) throw new InvalidToken()
    await tx.verification.deleteMany({ where: { value: userId } })
    await setPassword(tx, userId, hash)
    const events = [
      ...(await verifyAddress(tx, caller.env, userId)),
      ...(await endSessions(tx, userId, null)),
    ]
    await appendEvents(tx, { viewer: { userId }, requestId: caller.requestId }, [
      { organizationId: null, type: 'user.password_reset', subject: { type: 'User', id: userId } },
      ...events,
    ])
  })
  return { userId }
}

/** Whose password a token may set; null when the token is unknown, used or too old. It stays usable. */
export async function findResetTarget(
  { auth, clock, db }: IdentityCaller,
  token: string,
): Promise<string | null> {
  const { internalAdapter } = await auth.$context
  const found = await internalAdapter.findVerificationValue(resetIdentifier(token))
  if (!found || found.expiresAt <= clock.now()) return null
  const active = await db.user.count({ where: { id: found.value, suspendedAt: null } })
  return active === 0 ? null : found.value
}

async function setPassword(tx: Tx, userId: string, password: string): Promise<void> {
  await tx.account.upsert({
    where: { providerId_accountId: { providerId: 'credential', accountId: userId } },
    create: { providerId: 'credential', accountId: userId, userId, password },
    update: { password },
  })
}
