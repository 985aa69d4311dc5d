import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import type { ResourceKind } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { nameField, parseInput } from '../../platform/validation.ts'
import { ResourceNameTaken } from './errors.ts'

const input = z.object({
  kind: z.enum(['BUCKET', 'REPOSITORY']),
  name: nameField(),
  uri: z
    .string()
    .trim()
    .max(2000, 'A URI can have at most 2000 characters.')
    .regex(/^[a-z][a-z0-9+.-]*:[^\s\p{Cc}]+$/iu, 'A URI begins with a scheme, as in "s3://bucket/path".')
    .nullish(),
})

export interface NewResource {
  kind: ResourceKind
  name: string
  uri?: string | null
}

/**
 * Notes that a bucket or repository lies in a workspace (T11). The workspace's lock keeps it from being deleted meanwhile
 * (O12), and lets others register beside.
 *
 * @throws {ValidationError}
 * @throws {ResourceNameTaken}
 */
export async function registerResource(
  caller: Caller,
  { workspaceId, ...fields }: { workspaceId: string } & NewResource,
): Promise<{ resourceId: string }> {
  const viewer = signedIn(caller)
  const wanted = parseInput(input, fields)
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { scope } = await enterPermitted(tx, viewer, target, 'resource:write', 'SHARE')
    const { organizationId } = scope
    const id = newId()
    const { count } = await tx.resource.createMany({
      data: [{ id, organizationId, workspaceId, createdById: viewer.userId, ...wanted }],
      skipDuplicates: true,
    })
    if (count === 0) throw new ResourceNameTaken(wanted.name)
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'resource.registered',
        subject: { type: 'Resource', id },
        changes: changesBetween({}, wanted),
      },
    ])
    return { resourceId: id }
  })
}
