import { z } from 'zod'
import { inPerson } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { nameField, parseInput } from '../../platform/validation.ts'
import type { IdentityCaller } from './caller.ts'
import { imageField } from './input.ts'

const input = z.object({ fullName: nameField().nullish(), image: imageField().nullish() })

/**
 * Changes what others see of the signed-in person. An absent field is kept; `image: null` removes the picture.
 *
 * @throws {CodedError} UNAUTHENTICATED, FORBIDDEN by an access token
 * @throws {ValidationError}
 */
export async function updateProfile(
  caller: IdentityCaller,
  given: z.input<typeof input>,
): Promise<{ userId: string }> {
  const { userId: id } = inPerson(caller)
  const { fullName: name, image } = parseInput(input, given)
  // Everybody has a name, so null can only mean that it stays.
  const fullName = name ?? undefined
  await inTransaction(caller.db, async (tx) => {
    const before = await tx.user.findUniqueOrThrow({ where: { id }, select: { name: true, image: true } })
    const changes = changesBetween({ fullName: before.name, image: before.image }, { fullName, image })
    if (Object.keys(changes).length === 0) return
    await tx.user.update({ where: { id }, data: { name: fullName, image } })
    await appendEvents(tx, caller, [
      { organizationId: null, type: 'user.profile_updated', subject: { type: 'User', id }, changes },
    ])
  })
  return { userId: id }
}
