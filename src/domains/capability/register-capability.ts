import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { jsonObjectField } from '../../platform/json-field.ts'
import { descriptionField, parseInput, versionField } from '../../platform/validation.ts'
import { CapabilityTaken } from './errors.ts'

const input = z.object({
  name: z
    .string()
    .max(120, 'The name of a capability can have at most 120 characters.')
    .regex(
      /^[a-z][a-z0-9_-]*([.:/][a-z0-9][a-z0-9_-]*)*$/,
      'The name of a capability has lower-case letters, digits, hyphens and underscores, in parts behind dots, colons or slashes, as in "documents.export".',
    ),
  version: versionField().nullish(),
  description: descriptionField().nullish(),
  metadata: jsonObjectField('The metadata').nullish(),
})

/**
 * Registers a capability in a workspace (T9): a name that others look up.
 *
 * @throws {ValidationError}
 * @throws {CapabilityTaken} when the name is registered: whoever wants another one removes it first
 */
export async function registerCapability(
  caller: Caller,
  { workspaceId, ...fields }: { workspaceId: string } & z.input<typeof input>,
): Promise<{ capabilityId: string }> {
  const viewer = signedIn(caller)
  const { description, metadata, ...wanted } = parseInput(input, fields)
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { scope } = await enterPermitted(tx, viewer, target, 'capability:write', 'SHARE')
    const { organizationId } = scope
    const id = newId()
    const row = {
      ...wanted,
      description: description ?? '',
      metadata: (metadata ?? {}) as Prisma.InputJsonObject,
    }
    const { count } = await tx.capability.createMany({
      data: [{ id, organizationId, workspaceId, registeredById: viewer.userId, ...row }],
      skipDuplicates: true,
    })
    if (count === 0) throw new CapabilityTaken(wanted.name)
    const type = 'capability.registered'
    const subject = { type: 'Capability', id } as const
    const changes = changesBetween({}, row)
    await appendEvents(tx, caller, [{ organizationId, workspaceId, type, subject, changes }])
    return { capabilityId: id }
  })
}
