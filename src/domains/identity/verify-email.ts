import { z } from 'zod'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import { verifyAddress } from '../member/verify-address.ts'
import type { IdentityCaller } from './caller.ts'
import { InvalidToken } from './errors.ts'
import { readVerificationToken } from './verification-mail.ts'

const input = z.object({ token: z.string() })

/**
 * Confirms an e-mail address with the token of the mail that went there (T2). Doing so twice is as good as once.
 *
 * @throws {InvalidToken} when the token is forged or too old, or the person has another address by now
 */
export async function verifyEmail(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<{ userId: string }> {
  const { token } = parseInput(input, given)
  const named = await readVerificationToken(caller, token)
  if (!named) throw new InvalidToken()
  const { userId: id, email } = named
  await inTransaction(caller.db, async (tx) => {
    if ((await tx.user.count({ where: { id, email } })) === 0) throw new InvalidToken()
    const origin = { viewer: { userId: id }, requestId: caller.requestId }
    await appendEvents(tx, origin, await verifyAddress(tx, caller.env, id, email))
  })
  return { userId: id }
}
