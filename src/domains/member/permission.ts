import type { OrganizationPermission, WorkspacePermission } from '../../access/permissions.ts'

/** What it takes to change who belongs to a scope: asked by the gate, and again behind the lock. */
export const WRITE_MEMBERS = {
  Organization: 'organization:members',
  Workspace: 'member:write',
} as const satisfies { Organization: OrganizationPermission; Workspace: WorkspacePermission }
