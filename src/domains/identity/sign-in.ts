import { z } from 'zod'
import { limit } from '../../access/limit.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { emailField, parseInput } from '../../platform/validation.ts'
import type { IdentityCaller } from './caller.ts'
import { InvalidCredentials } from './errors.ts'
import { MAX_PASSWORD } from './input.ts'
import { openSession } from './open-session.ts'

const input = z.object({ email: emailField(), password: z.string(), rememberMe: z.boolean().nullish() })

/**
 * Signs a person in with e-mail address and password.
 *
 * @returns `token`: the session's bearer token, which is not kept anywhere
 * @throws {ValidationError}
 * @throws {CodedError} RATE_LIMITED
 * @throws {InvalidCredentials} with one text, after comparable work, for an unknown address, a wrong password and a
 *   suspended account
 */
export async function signIn(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<{ userId: string; sessionId: string; token: string }> {
  const { email, password, rememberMe } = parseInput(input, given)
  await limit(caller, 'sign-in', email)
  const { internalAdapter, password: passwords } = await caller.auth.$context
  if (password.length > MAX_PASSWORD) throw new InvalidCredentials()
  const found = await internalAdapter.findUserByEmail(email, { includeAccounts: true })
  const hash = found?.accounts.find(({ providerId }) => providerId === 'credential')?.password
  if (!found || !hash) {
    await passwords.hash(password)
    throw new InvalidCredentials()
  }
  if (!(await passwords.verify({ hash, password }))) throw new InvalidCredentials()
  await caller.limits.clear('sign-in', email)
  const userId = found.user.id
  return await inTransaction(caller.db, async (tx) => {
    if (!(await isStillValid(tx, userId, hash))) throw new InvalidCredentials()
    const session = await openSession(caller, userId, rememberMe ?? true)
    await appendEvents(tx, { viewer: { userId }, requestId: caller.requestId }, [
      { organizationId: null, type: 'session.created', subject: { type: 'Session', id: session.id } },
    ])
    return { userId, sessionId: session.id, token: session.token }
  })
}

/**
 * Whether the password that was verified is the person's password now, and they are not suspended. Its locks make a
 * concurrent reset or suspension wait and then end the new session too; without them a session of the old password
 * could outlive the reset.
 */
async function isStillValid(tx: Tx, userId: string, hash: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM account a JOIN "user" u ON u.id = a.user_id
    WHERE a.user_id = ${userId}::uuid AND a.provider_id = 'credential' AND a.password = ${hash}
      AND u.suspended_at IS NULL
    FOR SHARE`
  return rows.length > 0
}
