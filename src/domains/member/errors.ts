import { Refusal } from '../../platform/refusal.ts'

/** The organization would be left without an owner (M12). */
export class LastOwner extends Refusal {
  override name = 'LastOwner'

  constructor() {
    super('An organization keeps at least one owner. Make somebody else an owner first.')
  }
}

/** The person holds no role of their own in this scope. */
export class NotAMember extends Refusal {
  override name = 'NotAMember'

  constructor() {
    super('This person has no role of their own here.')
  }
}

/** The person has a role of their own in this scope already: setMemberRole changes it (M3). */
export class AlreadyMember extends Refusal {
  override name = 'AlreadyMember'

  constructor(readonly role: string) {
    super(`This person has the role ${role} here already. Use setMemberRole to change it.`)
  }
}

/** Nobody whom the caller can see has this address: whether it has an account is not told. */
export class UserNotFound extends Refusal {
  override name = 'UserNotFound'

  constructor(readonly email: string) {
    super(`You share no organization with anybody whose address is ${email}. Invite them instead.`)
  }
}
