import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { invalidField } from '../../platform/refusal.ts'
import { NotAMember } from '../member/errors.ts'
import { effectiveMember, findGrant, grantRole } from '../member/grant-role.ts'
import { refuseStranger } from '../member/refuse-stranger.ts'
import { findRole } from '../role/find-role.ts'

/**
 * Makes a member the owner of an organization in the caller's stead (M13): in one transaction they become OWNER and the
 * caller ADMIN. Other owners stay. A platform administrator who is no owner only makes the member an owner.
 *
 * @throws {ValidationError} when the caller names themselves
 * @throws {NotAMember} when the person has no role in the organization
 * @throws {CodedError} NOT_FOUND for a person whom the caller can't see
 */
export async function transferOwnership(
  caller: Caller,
  { organizationId, userId }: { organizationId: string; userId: string },
): Promise<{ organizationId: string; memberId: string }> {
  const viewer = signedIn(caller)
  if (userId === viewer.userId)
    throw invalidField('userId', 'Name somebody else: ownership is transferred to another member.')
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Organization', id: organizationId } as const
    const { scope } = await enterPermitted(tx, viewer, target, 'organization:transfer')
    const present = await findGrant(tx, scope, userId)
    if (!present) {
      await refuseStranger(tx, viewer, organizationId, userId)
      throw new NotAMember()
    }
    const owner = await findRole(tx, organizationId, 'ORGANIZATION', 'OWNER')
    const events = await grantRole(tx, scope, userId, owner, present)
    const own = await findGrant(tx, scope, viewer.userId)
    if (own?.role.id === owner.id) {
      const admin = await findRole(tx, organizationId, 'ORGANIZATION', 'ADMIN')
      events.push(...(await grantRole(tx, scope, viewer.userId, admin, own)))
    }
    await appendEvents(tx, caller, events)
    return { organizationId, memberId: await effectiveMember(tx, scope, userId) }
  })
}
