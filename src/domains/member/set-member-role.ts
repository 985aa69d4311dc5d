import { listedMember } from '../../access/access.ts'
import { type Caller, signedIn } from '../../access/caller.ts'
import { decided } from '../../access/decide.ts'
import { enterMembers } from '../../access/enter.ts'
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
  const entering = enterMembers(signedIn(caller), input.scope, WRITE_MEMBERS[input.scope.kind], input.userId)
  return decided(caller, entering, (entered) => {
    const { scope, standing, roles, membership, grant: present } = entered
    const role = namedRole(roles, roleScopeOf(scope), input.role)
    if (!entered.isKnown) throw notFound()
    refuseRoleAbove(standing, role, present?.role)
    const given = grantsOf(scope, input.userId, role, entered)
    const id = given.at(-1)?.id ?? present?.id ?? ''
    const memberId = scope.kind === 'Organization' ? id : listedMember(scope.id, { id, role }, membership)
    const isOwner = scope.kind === 'Organization' && present?.role.level === 'OWNER'
    return {
      answer: { memberId },
      writes: given,
      events: given.map(({ event }) => event),
      ...(isOwner ? { check: (tx) => refuseLastOwner(tx, scope.id) } : {}),
    }
  })
}
