import type { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { parseInput } from '../../platform/validation.ts'
import { enterWorkspaceOf } from '../workspace/enter-workspace-of.ts'
import { extensionPatch } from './extension-fields.ts'

/**
 * Changes the given fields of an installation (T8): an absent one stays, null clears the version and empties the config. A
 * change that changes nothing appends no event.
 *
 * @throws {ValidationError}
 * @throws {CodedError} NOT_FOUND when it is absent, or its workspace is deleted
 */
export async function updateExtensionInstallation(
  caller: Caller,
  { extensionId, ...given }: { extensionId: string } & z.input<typeof extensionPatch>,
): Promise<{ extensionId: string }> {
  const viewer = signedIn(caller)
  const { config, ...fields } = parseInput(extensionPatch, given)
  const patch = { ...fields, ...(config === undefined ? {} : { config: config ?? {} }) }
  return inTransaction(caller.db, async (tx) => {
    const where = { id: extensionId }
    const scope = await enterWorkspaceOf(
      tx,
      viewer,
      tx.extensionInstallation.findUnique({ where }),
      'extension:write',
    )
    await tx.$queryRaw`SELECT FROM extension_installation WHERE id = ${extensionId}::uuid FOR UPDATE`
    const before = (await tx.extensionInstallation.findUnique({ where })) ?? missing()
    const changes = changesBetween(before, patch)
    if (Object.keys(changes).length === 0) return { extensionId }
    await tx.extensionInstallation.update({
      where,
      data: patch as typeof fields & { config?: Prisma.InputJsonObject },
      select: { id: true },
    })
    const { organizationId, id: workspaceId } = scope
    const type = 'extension.updated'
    const subject = { type: 'ExtensionInstallation', id: extensionId } as const
    await appendEvents(tx, caller, [{ organizationId, workspaceId, type, subject, changes }])
    return { extensionId }
  })
}
