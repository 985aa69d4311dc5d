import type { Standing } from '../../access/access.ts'
import { LEVELS, rankOf } from '../../access/permissions.ts'
import { lockScope, type ScopeRef } from '../../access/standing.ts'
import type { Role } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import { missing } from '../../platform/refusal.ts'
import { RoleBuiltIn, RoleTooHigh } from './errors.ts'

/**
 * Locks a role for a change: behind its organization's lock, which everybody takes who gives or evaluates a role. So
 * nobody is given a role as it was before.
 *
 * @throws {CodedError} NOT_FOUND when it is absent, or its organization is deleted
 * @throws {RoleBuiltIn}
 */
export async function lockCustomRole(tx: Tx, roleId: string): Promise<{ role: Role; scope: ScopeRef }> {
  const found = await tx.role.findUnique({ where: { id: roleId }, select: { organizationId: true } })
  if (!found) return missing()
  const scope = await lockScope(tx, { kind: 'Organization', id: found.organizationId })
  const role = (await tx.role.findUnique({ where: { id: roleId } })) ?? missing()
  if (role.builtIn) throw new RoleBuiltIn(role.name)
  return { role, scope }
}

/**
 * A change of a role touches everybody who holds it: one whose organization role is above the caller's own may hold a
 * workspace role beneath it (access.md, rule 2).
 *
 * @throws {RoleTooHigh} names the higher role
 */
export async function refuseHeldAbove(tx: Tx, standing: Standing, role: Role): Promise<void> {
  const above = LEVELS.filter((level) => rankOf(level) > rankOf(standing.level))
  if (above.length === 0) return
  const holder = await tx.workspaceMember.findFirst({
    where: {
      organizationId: role.organizationId,
      roleId: role.id,
      organizationMember: { role: { level: { in: above } } },
    },
    select: { organizationMember: { select: { role: { select: { name: true } } } } },
  })
  if (holder) throw new RoleTooHigh(holder.organizationMember.role.name)
}
