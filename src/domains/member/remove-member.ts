import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import type { AccessLevel } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { refuseRoleAbove } from '../role/refuse-role-above.ts'
import { NotAMember } from './errors.ts'
import { findGrant, remainingAccess, removeGrant } from './grant-role.ts'
import { WRITE_MEMBERS } from './permission.ts'
import { refuseStranger } from './refuse-stranger.ts'

/**
 * Takes away a person's own role in a scope (M5). From an organization they lose every workspace with it (lesson 16).
 *
 * @returns what they may still do in this scope: on a workspace an organization role may remain
 * @throws {CodedError} NOT_FOUND for a person whom the caller can't see
 * @throws {NotAMember} when they have no role of their own here
 * @throws {RoleTooHigh} when their role is above the caller's own
 * @throws {LastOwner} when an organization would lose its last owner (M12)
 */
export async function removeMember(
  caller: Caller,
  input: { scope: { kind: 'Organization' | 'Workspace'; id: string }; userId: string },
): Promise<{ removedUserId: string; remainingAccess: AccessLevel | null }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const permission = WRITE_MEMBERS[input.scope.kind]
    const { scope, standing } = await enterPermitted(tx, viewer, input.scope, permission)
    const grant = await findGrant(tx, scope, input.userId)
    if (!grant) {
      await refuseStranger(tx, viewer, scope.organizationId, input.userId)
      throw new NotAMember()
    }
    refuseRoleAbove(standing, grant.role)
    await appendEvents(tx, caller, await removeGrant(tx, scope, grant, input.userId))
    return {
      removedUserId: input.userId,
      remainingAccess: await remainingAccess(tx, scope, input.userId),
    }
  })
}
