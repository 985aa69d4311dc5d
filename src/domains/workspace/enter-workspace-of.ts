import { enterPermitted } from '../../access/enter.ts'
import type { Permission } from '../../access/permissions.ts'
import type { ScopeRef } from '../../access/standing.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { SqlTx } from '../../platform/db.ts'
import { notFound } from '../../platform/refusal.ts'

/**
 * Locks the workspace that a row lies in, beside others who change what is inside of it, for somebody who has to hold a
 * permission there.
 *
 * @param row the row as it was read without a lock; afterwards read it again
 * @throws {CodedError} NOT_FOUND when there is no such row, or its workspace is deleted; FORBIDDEN
 */
export async function enterWorkspaceOf(
  tx: SqlTx,
  viewer: Viewer,
  row: PromiseLike<{ workspaceId: string } | null>,
  permission: Permission,
): Promise<ScopeRef> {
  const found = await row
  if (!found) throw notFound()
  const target = { kind: 'Workspace', id: found.workspaceId } as const
  return (await enterPermitted(tx, viewer, target, permission, 'SHARE')).scope
}
