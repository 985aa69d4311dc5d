import type { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import type { Permission } from '../../access/permissions.ts'
import { permittedNow } from '../../access/standing.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { VersionConflict } from '../../platform/refusal.ts'
import { parseInput } from '../../platform/validation.ts'
import { lockCustomRole, refuseHeldAbove } from './lock-custom-role.ts'
import { refuseRoleAbove } from './refuse-role-above.ts'
import { refuseAboveCeiling, roleFields } from './role-fields.ts'
import { mapTakenNames, refuseTakenNames, rolesOf } from './role-names.ts'

const patch = roleFields.partial()

export type RolePatch = z.input<typeof patch>

/**
 * Changes the given fields of a custom role (M10), and with them what everybody may do who holds it. A change that changes
 * nothing appends no event and keeps the version.
 *
 * @param expectedVersion the version that the caller has read (W16)
 * @throws {ValidationError} names every permission above the ceiling of the level
 * @throws {RoleTooHigh} when the role is above the caller's own, or would be, or somebody above the caller holds it
 * @throws {RoleBuiltIn}
 * @throws {RoleNameTaken}
 * @throws {VersionConflict}
 */
export async function updateRole(
  caller: Caller,
  { roleId, expectedVersion, ...fields }: { roleId: string; expectedVersion?: number | null } & RolePatch,
): Promise<{ roleId: string }> {
  const viewer = signedIn(caller)
  const given = parseInput(patch, fields)
  return mapTakenNames(given, () =>
    inTransaction(caller.db, async (tx) => {
      const { role, scope } = await lockCustomRole(tx, roleId)
      const standing = await permittedNow(tx, viewer, scope, 'organization:roles')
      if (expectedVersion != null && expectedVersion !== role.version) throw new VersionConflict(role.version)
      const wanted = {
        level: given.level === undefined ? role.level : given.level,
        permissions: given.permissions ?? (role.permissions as Permission[]),
      }
      refuseAboveCeiling(role.scope, wanted.level, wanted.permissions)
      refuseRoleAbove(standing, role, { ...role, ...wanted, name: given.name ?? role.name })
      await refuseHeldAbove(tx, standing, role)
      const roles = await rolesOf(tx, role.organizationId, role.scope)
      refuseTakenNames(
        roles.filter(({ id }) => id !== role.id),
        { name: given.name },
      )
      const changes = changesBetween(role, given)
      if (Object.keys(changes).length === 0) return { roleId }
      await tx.role.update({
        where: { id: role.id },
        data: { ...given, version: { increment: 1 } },
        select: { id: true },
      })
      await appendEvents(tx, caller, [
        {
          organizationId: role.organizationId,
          type: 'role.updated',
          subject: { type: 'Role', id: role.id },
          changes,
        },
      ])
      return { roleId }
    }),
  )
}
