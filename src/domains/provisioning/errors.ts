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
