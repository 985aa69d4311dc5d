import { Refusal } from '../../platform/refusal.ts'

/** The platform would be left without an active administrator (access.md, rule 4). */
export class LastPlatformAdmin extends Refusal {
  override name = 'LastPlatformAdmin'

  constructor() {
    super('The platform keeps at least one active administrator. Make somebody else one first.')
  }
}

/** Organizations would be left without an owner who can act (M12, lesson 2). */
export class SoleOwner extends Refusal {
  override name = 'SoleOwner'
  readonly organizationIds: string[]

  constructor(organizations: readonly { id: string; name: string }[]) {
    const names = organizations.slice(0, 5).map(({ name }) => `"${name}"`)
    const more = organizations.length > names.length ? ` and ${organizations.length - names.length} more` : ''
    super(
      `This person is the only owner of ${names.join(', ')}${more}. Hand these organizations over, or delete them, first.`,
    )
    this.organizationIds = organizations.map(({ id }) => id)
  }
}
