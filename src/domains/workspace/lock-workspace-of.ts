import { lockWorkspace, type ScopeRef } from '../../access/standing.ts'
import type { Tx } from '../../platform/db.ts'
import { notFound } from '../../platform/refusal.ts'

/**
 * Locks the workspace that a row lies in, beside others who change what is inside of it.
 *
 * @param row the row as it was read without a lock; afterwards read it again
 * @throws {CodedError} NOT_FOUND when there is no such row, or its workspace is deleted
 */
export async function lockWorkspaceOf(
  tx: Tx,
  row: PromiseLike<{ workspaceId: string } | null>,
): Promise<ScopeRef & { kind: 'Workspace' }> {
  const found = await row
  if (!found) throw notFound()
  const { organizationId } = await lockWorkspace(tx, found.workspaceId, 'SHARE')
  return { kind: 'Workspace', id: found.workspaceId, organizationId }
}
