import { type Caller, signedIn } from '../../access/caller.ts'
import type { StoredRole } from '../../access/permissions.ts'
import { enterPermitted, type ScopeRef } from '../../access/standing.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { inSqlTransaction, type SqlTx } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { notFound } from '../../platform/refusal.ts'
import { namedRole, rolesIn } from '../role/find-role.ts'
import { refuseRoleAbove } from '../role/refuse-role-above.ts'
import { effectiveMember, type Grant, grantRole, grantsOf, roleScopeOf } from './grant-role.ts'
import { WRITE_MEMBERS } from './permission.ts'
import { isKnownTo } from './refuse-stranger.ts'

export interface SetMemberRoleInput {
  scope: { kind: 'Organization' | 'Workspace'; id: string }
  userId: string
  /** A role's key, name or alias. */
  role: string
}

/**
 * Gives a person a role in a scope, whether or not they have one there already (M4).
 *
 * @returns the row that the members' list shows for them: of an organization role where that reaches higher
 * @throws {ValidationError} for an unknown role
 * @throws {CodedError} NOT_FOUND for a person whom the caller can't see
 * @throws {RoleTooHigh} when the new role or the present one is above the caller's own
 * @throws {LastOwner} when an organization would lose its last owner (M12)
 */
export async function setMemberRole(
  caller: Caller,
  input: SetMemberRoleInput,
): Promise<{ memberId: string }> {
  const viewer = signedIn(caller)
  return inSqlTransaction(caller.sql, async (tx) => {
    const { scope, standing } = await enterPermitted(tx, viewer, input.scope, WRITE_MEMBERS[input.scope.kind])
    const known = isKnownTo(viewer, scope.organizationId, input.userId)
    const { roles, present, isKnown } = await rolesAndGrant(tx, scope, input.userId, known)
    const role = namedRole(roles, roleScopeOf(scope), input.role)
    if (!isKnown) throw notFound()
    refuseRoleAbove(standing, role, present?.role)
    await appendEvents(tx, caller, await grantRole(tx, scope, input.userId, role, present))
    return { memberId: await effectiveMember(tx, scope, input.userId) }
  })
}

async function rolesAndGrant(
  tx: SqlTx,
  scope: ScopeRef,
  userId: string,
  known: Prisma.Sql,
): Promise<{ roles: StoredRole[]; present: Grant | null; isKnown: boolean }> {
  const [found] = await tx.$queryRaw<
    { about: { roles: StoredRole[]; present: Grant | null; isKnown: boolean } }[]
  >`
    SELECT json_build_object(
      'roles', ${rolesIn(scope.organizationId, roleScopeOf(scope))},
      'present', (SELECT json_build_object('id', g.id, 'role', role_json(r)) FROM ${grantsOf(scope, userId)}),
      'isKnown', ${known}) AS about`
  return found?.about ?? { roles: [], present: null, isKnown: false }
}
