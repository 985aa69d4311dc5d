import type { OperationAction } from '../../generated/prisma/client.ts'
import { canonicalJson } from '../../platform/event-chain.ts'
import { invalidField, missing } from '../../platform/refusal.ts'
import { visibleOperations } from '../operation/policy.ts'
import { type MovedItem, PlanMoved } from './errors.ts'
import type { Planned } from './plan-item.ts'
import type { Run } from './run.ts'

/**
 * Compares a plan with the one that was shown before.
 *
 * @throws {PlanMoved} names what would be done otherwise
 * @throws {ValidationError} when that plan was made of another input
 * @throws {CodedError} NOT_FOUND when the requester sees no such plan in the organization
 */
export async function refuseMoved(
  { tx, viewer, organization }: Run,
  planId: string,
  digest: string,
  plans: readonly Planned[],
): Promise<void> {
  const plan =
    (await tx.operation.findFirst({
      where: {
        id: planId,
        organizationId: organization.id,
        validateOnly: true,
        AND: [visibleOperations(viewer)],
      },
      select: { digest: true },
    })) ?? missing()
  if (plan.digest !== digest)
    throw invalidField('planId', 'This plan was made of another input. Validate this one first.')
  const items = await tx.operationItem.findMany({
    where: { organizationId: organization.id, operationId: planId },
    orderBy: { position: 'asc' },
    select: { key: true, planned: true, changes: true },
  })
  const moved = items.flatMap(({ key, planned, changes }, nth): MovedItem[] => {
    const now = plans[nth] as Planned
    const isSame = now.action === planned && canonicalJson(now.changes) === canonicalJson(changes)
    return isSame ? [] : [{ key, planned: planned as OperationAction, now: now.action }]
  })
  if (moved.length > 0) throw new PlanMoved(moved)
}
