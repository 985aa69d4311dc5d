import { z } from 'zod'
import { signedIn } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import type { IdentityCaller } from './caller.ts'
import { endSessions } from './end-sessions.ts'
import { InvalidCredentials } from './errors.ts'
import { MAX_PASSWORD, newPasswordField } from './input.ts'

const input = z.object({ currentPassword: z.string(), newPassword: newPasswordField() })

const wrongPassword = () => new InvalidCredentials('This is not your current password.')

/**
 * Changes the signed-in person's password and ends their other sessions.
 *
 * @throws {CodedError} UNAUTHENTICATED
 * @throws {ValidationError}
 * @throws {InvalidCredentials} when the current password is wrong
 */
export async function changePassword(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<{ userId: string }> {
  const { userId, sessionId } = signedIn(caller)
  const { currentPassword, newPassword: password } = parseInput(input, given)
  if (currentPassword.length > MAX_PASSWORD) throw wrongPassword()
  const { internalAdapter, password: passwords } = await caller.auth.$context
  const current = (await internalAdapter.findCredentialAccount(userId))?.password
  if (!current || !(await passwords.verify({ hash: current, password: currentPassword })))
    throw wrongPassword()
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
