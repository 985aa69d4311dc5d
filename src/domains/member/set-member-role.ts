import { type Caller, signedIn } from '../../access/caller.ts'
import { lockScope, permittedNow } from '../../access/standing.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { findRole } from '../role/find-role.ts'
import { refuseRoleAbove } from '../role/refuse-role-above.ts'
import { effectiveMember, findGrant, grantRole, roleScopeOf } from './grant-role.ts'
import { WRITE_MEMBERS } from './permission.ts'
import { refuseStranger } from './refuse-stranger.ts'

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
  return inTransaction(caller.db, async (tx) => {
    const scope = await lockScope(tx, input.scope)
    const standing = await permittedNow(tx, viewer, scope, WRITE_MEMBERS[scope.kind])
    const role = await findRole(tx, scope.organizationId, roleScopeOf(scope), input.role)
    const present = await findGrant(tx, scope, input.userId)
    await refuseStranger(tx, viewer, scope.organizationId, input.userId)
    refuseRoleAbove(standing, role, present?.role)
    await appendEvents(tx, caller, await grantRole(tx, scope, input.userId, role))
    return { memberId: await effectiveMember(tx, scope, input.userId) }
  })
}
