import type { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { parseInput } from '../../platform/validation.ts'
import { enterWorkspaceOf } from '../workspace/enter-workspace-of.ts'
import { subscriptionPatch } from './subscription-fields.ts'

/**
 * Changes the given fields of an event subscription (T10); absent ones and the secret stay. A change that changes nothing
 * appends no event.
 *
 * @throws {ValidationError}
 * @throws {CodedError} NOT_FOUND when it is absent, or its workspace is deleted
 */
export async function updateEventSubscription(
  caller: Caller,
  { subscriptionId, ...given }: { subscriptionId: string } & z.input<typeof subscriptionPatch>,
): Promise<{ subscriptionId: string }> {
  const viewer = signedIn(caller)
  const patch = parseInput(subscriptionPatch, given)
  return inTransaction(caller.db, async (tx) => {
    const where = { id: subscriptionId }
    const scope = await enterWorkspaceOf(
      tx,
      viewer,
      tx.eventSubscription.findUnique({ where }),
      'events:write',
    )
    await tx.$queryRaw`SELECT FROM event_subscription WHERE id = ${subscriptionId}::uuid FOR UPDATE`
    const before = (await tx.eventSubscription.findUnique({ where })) ?? missing()
    const changes = changesBetween(before, patch)
    if (Object.keys(changes).length === 0) return { subscriptionId }
    // Another address, or the wish to try again, begins without the failures of before.
    const afresh = { failures: 0, firstFailedAt: null, nextAttemptAt: null }
    const data = { ...patch, disabledReason: null, ...(changes.url || changes.enabled ? afresh : {}) }
    await tx.eventSubscription.update({ where, data, select: { id: true } })
    const { organizationId, id: workspaceId } = scope
    const type = 'subscription.updated'
    const subject = { type: 'EventSubscription', id: subscriptionId } as const
    await appendEvents(tx, caller, [{ organizationId, workspaceId, type, subject, changes }])
    return { subscriptionId }
  })
}
