import type { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { parseInput } from '../../platform/validation.ts'
import { AlreadyInstalled } from './errors.ts'
import { extensionFields, extensionKeyField } from './extension-fields.ts'

const input = extensionFields.partial().extend({
  key: extensionKeyField,
  enabled: extensionFields.shape.enabled.nullish().transform((enabled) => enabled ?? true),
})

/**
 * Installs an extension in a workspace (T8), once.
 *
 * @throws {ValidationError}
 * @throws {AlreadyInstalled}
 */
export async function installExtension(
  caller: Caller,
  { workspaceId, ...fields }: { workspaceId: string } & z.input<typeof input>,
): Promise<{ extensionId: string }> {
  const viewer = signedIn(caller)
  const { config, ...wanted } = parseInput(input, fields)
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { scope } = await enterPermitted(tx, viewer, target, 'extension:write', 'SHARE')
    const { organizationId } = scope
    const id = newId()
    const row = { ...wanted, config: (config ?? {}) as Prisma.InputJsonObject }
    const { count } = await tx.extensionInstallation.createMany({
      data: [{ id, organizationId, workspaceId, installedById: viewer.userId, ...row }],
      skipDuplicates: true,
    })
    if (count === 0) throw new AlreadyInstalled(wanted.key)
    const type = 'extension.installed'
    const subject = { type: 'ExtensionInstallation', id } as const
    const changes = changesBetween({}, row)
    await appendEvents(tx, caller, [{ organizationId, workspaceId, type, subject, changes }])
    return { extensionId: id }
  })
}
