import { rolesHolding } from '../../access/roles-holding.ts'
import { type Viewer, withinScopes } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/** The event subscriptions of the workspaces in use on which the viewer holds `events:write`: nobody else knows of them. */
export function visibleEventSubscriptions(viewer: Viewer | null): Prisma.EventSubscriptionWhereInput {
  if (!viewer || !withinScopes(viewer, 'events:write')) return { id: { in: [] } }
  if (viewer.platformRole === 'ADMIN')
    return { workspace: { deletedAt: null, organization: { deletedAt: null } } }
  const memberships = [...viewer.organizations]
  const holding = memberships.filter(([, { role }]) => role.permissions.has('events:write')).map(([id]) => id)
  return {
    organizationId: { in: memberships.map(([id]) => id) },
    workspace: {
      deletedAt: null,
      OR: [
        { organizationId: { in: holding } },
        { grants: { some: { userId: viewer.userId, role: rolesHolding('events:write') } } },
      ],
    },
  }
}

/** The attempts to reach them. */
export const visibleAttempts = (viewer: Viewer | null): Prisma.DeliveryAttemptWhereInput => ({
  subscription: visibleEventSubscriptions(viewer),
})
