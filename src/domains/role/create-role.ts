import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { parseInput } from '../../platform/validation.ts'
import { refuseRoleAbove } from './refuse-role-above.ts'
import { refuseAboveCeiling, roleFields } from './role-fields.ts'
import { freeKey, mapTakenNames, refuseTakenNames, roleKeyField, rolesOf } from './role-names.ts'

const input = roleFields.partial({ description: true, level: true }).extend({
  scope: z.enum(['ORGANIZATION', 'WORKSPACE']),
  key: roleKeyField.nullish(),
})

export type NewRole = z.input<typeof input>

/**
 * Creates a custom role: a level, and permissions within its ceiling (M10; access.md, rule 3).
 *
 * @throws {ValidationError} names every permission above the ceiling of the level
 * @throws {RoleTooHigh} when the role would be above the caller's own
 * @throws {RoleKeyTaken} when a given key names another role: it is never silently changed
 * @throws {RoleNameTaken}
 */
export async function createRole(
  caller: Caller,
  { organizationId, ...fields }: { organizationId: string } & NewRole,
): Promise<{ roleId: string }> {
  const viewer = signedIn(caller)
  const { key: wantedKey, level = null, description = '', ...wanted } = parseInput(input, fields)
  refuseAboveCeiling(wanted.scope, level, wanted.permissions)
  return mapTakenNames(wanted, () =>
    inTransaction(caller.db, async (tx) => {
      const target = { kind: 'Organization', id: organizationId } as const
      const { standing } = await enterPermitted(tx, viewer, target, 'organization:roles')
      const others = await rolesOf(tx, organizationId, wanted.scope)
      const key = wantedKey ?? freeKey(others, wanted.name)
      const role = { ...wanted, id: newId(), key, level, description, builtIn: false }
      refuseRoleAbove(standing, role)
      refuseTakenNames(others, { key, name: wanted.name })
      await tx.role.create({ data: { ...role, organizationId }, select: { id: true } })
      const { id, builtIn: _builtIn, ...told } = role
      await appendEvents(tx, caller, [
        {
          organizationId,
          type: 'role.created',
          subject: { type: 'Role', id },
          changes: changesBetween({}, told),
        },
      ])
      return { roleId: id }
    }),
  )
}
