import { listedMember } from '../../access/access.ts'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterMembers } from '../../access/enter.ts'
import { inSqlTransaction, WriteConflict } from '../../platform/db.ts'
import { writeAll, writeAndAppend } from '../../platform/events.ts'
import { notFound } from '../../platform/refusal.ts'
import { namedRole } from '../role/find-role.ts'
import { refuseRoleAbove } from '../role/refuse-role-above.ts'
import { grantsOf, refuseLastOwner, roleScopeOf } from './grant-role.ts'
import { WRITE_MEMBERS } from './permission.ts'

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
    const permission = WRITE_MEMBERS[input.scope.kind]
    const entered = await enterMembers(tx, viewer, input.scope, permission, input.userId)
    const { scope, standing, roles, membership, grant: present } = entered
    const role = namedRole(roles, roleScopeOf(scope), input.role)
    if (!entered.isKnown) throw notFound()
    refuseRoleAbove(standing, role, present?.role)
    const given = grantsOf(scope, input.userId, role, entered)
    if (given.length > 0) {
      const write = writeAll(given.map(({ statement }) => statement))
      const events = given.map(({ event }) => event)
      // They have joined meanwhile, by another workspace: the next attempt sees it.
      if (!(await writeAndAppend(tx, write, caller, events))) throw new WriteConflict()
      if (present && scope.kind === 'Organization') await refuseLastOwner(tx, scope.id)
    }
    const id = given.at(-1)?.id ?? present?.id ?? ''
    return { memberId: scope.kind === 'Organization' ? id : listedMember(scope.id, { id, role }, membership) }
  })
}
