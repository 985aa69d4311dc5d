import type { Viewer } from '../../access/viewer.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { SqlTx } from '../../platform/db.ts'
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
  tx: SqlTx,
  viewer: Viewer,
  organizationId: string,
  userId: string,
): Promise<void> {
  const [found] = await tx.$queryRaw<{ known: boolean }[]>`
    SELECT ${isKnownTo(viewer, organizationId, userId)} AS known`
  if (!found?.known) throw notFound()
}

/** {@link knownPeople} as SQL, of one person. */
export function isKnownTo(viewer: Viewer, organizationId: string, userId: string): Prisma.Sql {
  const person = Prisma.sql`u.id = ${userId}::uuid`
  if (viewer.platformRole === 'ADMIN') return Prisma.sql`EXISTS (SELECT FROM "user" u WHERE ${person})`
  const shared = [organizationId, ...viewer.organizations.keys()]
  return Prisma.sql`EXISTS (SELECT FROM "user" u JOIN organization_member m ON m.user_id = u.id
    WHERE ${person} AND m.organization_id = ANY (${shared}::uuid[]))`
}
