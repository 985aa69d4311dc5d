import { type Viewer, withinScopes } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/** The people that the viewer may look up: themselves and everybody they share an organization with. */
export function visibleUsers(viewer: Viewer | null): Prisma.UserWhereInput {
  if (!viewer) return { id: { in: [] } }
  if (viewer.platformRole === 'ADMIN') return {}
  return { OR: [{ id: viewer.userId }, { memberships: { some: sharedMemberships(viewer) } }] }
}

/** The memberships by which a person shares an organization with the viewer. */
export function sharedMemberships(viewer: Viewer | null): Prisma.OrganizationMemberWhereInput {
  const seesPeople =
    viewer && (withinScopes(viewer, 'member:read') || withinScopes(viewer, 'organization:members'))
  return { organizationId: { in: seesPeople ? [...viewer.organizations.keys()] : [] } }
}

/**
 * Whether the viewer may read a person's address: their own, that of those they share an organization with, and a
 * platform administrator every one. Who has left is still named beside what they made, without their address.
 */
export const canReadAddress = (
  viewer: Viewer | null,
  person: { id: string; memberships: readonly unknown[] },
): boolean =>
  viewer?.userId === person.id || viewer?.platformRole === 'ADMIN' || person.memberships.length > 0
