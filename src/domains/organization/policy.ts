import { type Viewer, withinScopes } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/** The organizations that the viewer is a member of. */
export function organizationsOf(viewer: Viewer | null): Prisma.OrganizationWhereInput {
  if (!viewer || !withinScopes(viewer, 'organization:read')) return { id: { in: [] } }
  return { id: { in: [...viewer.organizations.keys()] }, deletedAt: null }
}

/**
 * What the viewer may look up: their own organizations; a platform administrator sees all, deleted ones among them
 * (access.md).
 */
export function visibleOrganizations(viewer: Viewer | null): Prisma.OrganizationWhereInput {
  return viewer?.platformRole === 'ADMIN' ? { purgeStartedAt: null } : organizationsOf(viewer)
}
