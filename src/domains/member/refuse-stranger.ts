import type { Viewer } from '../../access/viewer.ts'
import type { Tx } from '../../platform/db.ts'
import { notFound } from '../../platform/refusal.ts'

/**
 * A person whom the caller can't see does not exist for them (access.md, rule 6): strangers are invited by address.
 *
 * @throws {CodedError} NOT_FOUND
 */
export async function refuseStranger(
  tx: Tx,
  viewer: Viewer,
  organizationId: string,
  userId: string,
): Promise<void> {
  const shared = [organizationId, ...viewer.organizations.keys()]
  const known = await tx.user.findFirst({
    where: {
      id: userId,
      ...(viewer.platformRole === 'ADMIN'
        ? {}
        : { memberships: { some: { organizationId: { in: shared } } } }),
    },
    select: { id: true },
  })
  if (!known) throw notFound()
}
