import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'

/**
 * Forgets a bucket or repository (T11): what it stands for is not touched.
 *
 * @throws {CodedError} NOT_FOUND when it is absent, or its workspace is deleted
 */
export async function removeResource(
  caller: Caller,
  resourceId: string,
): Promise<{ removedResourceId: string; workspaceId: string }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const { workspaceId } =
      (await tx.resource.findUnique({ where: { id: resourceId }, select: { workspaceId: true } })) ??
      missing()
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { scope } = await enterPermitted(tx, viewer, target, 'resource:write', 'SHARE')
    const { organizationId } = scope
    const [gone] = await tx.$queryRaw<{ kind: string; name: string }[]>`
      DELETE FROM resource WHERE id = ${resourceId}::uuid RETURNING kind, name`
    if (!gone) return missing()
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'resource.removed',
        subject: { type: 'Resource', id: resourceId },
        changes: { kind: { before: gone.kind }, name: { before: gone.name } },
      },
    ])
    return { removedResourceId: resourceId, workspaceId }
  })
}
