import { rolesHolding } from '../../access/roles-holding.ts'
import { type Viewer, withinScopes } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { InviteStatus } from './invite-status.ts'

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
              workspace: { grants: { some: { userId: viewer.userId, role: rolesHolding('invite:read') } } },
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

/** The invites of a status; an open one whose time is over is expired. */
export function withStatus(status: InviteStatus | null | undefined, now: Date): Prisma.InviteWhereInput {
  if (status == null) return {}
  if (status === 'PENDING') return { state: 'PENDING', expiresAt: { gt: now } }
  if (status === 'EXPIRED') return { state: 'PENDING', expiresAt: { lte: now } }
  return { state: status }
}
