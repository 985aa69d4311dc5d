import { Refusal } from '../../platform/refusal.ts'

/** The organization would be left without an owner (M12). */
export class LastOwner extends Refusal {
  override name = 'LastOwner'

  constructor() {
    super('An organization keeps at least one owner. Make somebody else an owner first.')
  }
}

/** The role, or the person's present role, is above the one who acts (access.md, rule 2). */
export class RoleTooHigh extends Refusal {
  override name = 'RoleTooHigh'

  constructor(readonly role: string) {
    super(`The role ${role} is above your own here: you can neither give it nor take it away.`)
  }
}

/** The person holds no role of their own in this scope. */
export class NotAMember extends Refusal {
  override name = 'NotAMember'

  constructor() {
    super('This person has no role of their own here.')
  }
}
