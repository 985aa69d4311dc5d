import type { Permission } from '../../access/permissions.ts'
import { rolesHolding } from '../../access/roles-holding.ts'
import { type Viewer, withinScopes } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/**
 * Who reads the log. An organization's whole log holds what happened to everybody in it, so it takes what only its
 * administrators have; a workspace's part takes what it takes to subscribe an address to it.
 */
export const ORGANIZATION_LOG = 'organization:settings' satisfies Permission
export const WORKSPACE_LOG = 'events:write' satisfies Permission

const nothing: Prisma.LogEntryWhereInput = { id: { in: [] } }

const holding = (viewer: Viewer, permission: Permission) =>
  [...viewer.organizations].filter(([, { role }]) => role.permissions.has(permission)).map(([id]) => id)

/** The logs of the organizations whose administrator the viewer is (E2). */
export function visibleLogs(viewer: Viewer | null): Prisma.LogEntryWhereInput {
  if (!viewer || !withinScopes(viewer, ORGANIZATION_LOG)) return nothing
  if (viewer.platformRole === 'ADMIN') return { organizationId: { not: null } }
  return { organizationId: { in: holding(viewer, ORGANIZATION_LOG) } }
}

/** {@link visibleLogs}, and what happened in the workspaces on which the viewer holds `events:write`. */
export function visibleEvents(viewer: Viewer | null): Prisma.LogEntryWhereInput {
  if (!viewer) return nothing
  if (viewer.platformRole === 'ADMIN') return { organization: { deletedAt: null } }
  const inWorkspaces: Prisma.LogEntryWhereInput = withinScopes(viewer, WORKSPACE_LOG)
    ? {
        organizationId: { in: [...viewer.organizations.keys()] },
        workspace: {
          OR: [
            { organizationId: { in: holding(viewer, WORKSPACE_LOG) } },
            { grants: { some: { userId: viewer.userId, role: rolesHolding(WORKSPACE_LOG) } } },
          ],
        },
      }
    : nothing
  return { OR: [visibleLogs(viewer), inWorkspaces] }
}
