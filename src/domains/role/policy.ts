import { type Viewer, withinScopes } from '../../access/viewer.ts'
import type { Prisma, ScopeKind } from '../../generated/prisma/client.ts'

/** The roles of the organizations that the viewer belongs to; a platform administrator sees all. */
export function visibleRoles(viewer: Viewer | null): Prisma.RoleWhereInput {
  if (viewer?.platformRole === 'ADMIN') return { organization: { deletedAt: null } }
  if (!viewer) return { id: { in: [] } }
  const hidden: ScopeKind[] = [
    ...(withinScopes(viewer, 'organization:read') ? [] : (['ORGANIZATION'] as const)),
    ...(withinScopes(viewer, 'role:read') ? [] : (['WORKSPACE'] as const)),
  ]
  return {
    organizationId: { in: [...viewer.organizations.keys()] },
    ...(hidden.length === 0 ? {} : { scope: { notIn: hidden } }),
  }
}
