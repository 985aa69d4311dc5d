import { type Caller, signedIn } from '../../access/caller.ts'
import type { StoredRole } from '../../access/permissions.ts'
import { permittedNow } from '../../access/standing.ts'
import type { Role } from '../../generated/prisma/client.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { invalidField } from '../../platform/refusal.ts'
import { RoleInUse } from './errors.ts'
import { findRole } from './find-role.ts'
import { lockCustomRole, refuseHeldAbove } from './lock-custom-role.ts'
import { memberEvent } from './member-event.ts'
import { refuseRoleAbove } from './refuse-role-above.ts'

/**
 * Deletes a custom role; who holds it, and whom an open invite offers it, gets another one in the same transaction (M10).
 *
 * @param reassignTo key, name or alias of a role of the same scope; needed when the role is held or offered
 * @throws {ValidationError} for an unknown role, and for the role itself
 * @throws {RoleBuiltIn}
 * @throws {RoleInUse} when it is held or offered and `reassignTo` is absent
 * @throws {RoleTooHigh} when one of the two roles, or somebody who holds the deleted one, is above the caller
 */
export async function deleteRole(
  caller: Caller,
  { roleId, reassignTo }: { roleId: string; reassignTo?: string | null },
): Promise<{ roleId: string; organizationId: string; reassignedMembers: number; reassignedInvites: number }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const { role, scope } = await lockCustomRole(tx, roleId)
    const { organizationId } = role
    const standing = await permittedNow(tx, viewer, scope, 'organization:roles')
    const instead =
      reassignTo == null ? null : await findRole(tx, organizationId, role.scope, reassignTo, 'reassignTo')
    if (instead?.id === role.id) throw invalidField('reassignTo', 'Name another role: this one is deleted.')
    refuseRoleAbove(standing, role, ...(instead ? [instead] : []))
    await refuseHeldAbove(tx, standing, role)
    const open = await tx.invite.count({ where: { organizationId, roleId, state: 'PENDING' } })
    const moved = await moveMembers(tx, role, instead, open)
    await moveInvites(tx, role, instead)
    await tx.role.delete({ where: { id: roleId }, select: { id: true } })
    await appendEvents(tx, caller, [
      ...moved,
      {
        organizationId,
        type: 'role.deleted',
        subject: { type: 'Role', id: roleId },
        changes: { key: { before: role.key }, reassignedTo: { after: instead?.key ?? null } },
      },
    ])
    return { roleId, organizationId, reassignedMembers: moved.length, reassignedInvites: open }
  })
}

async function moveMembers(
  tx: Tx,
  role: Role,
  instead: StoredRole | null,
  open: number,
): Promise<NewEvent[]> {
  const { organizationId, id: roleId } = role
  const which = { where: { organizationId, roleId } }
  const inOrganization = await tx.organizationMember.findMany({
    ...which,
    select: { id: true, userId: true },
  })
  const onWorkspaces = await tx.workspaceMember.findMany({
    ...which,
    select: { id: true, userId: true, workspaceId: true },
  })
  const members = inOrganization.length + onWorkspaces.length
  if (!instead) {
    if (members + open > 0) throw new RoleInUse(members, open)
    return []
  }
  await tx.organizationMember.updateMany({ ...which, data: { roleId: instead.id } })
  await tx.workspaceMember.updateMany({ ...which, data: { roleId: instead.id } })
  const organization = { kind: 'Organization', id: organizationId, organizationId } as const
  return [
    ...inOrganization.map(({ id, userId }) =>
      memberEvent('member.role_changed', organization, id, userId, role, instead),
    ),
    ...onWorkspaces.map(({ id, userId, workspaceId }) =>
      memberEvent(
        'member.role_changed',
        { kind: 'Workspace', id: workspaceId, organizationId },
        id,
        userId,
        role,
        instead,
      ),
    ),
  ]
}

/** Closed invites name a role too; the log alone keeps which one it was. */
async function moveInvites(tx: Tx, role: Role, instead: StoredRole | null): Promise<void> {
  const { organizationId, scope } = role
  const lowest = scope === 'ORGANIZATION' ? 'MEMBER' : 'READ'
  const to = instead ?? (await findRole(tx, organizationId, scope, lowest))
  await tx.invite.updateMany({ where: { organizationId, roleId: role.id }, data: { roleId: to.id } })
}
