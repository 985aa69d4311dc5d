import { type Caller, signedIn } from '../../access/caller.ts'
import { permittedNow } from '../../access/standing.ts'
import { newId } from '../../platform/ids.ts'
import { openOutbound } from '../../platform/outbound.ts'
import { missing } from '../../platform/refusal.ts'
import { testMessageOf } from './message.ts'
import { sendMessage } from './send-message.ts'

/**
 * Sends a message that tells of nothing to the address of a subscription, at once and once, also when it is switched off
 * (E4). It is in no log; the attempt is listed like every other.
 *
 * @throws {CodedError} NOT_FOUND when it is absent, or its workspace is deleted
 */
export async function sendTestEvent(
  caller: Caller,
  subscriptionId: string,
): Promise<{ subscriptionId: string; attemptId: string }> {
  const viewer = signedIn(caller)
  const { db, env, clock } = caller
  const row =
    (await db.eventSubscription.findFirst({
      where: { id: subscriptionId, workspace: { deletedAt: null } },
    })) ?? missing()
  const { organizationId, workspaceId } = row
  await permittedNow(db, viewer, { kind: 'Workspace', id: workspaceId, organizationId }, 'events:write')
  const outbound = openOutbound({
    allowPrivate: env.WEBHOOK_PRIVATE_NETWORKS,
    timeoutMs: env.WEBHOOK_TIMEOUT_SECONDS * 1000,
  })
  try {
    const message = newId()
    const test = testMessageOf(message, subscriptionId, clock.now())
    const { attempt } = await sendMessage({ ...caller, outbound }, row, test, message)
    const { at, ...told } = attempt
    const { id: attemptId } = await db.deliveryAttempt.create({
      data: { id: newId(), organizationId, subscriptionId, createdAt: at, ...told },
      select: { id: true },
    })
    return { subscriptionId, attemptId }
  } finally {
    outbound.close()
  }
}
