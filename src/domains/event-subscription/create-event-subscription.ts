import type { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { parseInput } from '../../platform/validation.ts'
import { newSigningSecret } from './signing-secret.ts'
import { startAtHead } from './start-at-head.ts'
import { subscriptionFields } from './subscription-fields.ts'

const input = subscriptionFields.extend({
  description: subscriptionFields.shape.description.nullish().transform((text) => text ?? ''),
  enabled: subscriptionFields.shape.enabled.nullish().transform((enabled) => enabled ?? true),
})

/**
 * Subscribes an address to events of a workspace (T10).
 *
 * @returns the secret with which messages are signed: only here, it is stored sealed
 * @throws {ValidationError}
 */
export async function createEventSubscription(
  caller: Caller,
  { workspaceId, ...fields }: { workspaceId: string } & z.input<typeof input>,
): Promise<{ subscriptionId: string; secret: string }> {
  const viewer = signedIn(caller)
  const wanted = parseInput(input, fields)
  const secret = newSigningSecret()
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { scope } = await enterPermitted(tx, viewer, target, 'events:write', 'SHARE')
    const { organizationId } = scope
    const id = newId()
    await tx.eventSubscription.create({
      data: {
        id,
        organizationId,
        workspaceId,
        createdById: viewer.userId,
        sealedSecret: caller.secrets.seal(secret),
        ...wanted,
      },
      select: { id: true },
    })
    const type = 'subscription.created'
    const subject = { type: 'EventSubscription', id } as const
    const changes = changesBetween({}, wanted)
    await appendEvents(tx, caller, [{ organizationId, workspaceId, type, subject, changes }])
    await startAtHead(tx, organizationId, [id])
    return { subscriptionId: id, secret }
  })
}
