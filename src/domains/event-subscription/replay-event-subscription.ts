import { type Caller, signedIn } from '../../access/caller.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { decodePosition } from '../../platform/event-position.ts'
import { appendEvents } from '../../platform/events.ts'
import { invalidField, missing } from '../../platform/refusal.ts'
import { enterWorkspaceOf } from '../workspace/enter-workspace-of.ts'

/** From where: behind a cursor, or from an instant on. */
interface ReplayInput {
  subscriptionId: string
  after?: string | null
  fromAt?: Date | null
}

/**
 * Sends events of the past to a subscription again, or lets it go on behind one that its receiver can not take (E4). Each
 * has the id that it had; a wait after failures is over.
 *
 * @throws {ValidationError} when neither a cursor nor an instant is given, or both
 * @throws {CodedError} NOT_FOUND when it is absent, or its workspace is deleted; BAD_USER_INPUT `CURSOR_MISMATCH`
 */
export async function replayEventSubscription(
  caller: Caller,
  { subscriptionId, after, fromAt }: ReplayInput,
): Promise<{ subscriptionId: string }> {
  const viewer = signedIn(caller)
  if ((after == null) === (fromAt == null))
    throw invalidField('after', 'Say from where: give `after` or `fromAt`, and not both.')
  return inTransaction(caller.db, async (tx) => {
    const where = { id: subscriptionId }
    const scope = await enterWorkspaceOf(
      tx,
      viewer,
      tx.eventSubscription.findUnique({ where }),
      'events:write',
    )
    const { organizationId, id: workspaceId } = scope
    await tx.$queryRaw`SELECT FROM event_subscription WHERE id = ${subscriptionId}::uuid FOR UPDATE`
    const before = (await tx.eventSubscription.findUnique({ where })) ?? missing()
    const cursor =
      after == null
        ? await cursorBefore(tx, organizationId, fromAt ?? new Date(0))
        : decodePosition(organizationId, after)
    // The process that sends to it, if one does, has lost its claim by the new cursor.
    await tx.eventSubscription.update({
      where,
      data: {
        cursor,
        failures: 0,
        firstFailedAt: null,
        nextAttemptAt: null,
        lockedBy: null,
        leaseEndsAt: null,
      },
      select: { id: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'subscription.replayed',
        subject: { type: 'EventSubscription', id: subscriptionId },
        changes: { cursor: { before: Number(before.cursor), after: Number(cursor) } },
      },
    ])
    return { subscriptionId }
  })
}

/** The sequence before the first event from this instant on; the head when there is none. */
async function cursorBefore(tx: Tx, organizationId: string, fromAt: Date): Promise<bigint> {
  const [found] = await tx.$queryRaw<{ cursor: bigint }[]>`
    SELECT coalesce(
      (SELECT min(sequence) - 1 FROM event WHERE stream_id = ${organizationId}::uuid AND created_at >= ${fromAt}),
      (SELECT last_sequence FROM event_stream WHERE id = ${organizationId}::uuid), 0) AS cursor`
  return found?.cursor ?? 0n
}
