import { z } from 'zod'
import { signedIn } from '../../access/caller.ts'
import { inTransaction, violates } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { emailField, nameField, parseInput } from '../../platform/validation.ts'
import type { IdentityCaller } from '../identity/caller.ts'
import { EmailTaken } from '../identity/errors.ts'
import { newPasswordField } from '../identity/input.ts'
import { enqueueVerificationMail } from '../identity/verification-mail.ts'
import { promote } from '../member/verify-address.ts'
import { refuseUnlessAdmin } from './refuse-unless-admin.ts'

const input = z.object({
  email: emailField(),
  fullName: nameField(),
  password: newPasswordField(),
  platformRole: z.enum(['ADMIN', 'USER']).nullish(),
  emailVerified: z.boolean().nullish(),
})

/**
 * Makes an account for somebody, without an organization (T4). Unless the administrator vouches for the address, a mail
 * asks to verify it.
 *
 * @throws {CodedError} UNAUTHENTICATED, FORBIDDEN
 * @throws {ValidationError}
 * @throws {EmailTaken} when the address has an account, in whatever case it is written
 */
export async function createUser(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<{ userId: string }> {
  const viewer = signedIn(caller)
  const { email, fullName, password, platformRole, emailVerified } = parseInput(input, given)
  const { password: passwords } = await caller.auth.$context
  const hash = await passwords.hash(password)
  const userId = newId()
  const account = { platformRole: platformRole ?? 'USER', emailVerified: emailVerified ?? false }
  try {
    await inTransaction(caller.db, async (tx) => {
      await refuseUnlessAdmin(tx, viewer)
      await tx.user.create({
        data: {
          ...account,
          id: userId,
          email,
          name: fullName,
          accounts: { create: { providerId: 'credential', accountId: userId, password: hash } },
        },
        select: { id: true },
      })
      if (!account.emailVerified) await enqueueVerificationMail(tx, caller, { userId, email, name: fullName })
      const fields = Object.entries({ email, fullName, ...account })
      await appendEvents(tx, caller, [
        {
          organizationId: null,
          type: 'user.created',
          subject: { type: 'User', id: userId },
          changes: Object.fromEntries(fields.map(([field, after]) => [field, { after }])),
        },
        ...(account.emailVerified ? await promote(tx, caller.env.ADMIN_EMAIL) : []),
      ])
    })
  } catch (error) {
    if (violates(error, 'user_email_key')) throw new EmailTaken()
    throw error
  }
  return { userId }
}
