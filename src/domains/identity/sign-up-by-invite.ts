import { z } from 'zod'
import { limit } from '../../access/limit.ts'
import { inTransaction, violates } from '../../platform/db.ts'
import { nameField, parseInput } from '../../platform/validation.ts'
import { acceptInviteIn } from '../invite/accept-invite.ts'
import { findInvite } from '../invite/find-invite.ts'
import type { IdentityCaller } from './caller.ts'
import { EmailTaken } from './errors.ts'
import { newPasswordField } from './input.ts'
import { hashPassword, openAccount } from './open-account.ts'

const input = z.object({ token: z.string(), password: newPasswordField(), fullName: nameField() })

/** Who has signed up, and what they have joined. `token` is the session's, which is not kept anywhere. */
export interface SignedUpByInvite {
  userId: string
  organizationId: string
  workspaceId: string | null
  sessionId: string
  token: string
}

/**
 * Creates the person whom an invite is for, has them accept it, and signs them in, in one transaction (M11). They get no
 * organization of their own: they did not ask for one. The token of the mail verifies the address (T2).
 *
 * @throws {ValidationError}
 * @throws {CodedError} RATE_LIMITED
 * @throws {InviteUnavailable} as for {@link acceptInviteIn}
 * @throws {EmailTaken} when the invited address has an account
 */
export async function signUpByInvite(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<SignedUpByInvite> {
  const { token, password, fullName } = parseInput(input, given)
  await limit(caller, 'invite', token)
  const { email } = await findInvite(caller, token)
  await limit(caller, 'sign-up', email)
  const passwordHash = await hashPassword(caller, password)
  try {
    return await inTransaction(caller.db, async (tx) => {
      const { userId, session, events } = await openAccount(caller, { email, fullName, passwordHash })
      const person = { userId, email, emailVerified: false }
      const { requestId } = caller
      const { organizationId, workspaceId } = await acceptInviteIn(tx, caller, {
        token,
        person,
        requestId,
        before: events,
      })
      return { userId, organizationId, workspaceId, sessionId: session.id, token: session.token }
    })
  } catch (error) {
    if (violates(error, 'user_email_key')) throw new EmailTaken()
    throw error
  }
}
