import { z } from 'zod'
import { limit } from '../../access/limit.ts'
import { inTransaction, violates } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { emailField, nameField, parseInput } from '../../platform/validation.ts'
import { createOrganizationIn } from '../organization/create-organization.ts'
import type { IdentityCaller } from './caller.ts'
import { EmailTaken } from './errors.ts'
import { newPasswordField } from './input.ts'
import { openSession } from './open-session.ts'
import { enqueueVerificationMail } from './verification-mail.ts'

const input = z.object({
  email: emailField(),
  password: newPasswordField(),
  fullName: nameField(),
  organizationName: nameField('The name of the organization').nullish(),
  rememberMe: z.boolean().nullish(),
})

/** What a sign-up made. `token` is the session's bearer token, which is not kept anywhere. */
export interface SignedUp {
  userId: string
  organizationId: string
  workspaceId: string
  sessionId: string
  token: string
}

/**
 * Creates a person, their organization and its first workspace in one transaction (O17), has a verification mail sent
 * and signs them in.
 *
 * @param given without `organizationName` the organization is named after the person
 * @throws {ValidationError}
 * @throws {CodedError} RATE_LIMITED
 * @throws {EmailTaken} when the address has an account, in whatever case it is written
 */
export async function signUp(caller: IdentityCaller, given: z.input<typeof input>): Promise<SignedUp> {
  const { email, password, fullName, organizationName, rememberMe } = parseInput(input, given)
  await limit(caller, 'sign-up', email)
  const { internalAdapter, password: passwords } = await caller.auth.$context
  // Hashing takes long on purpose, so it is done before the transaction opens.
  const passwordHash = await passwords.hash(password)
  try {
    return await inTransaction(caller.db, async (tx) => {
      const user = await internalAdapter.createUser(
        { email, name: fullName, emailVerified: false },
        { method: 'email-password' },
      )
      const userId = user.id
      await internalAdapter.linkAccount({
        userId,
        providerId: 'credential',
        accountId: userId,
        password: passwordHash,
      })
      const { requestId } = caller
      const name = organizationName ?? `${[...fullName].slice(0, 105).join('')}'s organization`
      const created = await createOrganizationIn(tx, { userId, requestId }, { name })
      await enqueueVerificationMail(tx, caller, { userId, email, name: fullName })
      const session = await openSession(caller, userId, rememberMe ?? true)
      await appendEvents(tx, { viewer: { userId }, requestId }, [
        {
          organizationId: null,
          type: 'user.signed_up',
          subject: { type: 'User', id: userId },
          changes: { email: { after: email }, fullName: { after: fullName } },
        },
        { organizationId: null, type: 'session.created', subject: { type: 'Session', id: session.id } },
      ])
      return { userId, ...created, sessionId: session.id, token: session.token }
    })
  } catch (error) {
    if (violates(error, 'user_email_key')) throw new EmailTaken()
    throw error
  }
}
