import type { OrganizationPermission, WorkspacePermission } from '../../access/permissions.ts'

/** What it takes to invite to a scope: asked by the gate, behind the lock, and of the inviter at acceptance. */
export const WRITE_INVITES = {
  Organization: 'organization:invites',
  Workspace: 'invite:write',
} as const satisfies { Organization: OrganizationPermission; Workspace: WorkspacePermission }
