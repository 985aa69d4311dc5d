import type { NewEvent } from '../../platform/events.ts'
import type { IdentityCaller } from './caller.ts'
import { openSession } from './open-session.ts'

/** Who gets an account. */
export interface NewAccount {
  email: string
  fullName: string
  passwordHash: string
  /** false: the session lasts for a day only */
  rememberMe?: boolean | null
}

/** Hashing takes long on purpose, so it is done before a transaction opens. */
export async function hashPassword({ auth }: IdentityCaller, password: string): Promise<string> {
  return (await auth.$context).password.hash(password)
}

/**
 * Makes an account with a password and signs it in, in the caller's open transaction.
 *
 * @returns the events to append; an address that has an account already violates `user_email_key`
 */
export async function openAccount(
  caller: IdentityCaller,
  { email, fullName, passwordHash, rememberMe }: NewAccount,
): Promise<{ userId: string; session: { id: string; token: string }; events: NewEvent[] }> {
  const { internalAdapter } = await caller.auth.$context
  const { id: userId } = await internalAdapter.createUser(
    { email, name: fullName, emailVerified: false },
    { method: 'email-password' },
  )
  const account = { userId, providerId: 'credential', accountId: userId, password: passwordHash }
  await internalAdapter.linkAccount(account)
  const session = await openSession(caller, userId, rememberMe ?? true)
  const events: NewEvent[] = [
    {
      organizationId: null,
      type: 'user.signed_up',
      subject: { type: 'User', id: userId },
      changes: { email: { after: email }, fullName: { after: fullName } },
    },
    { organizationId: null, type: 'session.created', subject: { type: 'Session', id: session.id } },
  ]
  return { userId, session, events }
}
