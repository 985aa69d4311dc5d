import type { OperationAction } from '../../generated/prisma/client.ts'
import { Refusal } from '../../platform/refusal.ts'

/** Members of the source hold custom roles that the organization of the clone does not have. */
export class RolesMissing extends Refusal {
  override name = 'RolesMissing'

  /** @param keys the roles that were looked for */
  constructor(readonly keys: string[]) {
    super(
      `The organization has no workspace role ${keys.join(', ')}. Create it there, or let \`include.roles\` do so.`,
    )
  }
}

/** One workspace for which something else would be done than the plan said. */
export interface MovedItem {
  key: string
  planned: OperationAction
  now: OperationAction
}

/** Things are no longer as they were when the plan was made, so nothing was done. */
export class PlanMoved extends Refusal {
  override name = 'PlanMoved'

  /** @param moved every workspace that is concerned */
  constructor(readonly moved: MovedItem[]) {
    super(
      `Of ${moved.length} workspaces something has changed since the plan was made: ${moved
        .slice(0, 5)
        .map(({ key }) => key)
        .join(', ')}${moved.length > 5 ? ' and others' : ''}. Validate again, then apply the new plan.`,
    )
  }
}
