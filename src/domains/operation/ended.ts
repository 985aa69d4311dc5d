import type { OperationState, Prisma } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'

/** The states in which an operation goes on. */
export const UNDER_WAY: OperationState[] = ['PENDING', 'RUNNING']

/** Why an operation as a whole did not succeed. */
export interface OperationProblem {
  reason: 'ITEMS_REFUSED' | 'REQUESTER_WITHDRAWN' | 'INTERNAL'
  message: string
}

/**
 * Ends an operation that is under way, once: of two who do so, the second changes nothing.
 *
 * @param more what else becomes of it, such as its counts
 * @returns the event to append last; null when it has ended already
 */
export async function endOperation(
  tx: Tx,
  operation: { id: string; organizationId: string },
  state: 'SUCCEEDED' | 'FAILED' | 'CANCELLED',
  now: Date,
  more: Prisma.OperationUpdateManyMutationInput = {},
): Promise<NewEvent | null> {
  const [ended] = await tx.operation.updateManyAndReturn({
    where: { id: operation.id, state: { in: UNDER_WAY } },
    data: { state, finishedAt: now, ...more },
    select: { done: true, failed: true },
  })
  if (!ended) return null
  return {
    organizationId: operation.organizationId,
    type: state === 'CANCELLED' ? 'operation.cancelled' : 'operation.finished',
    subject: { type: 'Operation', id: operation.id },
    changes: { state: { after: state }, done: { after: ended.done }, failed: { after: ended.failed } },
  }
}
