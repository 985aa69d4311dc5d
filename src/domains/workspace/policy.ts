import { type Viewer, withinScopes } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/**
 * The workspaces on which the viewer has a role: all of an organization whose role there opens workspaces, and those with
 * a direct grant elsewhere (access.md, rule 1). Deleted ones are among them.
 */
export function workspacesOf(viewer: Viewer | null): Prisma.WorkspaceWhereInput {
  if (!viewer || !withinScopes(viewer, 'workspace:read')) return { id: { in: [] } }
  const memberships = [...viewer.organizations]
  const open = memberships.filter(([, { role }]) => role.level !== null).map(([id]) => id)
  const closed = memberships.filter(([, { role }]) => role.level === null).map(([id]) => id)
  return {
    OR: [
      { organizationId: { in: open } },
      { organizationId: { in: closed }, grants: { some: { userId: viewer.userId } } },
    ],
  }
}

/** What the viewer may look up: {@link workspacesOf} them; a platform administrator sees all (access.md). */
export function visibleWorkspaces(viewer: Viewer | null): Prisma.WorkspaceWhereInput {
  return viewer?.platformRole === 'ADMIN' ? { organization: { deletedAt: null } } : workspacesOf(viewer)
}
