import type { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import { VersionConflict } from './errors.ts'
import { workspaceFields } from './workspace-fields.ts'

const patch = workspaceFields.partial()

export type WorkspacePatch = z.input<typeof patch>

/**
 * Changes the given fields of a workspace (O9): an absent one stays, null clears where null is allowed. A change that
 * changes nothing appends no event and keeps the version.
 *
 * @param expectedVersion the version that the caller has read (W16)
 * @throws {ValidationError}
 * @throws {VersionConflict}
 */
export async function updateWorkspace(
  caller: Caller,
  input: { workspaceId: string; expectedVersion?: number | null } & WorkspacePatch,
): Promise<{ workspaceId: string }> {
  const viewer = signedIn(caller)
  const { workspaceId, expectedVersion, ...given } = input
  const { boundingBox, ...fields } = parseInput(patch, given)
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { scope } = await enterPermitted(tx, viewer, target, 'workspace:update')
    const before = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } })
    if (expectedVersion != null && expectedVersion !== before.version)
      throw new VersionConflict(before.version)
    const changes = changesBetween(before, { ...fields, boundingBox })
    if (Object.keys(changes).length === 0) return { workspaceId }
    await tx.workspace.update({
      where: { id: workspaceId },
      data: {
        ...fields,
        ...(boundingBox === undefined
          ? {}
          : { boundingBox: boundingBox === null ? Prisma.DbNull : { ...boundingBox } }),
        updatedById: viewer.userId,
        version: { increment: 1 },
      },
      select: { id: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId: scope.organizationId,
        workspaceId,
        type: 'workspace.updated',
        subject: { type: 'Workspace', id: workspaceId },
        changes,
      },
    ])
    return { workspaceId }
  })
}
