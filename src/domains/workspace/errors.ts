import { Refusal } from '../../platform/refusal.ts'

export { VersionConflict } from '../../platform/refusal.ts'

/** Another workspace of the organization has this key; a deleted one keeps its key until it is purged (W3). */
export class KeyTaken extends Refusal {
  override name = 'KeyTaken'

  constructor(readonly key: string) {
    super(
      `The key "${key}" is taken in this organization. Choose another one, or leave it out to get a free one.`,
    )
  }
}

/** The caller belongs to none or to several organizations, so one has to be named (O2). */
export class OrganizationRequired extends Refusal {
  override name = 'OrganizationRequired'

  constructor(readonly count: number) {
    super(
      count === 0
        ? 'You are in no organization yet. Create one first, or accept an invite.'
        : `You are in ${count} organizations. Say in \`organizationId\` which one is meant.`,
    )
  }
}

/** A workspace that holds resources is not deleted (O12). */
export class WorkspaceNotEmpty extends Refusal {
  override name = 'WorkspaceNotEmpty'

  constructor(
    readonly buckets: number,
    readonly repositories: number,
  ) {
    super(
      `This workspace still holds ${counted(buckets, 'bucket', 'buckets')} and ${counted(repositories, 'repository', 'repositories')}. Remove them first.`,
    )
  }
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

/** What is to be restored or purged is in use (O14, O18). */
export class NotDeleted extends Refusal {
  override name = 'NotDeleted'

  constructor() {
    super('This is not deleted. Delete it first.')
  }
}
