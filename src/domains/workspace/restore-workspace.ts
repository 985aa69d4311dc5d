import { type Caller, signedIn } from '../../access/caller.ts'
import { lockWorkspace, permittedNow } from '../../access/standing.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { NotDeleted } from './errors.ts'

/**
 * Takes the deletion of a workspace back (O14), as long as it is not purged.
 *
 * @throws {CodedError} NOT_FOUND when it is purged, or its organization is deleted
 * @throws {NotDeleted}
 */
export async function restoreWorkspace(
  caller: Caller,
  workspaceId: string,
): Promise<{ workspaceId: string }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const { organizationId } = await lockWorkspace(tx, workspaceId, 'UPDATE', 'INCLUDE')
    const scope = { kind: 'Workspace', id: workspaceId, organizationId } as const
    await permittedNow(tx, viewer, scope, 'workspace:delete')
    const before = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } })
    if (before.deletedAt === null) throw new NotDeleted()
    const change = { deletedAt: null, purgeAt: null }
    await tx.workspace.update({
      where: { id: workspaceId },
      data: { ...change, updatedById: viewer.userId, version: { increment: 1 } },
      select: { id: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'workspace.restored',
        subject: { type: 'Workspace', id: workspaceId },
        changes: changesBetween(before, change),
      },
    ])
    return { workspaceId }
  })
}
