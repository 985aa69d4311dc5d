import { type Viewer, withinScopes } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/**
 * The invites that the viewer may look up: their own by a verified address, those of organizations where they hold
 * `organization:invites`, and those of workspaces where they hold `invite:read` (lesson 11).
 */
export function visibleInvites(viewer: Viewer | null): Prisma.InviteWhereInput {
  if (!viewer) return { id: { in: [] } }
  if (viewer.platformRole === 'ADMIN') return { organization: { deletedAt: null } }
  const memberships = [...viewer.organizations]
  const all = memberships.map(([id]) => id)
  const holding = (permission: 'organization:invites' | 'invite:read') =>
    memberships.filter(([, { role }]) => role.permissions.has(permission)).map(([id]) => id)
  return {
    organization: { deletedAt: null },
    OR: [
      ...(viewer.emailVerified && !viewer.accessToken?.scopes ? [{ email: viewer.email }] : []),
      { workspaceId: null, organizationId: { in: holding('organization:invites') } },
      { workspaceId: { not: null }, organizationId: { in: holding('invite:read') } },
      ...(withinScopes(viewer, 'invite:read')
        ? [
            {
              organizationId: { in: all },
              workspace: { grants: { some: { userId: viewer.userId, role: holdsInviteRead } } },
            },
          ]
        : []),
    ],
  }
}

/** The invites that the viewer can still accept. */
export function openInvitesTo(viewer: Viewer | null, now: Date): Prisma.InviteWhereInput {
  if (!viewer || viewer.accessToken?.scopes) return { id: { in: [] } }
  return {
    email: viewer.email,
    state: 'PENDING',
    expiresAt: { gt: now },
    organization: { deletedAt: null },
    NOT: { workspace: { deletedAt: { not: null } } },
  }
}

/** A direct role with `invite:read`: a built-in one by its level, a custom one by its permissions. */
const holdsInviteRead: Prisma.RoleWhereInput = {
  OR: [
    { builtIn: true, level: { in: ['ADMIN', 'OWNER'] } },
    { builtIn: false, level: { in: ['ADMIN', 'OWNER'] }, permissions: { has: 'invite:read' } },
  ],
}
