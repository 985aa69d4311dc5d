import { z } from 'zod'
import { inPerson } from '../../access/caller.ts'
import { allPermissions } from '../../access/permissions.ts'
import type { Viewer } from '../../access/viewer.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { invalidField, unauthenticated } from '../../platform/refusal.ts'
import { nameField, parseInput } from '../../platform/validation.ts'
import { newAccessToken } from '../identity/access-token.ts'
import type { IdentityCaller } from '../identity/caller.ts'

const input = z.object({
  name: nameField('The name of the token'),
  expiresAt: z.date().nullish(),
  scopes: z
    .array(z.enum(allPermissions, 'This is not a permission.'))
    .min(1, 'A token has at least one scope. Leave `scopes` out for everything that you may do.')
    .nullish(),
})

/**
 * Makes a personal access token for the signed-in person (T6).
 *
 * @param given without `expiresAt` it works until it is revoked; without `scopes` it may do what its owner may
 * @returns `secret`: the token, which is not kept anywhere
 * @throws {CodedError} UNAUTHENTICATED; FORBIDDEN by an access token: what leaks must not multiply
 * @throws {ValidationError}
 */
export async function createAccessToken(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<{ accessTokenId: string; secret: string }> {
  const viewer = inPerson(caller)
  const { name, expiresAt, scopes } = parseInput(input, given)
  if (expiresAt && expiresAt <= caller.clock.now())
    throw invalidField('expiresAt', 'A token expires in the future.')
  const { secret, ...stored } = newAccessToken()
  const id = newId()
  await inTransaction(caller.db, async (tx) => {
    await refuseEnded(tx, viewer)
    await tx.accessToken.create({
      data: {
        ...stored,
        id,
        userId: viewer.userId,
        name,
        expiresAt: expiresAt ?? null,
        isLimited: scopes != null,
        scopes: [...new Set(scopes ?? [])],
      },
      select: { id: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId: null,
        type: 'token.created',
        subject: { type: 'AccessToken', id },
        changes: {
          name: { after: name },
          prefix: { after: stored.prefix },
          scopes: { after: scopes ?? null },
          expiresAt: { after: expiresAt ?? null },
        },
      },
    ])
  })
  return { accessTokenId: id, secret }
}

/**
 * A suspension or a new password ends sessions and tokens. Its locks make them wait for this transaction and then end the
 * new token too; without them a token made by a session that just ends could outlive it.
 */
async function refuseEnded(tx: Tx, { userId, sessionId }: Viewer): Promise<void> {
  const users = await tx.$queryRaw<unknown[]>`
    SELECT FROM "user" WHERE id = ${userId}::uuid AND suspended_at IS NULL FOR SHARE`
  const sessions =
    sessionId === null ||
    (await tx.$queryRaw<unknown[]>`SELECT FROM session WHERE id = ${sessionId}::uuid FOR SHARE`).length > 0
  if (users.length === 0 || !sessions) throw unauthenticated()
}
