import type { ScopeRef } from '../../access/standing.ts'
import type { Role } from '../../generated/prisma/client.ts'
import type { NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { memberEvent } from '../role/member-event.ts'
import type { Run } from './run.ts'
import type { Placed } from './write-workspaces.ts'

interface NewGrant {
  id: string
  scope: ScopeRef
  userId: string
  role: Role
}

/**
 * Gives roles on the workspaces of a batch, with one statement for all new ones and one for all that change. Whoever creates a
 * workspace owns it, unless the item names another role for them.
 */
export async function writeMembers(run: Run, placed: readonly Placed[]): Promise<NewEvent[]> {
  const { tx, organization } = run
  const scopeOf = ({ workspaceId }: Placed): ScopeRef => ({
    kind: 'Workspace',
    id: workspaceId,
    organizationId: organization.id,
  })
  const added = placed.flatMap((one): NewGrant[] => {
    const named = one.members.added
    const owns = !one.existing && run.isMember && !named.some(({ userId }) => userId === run.viewer.userId)
    const owners = owns ? [{ userId: run.viewer.userId, role: run.owner }] : []
    return [...owners, ...named].map((grant) => ({ ...grant, id: newId(), scope: scopeOf(one) }))
  })
  if (added.length > 0) {
    const rows = added.map(({ id, scope, userId, role }) => ({
      id,
      workspace_id: scope.id,
      user_id: userId,
      role_id: role.id,
    }))
    await tx.$executeRaw`
      INSERT INTO workspace_member (id, organization_id, workspace_id, user_id, role_id, updated_at)
      SELECT v.id, ${organization.id}::uuid, v.workspace_id, v.user_id, v.role_id, now()
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS v (id uuid, workspace_id uuid, user_id uuid, role_id uuid)`
  }
  const changed = placed.flatMap((one) =>
    one.members.changed.map((change) => ({ ...change, scope: scopeOf(one) })),
  )
  if (changed.length > 0) {
    const rows = changed.map(({ grant, role }) => ({ id: grant.id, role_id: role.id }))
    await tx.$executeRaw`
      UPDATE workspace_member m SET role_id = v.role_id, updated_at = ${run.now}::timestamptz
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS v (id uuid, role_id uuid)
      WHERE m.id = v.id`
  }
  return [
    ...added.map(({ id, scope, userId, role }) => memberEvent('member.added', scope, id, userId, null, role)),
    ...changed.map(({ grant, scope, userId, role }) =>
      memberEvent('member.role_changed', scope, grant.id, userId, grant.role, role),
    ),
  ]
}
