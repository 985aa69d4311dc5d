import { z } from 'zod'
import { limit } from '../../access/limit.ts'
import { inTransaction } from '../../platform/db.ts'
import { addJob } from '../../platform/jobs.ts'
import { emailField, parseInput } from '../../platform/validation.ts'
import type { IdentityCaller } from './caller.ts'

const input = z.object({ email: emailField() })

/**
 * Sends a link to choose a new password, if the address has an account. What it answers and how long it takes does not
 * tell whether that is so: the address is looked up by a background job.
 *
 * @throws {ValidationError}
 * @throws {CodedError} RATE_LIMITED
 */
export async function requestPasswordReset(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<{ email: string }> {
  const { email } = parseInput(input, given)
  await limit(caller, 'password-reset', email)
  const sealed = caller.secrets.seal(email)
  await inTransaction(caller.db, (tx) => addJob(tx, 'send-password-reset', { sealed }))
  return { email }
}
