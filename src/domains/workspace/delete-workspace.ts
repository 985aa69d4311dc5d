import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { VersionConflict, WorkspaceNotEmpty } from './errors.ts'
import { purgeTime } from './retention.ts'

/**
 * Deletes a workspace (O10): it is hidden at once, keeps its key, and goes for good after the retention. Registering a
 * resource takes the same lock, so nothing can slip in between the count and the deletion (O12).
 *
 * @param expectedVersion the version that the caller has read (W16)
 * @throws {CodedError} FORBIDDEN where the organization leaves deletion to owners (O11)
 * @throws {VersionConflict}
 * @throws {WorkspaceNotEmpty}
 */
export async function deleteWorkspace(
  caller: Caller,
  { workspaceId, expectedVersion }: { workspaceId: string; expectedVersion?: number | null },
): Promise<{ workspaceId: string }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { scope } = await enterPermitted(tx, viewer, target, 'workspace:delete')
    const { organizationId } = scope
    const before = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } })
    if (expectedVersion != null && expectedVersion !== before.version)
      throw new VersionConflict(before.version)
    await refuseResources(tx, workspaceId)
    const change = purgeTime(caller)
    await tx.workspace.update({
      where: { id: workspaceId },
      data: { ...change, updatedById: viewer.userId, version: { increment: 1 } },
      select: { id: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'workspace.deleted',
        subject: { type: 'Workspace', id: workspaceId },
        changes: changesBetween(before, change),
      },
    ])
    return { workspaceId }
  })
}

/** @throws {WorkspaceNotEmpty} */
async function refuseResources(tx: Tx, workspaceId: string): Promise<void> {
  const groups = await tx.resource.groupBy({ by: ['kind'], where: { workspaceId }, _count: true })
  const count = (kind: 'BUCKET' | 'REPOSITORY') => groups.find((group) => group.kind === kind)?._count ?? 0
  if (groups.length > 0) throw new WorkspaceNotEmpty(count('BUCKET'), count('REPOSITORY'))
}
