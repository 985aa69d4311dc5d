import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterScope } from '../../access/enter.ts'
import { reaches } from '../../access/permissions.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { forbidden, missing, notFound } from '../../platform/refusal.ts'
import { parseInput } from '../../platform/validation.ts'
import { visibleWorkspaces } from './policy.ts'

const input = z.object({
  workspaceIds: z
    .array(z.string())
    .min(1, 'Name at least one workspace.')
    .max(100, 'Name at most 100 workspaces at once.')
    .transform((ids) => [...new Set(ids)]),
  enabled: z.boolean(),
})

/**
 * Switches machine learning on or off for workspaces of one organization (W10), all of them or none.
 *
 * @param organizationId theirs; absent, that of the first one
 * @throws {ValidationError} for none or more than 100
 * @throws {CodedError} NOT_FOUND when one of them is not a workspace of this organization that the caller can see, FORBIDDEN
 *   for anybody below an organization administrator
 */
export async function setWorkspacesMlEnabled(
  caller: Caller,
  { organizationId, ...fields }: { organizationId?: string | null } & z.input<typeof input>,
): Promise<{ workspaceIds: string[] }> {
  const viewer = signedIn(caller)
  const { workspaceIds, enabled } = parseInput(input, fields)
  return inTransaction(caller.db, async (tx) => {
    const seen = { AND: [visibleWorkspaces(viewer)], deletedAt: null }
    const id =
      organizationId ??
      (await tx.workspace.findFirst({ where: { id: workspaceIds[0] ?? '', ...seen } }))?.organizationId ??
      missing()
    const { standing } = await enterScope(tx, viewer, { kind: 'Organization', id }, 'SHARE')
    const visible = await tx.workspace.count({
      where: { id: { in: workspaceIds }, organizationId: id, ...seen },
    })
    if (!standing || visible < workspaceIds.length) throw notFound()
    if (!reaches(standing.level, 'ADMIN')) throw forbidden('access level ADMIN')
    const changed = await lockThoseThatChange(tx, id, workspaceIds, enabled)
    await tx.workspace.updateMany({
      where: { id: { in: changed } },
      data: { mlEnabled: enabled, updatedById: viewer.userId, version: { increment: 1 } },
    })
    await appendEvents(
      tx,
      caller,
      changed.map((workspaceId) => ({
        organizationId: id,
        workspaceId,
        type: 'workspace.updated',
        subject: { type: 'Workspace', id: workspaceId },
        changes: { mlEnabled: { before: !enabled, after: enabled } },
      })),
    )
    return { workspaceIds }
  })
}

/**
 * Locks the workspaces in the order of their ids, so that two calls never wait for each other.
 *
 * @returns those that are not like this already
 * @throws {CodedError} NOT_FOUND when one was deleted meanwhile
 */
async function lockThoseThatChange(
  tx: Tx,
  organizationId: string,
  ids: string[],
  enabled: boolean,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string; ml_enabled: boolean }[]>`
    SELECT id, ml_enabled FROM workspace
    WHERE id = ANY(${ids}::uuid[]) AND organization_id = ${organizationId}::uuid AND deleted_at IS NULL
    ORDER BY id FOR NO KEY UPDATE`
  if (rows.length < ids.length) throw notFound()
  return rows.filter((row) => row.ml_enabled !== enabled).map(({ id }) => id)
}
