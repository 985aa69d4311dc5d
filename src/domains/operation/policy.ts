import { reaches } from '../../access/permissions.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/**
 * The operations that the viewer may look up: those that they asked for, while they may still create workspaces in the
 * organization, and all of it for its administrators.
 */
export function visibleOperations(viewer: Viewer | null): Prisma.OperationWhereInput {
  if (!viewer) return { id: { in: [] } }
  if (viewer.platformRole === 'ADMIN') return { organization: { deletedAt: null } }
  const creating = [...viewer.organizations].filter(([, { role }]) =>
    role.permissions.has('workspace:create'),
  )
  const administered = creating.filter(([, { role }]) => reaches(role.level, 'ADMIN'))
  return {
    organization: { deletedAt: null },
    OR: [
      { organizationId: { in: creating.map(([id]) => id) }, requestedById: viewer.userId },
      { organizationId: { in: administered.map(([id]) => id) } },
    ],
  }
}
