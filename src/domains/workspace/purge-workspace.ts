import type { Caller } from '../../access/caller.ts'
import { lockWorkspace } from '../../access/standing.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, type EventOrigin } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { NotDeleted } from './errors.ts'

/**
 * Deletes a deleted workspace for good, before its time (O18): for platform administrators. Its key and database name are
 * free from then on.
 *
 * @throws {CodedError} NOT_FOUND when it is absent, purged already, or its organization is deleted
 * @throws {NotDeleted}
 */
export async function purgeWorkspace(
  caller: Caller,
  workspaceId: string,
): Promise<{ purgedWorkspaceId: string }> {
  return inTransaction(caller.db, async (tx) => {
    const { organizationId } = await lockWorkspace(tx, workspaceId, 'UPDATE', 'INCLUDE')
    const row =
      (await tx.workspace.findUnique({ where: { id: workspaceId }, select: { deletedAt: true } })) ??
      missing()
    if (row.deletedAt === null) throw new NotDeleted()
    await removeWorkspace(tx, caller, { id: workspaceId, organizationId })
    return { purgedWorkspaceId: workspaceId }
  })
}

/**
 * Purges one workspace whose time has come; it does nothing when another process does so, or somebody has restored it.
 *
 * @param now the instant up to which `purgeAt` has passed
 * @returns whether it is purged by this call
 */
export async function purgeDueWorkspace(
  caller: Pick<Caller, 'db'> & EventOrigin,
  workspaceId: string,
  now: Date,
): Promise<boolean> {
  return inTransaction(caller.db, async (tx) => {
    const found = await tx.workspace.findUnique({
      where: { id: workspaceId },
      select: { id: true, organizationId: true },
    })
    if (!found) return false
    // The order of all locks: the organization first. It may be deleted itself.
    await tx.$queryRaw`SELECT FROM organization WHERE id = ${found.organizationId}::uuid FOR SHARE`
    const due = await tx.$queryRaw<unknown[]>`
      SELECT FROM workspace WHERE id = ${workspaceId}::uuid AND deleted_at IS NOT NULL AND purge_at <= ${now}
      FOR UPDATE SKIP LOCKED`
    if (due.length === 0) return false
    await removeWorkspace(tx, caller, found)
    return true
  })
}

/** Whatever lies in the workspace falls with its row, by foreign keys. */
async function removeWorkspace(
  tx: Tx,
  origin: EventOrigin,
  { id, organizationId }: { id: string; organizationId: string },
): Promise<void> {
  const { key, name } = await tx.workspace.delete({ where: { id }, select: { key: true, name: true } })
  await appendEvents(tx, origin, [
    {
      organizationId,
      workspaceId: id,
      type: 'workspace.purged',
      subject: { type: 'Workspace', id },
      changes: { key: { before: key }, name: { before: name } },
    },
  ])
}
