import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { VersionConflict } from '../workspace/errors.ts'
import { purgeTime } from '../workspace/retention.ts'

/**
 * Deletes an organization with everything in it, by changing one row whatever its size (lesson 17): from the next
 * request on it exists for nobody but who may restore it. It goes for good after the retention.
 *
 * @param expectedVersion the version that the caller has read (W16)
 * @returns until when it can be restored
 * @throws {VersionConflict}
 */
export async function deleteOrganization(
  caller: Caller,
  { organizationId, expectedVersion }: { organizationId: string; expectedVersion?: number | null },
): Promise<{ organizationId: string; purgeAt: Date }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    await enterPermitted(tx, viewer, { kind: 'Organization', id: organizationId }, 'organization:delete')
    const before = await tx.organization.findUniqueOrThrow({ where: { id: organizationId } })
    if (expectedVersion != null && expectedVersion !== before.version)
      throw new VersionConflict(before.version)
    const change = purgeTime(caller)
    await tx.organization.update({
      where: { id: organizationId },
      data: { ...change, version: { increment: 1 } },
      select: { id: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId,
        type: 'organization.deleted',
        subject: { type: 'Organization', id: organizationId },
        changes: changesBetween(before, change),
      },
    ])
    return { organizationId, purgeAt: change.purgeAt }
  })
}
