import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/** The roles of the organizations that the viewer belongs to; a platform administrator sees all. */
export function visibleRoles(viewer: Viewer | null): Prisma.RoleWhereInput {
  if (viewer?.platformRole === 'ADMIN') return { organization: { deletedAt: null } }
  return { organizationId: { in: [...(viewer?.organizations.keys() ?? [])] } }
}
