import type { Viewer as SignedIn } from '../../access/viewer.ts'
import { builder } from '../../graphql/builder.ts'
import { rootList } from '../../graphql/connection.ts'
import { idOf } from '../../graphql/ids.ts'
import { missing, notVerified } from '../../platform/refusal.ts'
import { inviteList } from '../invite/list.ts'
import { openInvitesTo } from '../invite/policy.ts'
import { InviteConnection } from '../invite/types.ts'
import { organizationList } from '../organization/list.ts'
import { organizationsOf } from '../organization/policy.ts'
import { OrganizationConnection } from '../organization/types.ts'
import { workspaceList } from '../workspace/list.ts'
import { workspacesOf } from '../workspace/policy.ts'
import { DeletedEnum, deletedFilter, WorkspaceConnection } from '../workspace/types.ts'
import { Viewer } from './types.ts'

const nullable = 'Null, with an error, while the address is not verified.'

/** `viewer` itself is open to an address that is not verified; what belongs to organizations is not (T2). */
const verified = ({ emailVerified }: { emailVerified: boolean }) => {
  if (!emailVerified) throw notVerified()
}

/** @throws {CodedError} NOT_FOUND for an organization that the viewer does not belong to (T12) */
function ownOrganization(viewer: SignedIn | null, globalId: string): string {
  const id = idOf(globalId, 'Organization')
  return viewer?.organizations.has(id) ? id : missing()
}

builder.objectFields(Viewer, (t) => ({
  organizations: t.field({
    ...rootList('Viewer.organizations', ({ db }) => db.organization, {
      type: OrganizationConnection,
      list: organizationList,
      description: `The organizations that the viewer belongs to, newest first. ${nullable}`,
      allow: verified,
      where: ({ viewer }) => organizationsOf(viewer),
    }),
    nullable: true,
  } as never),
  workspaces: t.field({
    ...rootList('Viewer.workspaces', ({ db }) => db.workspace, {
      type: WorkspaceConnection,
      list: workspaceList,
      description: `The workspaces on which the viewer has a role, newest first. ${nullable}`,
      allow: verified,
      args: {
        organizationId: t.arg.id({
          description: 'Only those of this organization, which must be one of `organizations`.',
        }),
        deleted: t.arg({
          type: DeletedEnum,
          defaultValue: 'EXCLUDE',
          description: 'Whether deleted ones are listed.',
        }),
      },
      where: ({ viewer }, { organizationId, deleted }) => ({
        AND: [workspacesOf(viewer), deletedFilter(deleted)],
        ...(organizationId == null ? {} : { organizationId: ownOrganization(viewer, organizationId) }),
      }),
    }),
    nullable: true,
  } as never),
  invites: t.field({
    ...rootList('Viewer.invites', ({ db }) => db.invite, {
      type: InviteConnection,
      list: inviteList,
      description: `The open invites to the viewer's address, newest first. ${nullable}`,
      allow: verified,
      where: ({ viewer, clock }) => openInvitesTo(viewer, clock.now()),
    }),
    nullable: true,
  } as never),
}))
