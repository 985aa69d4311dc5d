import { type HeldRole, type Viewer, withinScopes } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/**
 * The members that the viewer may look up: everybody on the workspaces on which they have a role (`member:read`), their own
 * membership of each organization, and all of an organization where they hold `organization:members` (access.md).
 */
export function visibleMembers(viewer: Viewer | null): Prisma.MemberWhereInput {
  if (!viewer) return { id: { in: [] } }
  if (viewer.platformRole === 'ADMIN') return { tenant: { deletedAt: null } }
  const memberships = [...viewer.organizations]
  const where = (holds: (role: HeldRole) => boolean) =>
    memberships.filter(([, { role }]) => holds(role)).map(([id]) => id)
  return {
    organizationId: { in: memberships.map(([id]) => id) },
    OR: [
      ...(withinScopes(viewer, 'organization:read') ? [{ workspaceId: null, userId: viewer.userId }] : []),
      {
        workspaceId: null,
        organizationId: { in: where(({ permissions }) => permissions.has('organization:members')) },
      },
      ...(withinScopes(viewer, 'member:read')
        ? [
            { workspaceId: { not: null }, organizationId: { in: where(({ level }) => level !== null) } },
            { workspace: { grants: { some: { userId: viewer.userId } } } },
          ]
        : []),
    ],
  }
}
