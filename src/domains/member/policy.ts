import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/**
 * The members that the viewer may look up: of their organizations, and of the workspaces on which they have a role
 * (`member:read`). Members of an organization are seen by all of it, as `organization:read` says.
 */
export function visibleMembers(viewer: Viewer | null): Prisma.MemberWhereInput {
  if (!viewer) return { id: { in: [] } }
  if (viewer.platformRole === 'ADMIN') return { tenant: { deletedAt: null } }
  const memberships = [...viewer.organizations]
  const all = memberships.map(([id]) => id)
  const open = memberships.filter(([, { role }]) => role.level !== null).map(([id]) => id)
  return {
    organizationId: { in: all },
    OR: [
      { workspaceId: null },
      { organizationId: { in: open } },
      { workspace: { grants: { some: { userId: viewer.userId } } } },
    ],
  }
}
