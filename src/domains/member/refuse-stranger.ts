import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import { notFound } from '../../platform/refusal.ts'

/**
 * Whom the caller may name: a person whom they can't see does not exist for them (access.md, rule 6). Strangers are
 * invited by address.
 */
export function knownPeople(viewer: Viewer, organizationId: string): Prisma.UserWhereInput {
  if (viewer.platformRole === 'ADMIN') return {}
  const shared = [organizationId, ...viewer.organizations.keys()]
  return { memberships: { some: { organizationId: { in: shared } } } }
}

/** @throws {CodedError} NOT_FOUND for a person whom the caller can't see */
export async function refuseStranger(
  tx: Tx,
  viewer: Viewer,
  organizationId: string,
  userId: string,
): Promise<void> {
  const known = await tx.user.findFirst({
    where: { id: userId, AND: [knownPeople(viewer, organizationId)] },
    select: { id: true },
  })
  if (!known) throw notFound()
}
