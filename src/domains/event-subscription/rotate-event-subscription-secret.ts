import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { parseInput } from '../../platform/validation.ts'
import { enterWorkspaceOf } from '../workspace/enter-workspace-of.ts'
import { newSigningSecret } from './signing-secret.ts'

const HOUR = 60 * 60 * 1000
const input = z.object({
  overlapHours: z
    .int('Say a whole number of hours.')
    .min(0, 'The old secret can count for 0 to 168 hours more.')
    .max(168, 'The old secret can count for 0 to 168 hours more.')
    .nullish()
    .transform((hours) => hours ?? 24),
})

/**
 * Gives an event subscription a new secret (E4). For a while messages are signed with the one before too, so that the
 * receiver can change over without losing any; the one before that counts no more.
 *
 * @returns the new secret: only here
 * @throws {ValidationError}
 * @throws {CodedError} NOT_FOUND when it is absent, or its workspace is deleted
 */
export async function rotateEventSubscriptionSecret(
  caller: Caller,
  { subscriptionId, ...given }: { subscriptionId: string } & z.input<typeof input>,
): Promise<{ subscriptionId: string; secret: string }> {
  const viewer = signedIn(caller)
  const { overlapHours } = parseInput(input, given)
  const secret = newSigningSecret()
  return inTransaction(caller.db, async (tx) => {
    const where = { id: subscriptionId }
    const scope = await enterWorkspaceOf(
      tx,
      viewer,
      tx.eventSubscription.findUnique({ where }),
      'events:write',
    )
    await tx.$queryRaw`SELECT FROM event_subscription WHERE id = ${subscriptionId}::uuid FOR UPDATE`
    const { sealedSecret } = (await tx.eventSubscription.findUnique({ where })) ?? missing()
    const rotationEndsAt = new Date(caller.clock.now().getTime() + overlapHours * HOUR)
    await tx.eventSubscription.update({
      where,
      data: {
        sealedSecret: caller.secrets.seal(secret),
        previousSealedSecret: overlapHours > 0 ? sealedSecret : null,
        rotationEndsAt: overlapHours > 0 ? rotationEndsAt : null,
      },
      select: { id: true },
    })
    const { organizationId, id: workspaceId } = scope
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'subscription.secret_rotated',
        subject: { type: 'EventSubscription', id: subscriptionId },
        changes: { overlapHours: { after: overlapHours } },
      },
    ])
    return { subscriptionId, secret }
  })
}
