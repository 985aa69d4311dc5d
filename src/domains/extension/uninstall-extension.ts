import { type Caller, signedIn } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { enterWorkspaceOf } from '../workspace/enter-workspace-of.ts'

/**
 * Takes an extension out of a workspace, with its config (T8).
 *
 * @throws {CodedError} NOT_FOUND when it is absent, or its workspace is deleted
 */
export async function uninstallExtension(
  caller: Caller,
  extensionId: string,
): Promise<{ uninstalledExtensionId: string; workspaceId: string }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const where = { id: extensionId }
    const scope = await enterWorkspaceOf(
      tx,
      viewer,
      tx.extensionInstallation.findUnique({ where }),
      'extension:write',
    )
    const [gone] = await tx.$queryRaw<{ key: string; version: string | null }[]>`
      DELETE FROM extension_installation WHERE id = ${extensionId}::uuid RETURNING key, version`
    if (!gone) return missing()
    const { organizationId, id: workspaceId } = scope
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'extension.uninstalled',
        subject: { type: 'ExtensionInstallation', id: extensionId },
        changes: { key: { before: gone.key }, version: { before: gone.version } },
      },
    ])
    return { uninstalledExtensionId: extensionId, workspaceId }
  })
}
