import { createAccess } from '../../access/access.ts'
import { type Caller, signedIn } from '../../access/caller.ts'
import { lockOrganization } from '../../access/standing.ts'
import { type Db, inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { notFound } from '../../platform/refusal.ts'
import { NotDeleted } from '../workspace/errors.ts'

/**
 * Takes the deletion of an organization back, with everything that was in it, until its purge begins.
 *
 * @throws {CodedError} NOT_FOUND when it is purged, or the caller may not restore it
 * @throws {NotDeleted}
 */
export async function restoreOrganization(
  caller: Caller,
  organizationId: string,
): Promise<{ organizationId: string }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    await lockOrganization(tx, organizationId, 'UPDATE', 'INCLUDE')
    const before = await tx.organization.findUniqueOrThrow({ where: { id: organizationId } })
    if (before.deletedAt === null) throw new NotDeleted()
    const standing = await createAccess(tx as Db, viewer).onDeletedOrganization(organizationId)
    if (!standing) throw notFound()
    const change = { deletedAt: null, purgeAt: null }
    await tx.organization.update({
      where: { id: organizationId },
      data: { ...change, version: { increment: 1 } },
      select: { id: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId,
        type: 'organization.restored',
        subject: { type: 'Organization', id: organizationId },
        changes: changesBetween(before, change),
      },
    ])
    return { organizationId }
  })
}
