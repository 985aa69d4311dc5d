import { Refusal } from '../../platform/refusal.ts'

/** The role, or the person's present role, is above the one who acts (access.md, rule 2). */
export class RoleTooHigh extends Refusal {
  override name = 'RoleTooHigh'

  constructor(readonly role: string) {
    super(`The role ${role} is above your own here: you can neither give it nor take it away.`)
  }
}

/** Roles that come with Atrium mean the same everywhere and for ever. */
export class RoleBuiltIn extends Refusal {
  override name = 'RoleBuiltIn'

  constructor(readonly role: string) {
    super(`${role} comes with Atrium and can't be changed or deleted. Create a role of your own instead.`)
  }
}

/** Another role of the organization and scope answers to this key already (lesson 14). */
export class RoleKeyTaken extends Refusal {
  override name = 'RoleKeyTaken'

  constructor(readonly key: string) {
    super(`The key "${key}" names another role here. Choose another one, or leave it out to get a free one.`)
  }
}

/** Another role of the organization and scope answers to this name already (lesson 14). */
export class RoleNameTaken extends Refusal {
  override name = 'RoleNameTaken'

  // Not `name`: that one is the error's own.
  constructor(readonly roleName: string) {
    super(`The name "${roleName}" means another role here. Choose another one.`)
  }
}

/** The role is held or offered, so somebody has to say what becomes of those people. */
export class RoleInUse extends Refusal {
  override name = 'RoleInUse'

  constructor(
    readonly members: number,
    readonly invites: number,
  ) {
    super(
      `${members} members hold this role and ${invites} open invites offer it. Say in \`reassignTo\` which role they get instead.`,
    )
  }
}
