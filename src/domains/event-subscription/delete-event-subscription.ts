import { type Caller, signedIn } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { enterWorkspaceOf } from '../workspace/enter-workspace-of.ts'

/**
 * Deletes an event subscription with its secret (T10).
 *
 * @throws {CodedError} NOT_FOUND when it is absent, or its workspace is deleted
 */
export async function deleteEventSubscription(
  caller: Caller,
  subscriptionId: string,
): Promise<{ deletedEventSubscriptionId: string; workspaceId: string }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const where = { id: subscriptionId }
    const scope = await enterWorkspaceOf(
      tx,
      viewer,
      tx.eventSubscription.findUnique({ where }),
      'events:write',
    )
    const [gone] = await tx.$queryRaw<{ url: string; types: string[] }[]>`
      DELETE FROM event_subscription WHERE id = ${subscriptionId}::uuid RETURNING url, types`
    if (!gone) return missing()
    const { organizationId, id: workspaceId } = scope
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'subscription.deleted',
        subject: { type: 'EventSubscription', id: subscriptionId },
        changes: { url: { before: gone.url }, types: { before: gone.types } },
      },
    ])
    return { deletedEventSubscriptionId: subscriptionId, workspaceId }
  })
}
