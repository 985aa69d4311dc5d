import { type Caller, signedIn } from '../../access/caller.ts'
import { permittedNow } from '../../access/standing.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { endOperation } from './ended.ts'
import { OperationEnded } from './errors.ts'
import { visibleOperations } from './policy.ts'
import { enqueueStep } from './steps.ts'

/**
 * Ends an operation before it is through. What is done stays done; of an atomic one nothing is. A batch that is under way is
 * rolled back.
 *
 * @throws {OperationEnded}
 * @throws {CodedError} NOT_FOUND for an operation that the caller does not see
 */
export async function cancelOperation(caller: Caller, operationId: string): Promise<{ operationId: string }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const operation =
      (await tx.operation.findFirst({
        where: { id: operationId, AND: [visibleOperations(viewer)] },
        select: { id: true, organizationId: true, mode: true },
      })) ?? missing()
    const { organizationId } = operation
    const scope = { kind: 'Organization', id: organizationId, organizationId } as const
    await permittedNow(tx, viewer, scope, 'workspace:create')
    const more = operation.mode === 'ATOMIC' ? { done: 0, failed: 0 } : {}
    const event = await endOperation(tx, operation, 'CANCELLED', caller.clock.now(), more)
    if (!event) {
      const { state } = await tx.operation.findUniqueOrThrow({ where: { id: operationId } })
      throw new OperationEnded(state)
    }
    // Whoever was invited by what is done still gets their mail.
    await enqueueStep(tx, operationId)
    await appendEvents(tx, caller, [event])
    return { operationId }
  })
}
