import { z } from 'zod'
import { signedIn } from '../../access/caller.ts'
import { limit } from '../../access/limit.ts'
import { inTransaction } from '../../platform/db.ts'
import { addJob } from '../../platform/jobs.ts'
import { emailField, parseInput } from '../../platform/validation.ts'
import type { IdentityCaller } from './caller.ts'

const input = z.object({ email: emailField().nullish() })

/**
 * Sends the verification mail once more, if the address has an account that is not verified yet. What it answers and
 * how long it takes does not tell whether that is so: the address is looked up by a background job.
 *
 * @param given without `email` it is the address of the signed-in person
 * @throws {ValidationError}
 * @throws {CodedError} UNAUTHENTICATED without `email` when nobody is signed in; RATE_LIMITED
 */
export async function resendVerificationEmail(
  caller: IdentityCaller,
  given: z.input<typeof input> = {},
): Promise<{ email: string }> {
  const email = parseInput(input, given).email ?? signedIn(caller).email
  await limit(caller, 'verification', email)
  const sealed = caller.secrets.seal(email)
  await inTransaction(caller.db, (tx) => addJob(tx, 'send-verification', { sealed }))
  return { email }
}
