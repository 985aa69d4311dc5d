import { z } from 'zod'
import { inPerson } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import type { IdentityCaller } from './caller.ts'
import { endSessions } from './end-sessions.ts'
import { newPasswordField } from './input.ts'
import { verifyPassword, wrongPassword } from './verify-password.ts'

const input = z.object({ currentPassword: z.string(), newPassword: newPasswordField() })

/**
 * Changes the signed-in person's password and ends their other sessions and their access tokens.
 *
 * @throws {CodedError} UNAUTHENTICATED, FORBIDDEN by an access token, RATE_LIMITED
 * @throws {ValidationError}
 * @throws {InvalidCredentials} when the current password is wrong
 */
export async function changePassword(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<{ userId: string }> {
  const { userId, sessionId, email } = inPerson(caller)
  const { currentPassword, newPassword: password } = parseInput(input, given)
  const current = await verifyPassword(caller, { userId, email, password: currentPassword })
  const { password: passwords } = await caller.auth.$context
  const hash = await passwords.hash(password)
  await inTransaction(caller.db, async (tx) => {
    // Only the password that was verified is replaced: a reset that came in between wins.
    const { count } = await tx.account.updateMany({
      where: { userId, providerId: 'credential', password: current },
      data: { password: hash },
    })
    if (count === 0) throw wrongPassword()
    const ended = await endSessions(tx, userId, sessionId)
    await appendEvents(tx, caller, [
      { organizationId: null, type: 'user.password_changed', subject: { type: 'User', id: userId } },
      ...ended,
    ])
  })
  return { userId }
}
