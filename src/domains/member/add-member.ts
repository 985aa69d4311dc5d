import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import type { ScopeRef } from '../../access/standing.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { invalidField } from '../../platform/refusal.ts'
import { emailField, parseInput } from '../../platform/validation.ts'
import { findRole } from '../role/find-role.ts'
import { refuseRoleAbove } from '../role/refuse-role-above.ts'
import { AlreadyMember, UserNotFound } from './errors.ts'
import { effectiveMember, findGrant, grantRole, roleScopeOf } from './grant-role.ts'
import { WRITE_MEMBERS } from './permission.ts'
import { visibleMembers } from './policy.ts'
import { refuseStranger } from './refuse-stranger.ts'

const input = z.object({ email: emailField() })

export interface AddMemberInput {
  scope: { kind: 'Organization' | 'Workspace'; id: string }
  /** One of these two names the person. */
  userId?: string | null
  email?: string | null
  /** A role's key, name or alias. */
  role: string
}

/**
 * Gives a person their first own role in a scope (M3). An address finds people whom the caller sees among the members of
 * some scope; any other address is answered alike, whether it has an account or not.
 *
 * @returns the row that the members' list shows for them: of an organization role where that reaches higher
 * @throws {ValidationError} for an unknown role, and unless exactly one of `userId` and `email` is given
 * @throws {UserNotFound} for an address that belongs to nobody whom the caller sees
 * @throws {CodedError} NOT_FOUND for the id of a person whom the caller can't see
 * @throws {RoleTooHigh} when the role is above the caller's own
 * @throws {AlreadyMember} when they have a role of their own here
 */
export async function addMember(
  caller: Caller,
  { scope: target, userId, email, role: named }: AddMemberInput,
): Promise<{ memberId: string }> {
  const viewer = signedIn(caller)
  if ((userId == null) === (email == null))
    throw invalidField('userId', 'Name the person by `userId` or by `email`: exactly one of them.')
  const address = email == null ? null : parseInput(input, { email }).email
  return inTransaction(caller.db, async (tx) => {
    const { scope, standing } = await enterPermitted(tx, viewer, target, WRITE_MEMBERS[target.kind])
    const role = await findRole(tx, scope.organizationId, roleScopeOf(scope), named)
    const person = await findPerson(tx, viewer, scope, userId ?? null, address)
    refuseRoleAbove(standing, role)
    const present = await findGrant(tx, scope, person)
    if (present) throw new AlreadyMember(present.role.name)
    await appendEvents(tx, caller, await grantRole(tx, scope, person, role, null))
    return { memberId: await effectiveMember(tx, scope, person) }
  })
}

async function findPerson(
  tx: Tx,
  viewer: Viewer,
  { organizationId }: ScopeRef,
  userId: string | null,
  email: string | null,
): Promise<string> {
  if (userId !== null) {
    await refuseStranger(tx, viewer, organizationId, userId)
    return userId
  }
  const person = await tx.user.findFirst({
    where: { email: email ?? '', AND: [seenPeople(viewer, organizationId)] },
    select: { id: true },
  })
  if (!person) throw new UserNotFound(email ?? '')
  return person.id
}

/**
 * Whom the caller may find by address: to share an organization is not enough, because its plain members do not see who
 * else is in there. Invites tell no more: they add members of the organization, and say the same about everybody else.
 */
function seenPeople(viewer: Viewer, organizationId: string): Prisma.UserWhereInput {
  if (viewer.platformRole === 'ADMIN') return {}
  return {
    OR: [{ memberships: { some: { organizationId } } }, { members: { some: visibleMembers(viewer) } }],
  }
}
