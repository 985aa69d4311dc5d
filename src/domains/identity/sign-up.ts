import { z } from 'zod'
import { limit } from '../../access/limit.ts'
import { inTransaction, violates } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { emailField, nameField, parseInput } from '../../platform/validation.ts'
import { createOrganizationIn } from '../organization/create-organization.ts'
import type { IdentityCaller } from './caller.ts'
import { EmailTaken } from './errors.ts'
import { newPasswordField } from './input.ts'
import { hashPassword, openAccount } from './open-account.ts'
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
  const passwordHash = await hashPassword(caller, password)
  try {
    return await inTransaction(caller.db, async (tx) => {
      const { userId, session, events } = await openAccount(caller, {
        email,
        fullName,
        passwordHash,
        rememberMe,
      })
      const { requestId } = caller
      const name = organizationName ?? `${[...fullName].slice(0, 105).join('')}'s organization`
      const created = await createOrganizationIn(tx, { userId, requestId }, { name })
      await enqueueVerificationMail(tx, caller, { userId, email, name: fullName })
      await appendEvents(tx, { viewer: { userId }, requestId }, events)
      return { userId, ...created, sessionId: session.id, token: session.token }
    })
  } catch (error) {
    if (violates(error, 'user_email_key')) throw new EmailTaken()
    throw error
  }
}
