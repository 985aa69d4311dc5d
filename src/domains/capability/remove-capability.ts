import { type Caller, signedIn } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { enterWorkspaceOf } from '../workspace/enter-workspace-of.ts'

/**
 * Takes a capability off a workspace (T9); its name is free again.
 *
 * @throws {CodedError} NOT_FOUND when it is absent, or its workspace is deleted
 */
export async function removeCapability(
  caller: Caller,
  capabilityId: string,
): Promise<{ removedCapabilityId: string; workspaceId: string }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const where = { id: capabilityId }
    const scope = await enterWorkspaceOf(tx, viewer, tx.capability.findUnique({ where }), 'capability:write')
    const [gone] = await tx.$queryRaw<{ name: string; version: string | null }[]>`
      DELETE FROM capability WHERE id = ${capabilityId}::uuid RETURNING name, version`
    if (!gone) return missing()
    const { organizationId, id: workspaceId } = scope
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'capability.removed',
        subject: { type: 'Capability', id: capabilityId },
        changes: { name: { before: gone.name }, version: { before: gone.version } },
      },
    ])
    return { removedCapabilityId: capabilityId, workspaceId }
  })
}
