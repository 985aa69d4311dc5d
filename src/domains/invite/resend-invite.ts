import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { mayBeInvited, onlyAllowedDomains } from '../../access/policies.ts'
import { permittedNow } from '../../access/standing.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { invalidField } from '../../platform/refusal.ts'
import { parseInput } from '../../platform/validation.ts'
import { AlreadyMember } from '../member/errors.ts'
import { findGrant } from '../member/grant-role.ts'
import { refuseRoleAbove } from '../role/refuse-role-above.ts'
import { lockInvite, refuseSettled } from './find-invite.ts'
import { refuseTooMany } from './invite-limits.ts'
import { WRITE_INVITES } from './permission.ts'
import { inviteEvent, lifetimeField, renewInvite, senderOf } from './send-invite.ts'

const input = z.object({ expiresInDays: lifetimeField })

/**
 * Sends an open or expired invite again (M11): with a new token and time, so that the old link is void. Whoever resends it
 * answers for it from then on, in the stead of the one who sent it first.
 *
 * @throws {ValidationError} also when the settings do not allow its address any more (S2)
 * @throws {InviteUnavailable} when it was accepted, declined or revoked
 * @throws {AlreadyMember} when the person has a role of their own there by now
 * @throws {RoleTooHigh} when its role is above the caller's own
 * @throws {InviteLimitReached}
 */
export async function resendInvite(
  caller: Caller,
  { inviteId, ...fields }: { inviteId: string } & z.input<typeof input>,
): Promise<{ inviteId: string }> {
  const viewer = signedIn(caller)
  const { expiresInDays } = parseInput(input, fields)
  return inTransaction(caller.db, async (tx) => {
    const { invite, scope } = await lockInvite(tx, inviteId)
    const standing = await permittedNow(tx, viewer, scope, WRITE_INVITES[scope.kind])
    refuseSettled(invite)
    refuseRoleAbove(standing, invite.role)
    const holder = await holderOf(tx, invite.email)
    const present = holder && (await findGrant(tx, scope, holder.id))
    if (present) throw new AlreadyMember(present.role.name)
    const sender = await senderOf(tx, caller, viewer, scope, expiresInDays)
    if (!mayBeInvited(sender.policies, invite.email))
      throw invalidField('id', onlyAllowedDomains(sender.policies))
    const renewed = await renewInvite(sender, invite.id, invite.role)
    await refuseTooMany(sender, { opened: 1, sent: 1 })
    await appendEvents(tx, caller, [inviteEvent(scope, renewed, invite.role, true)])
    return { inviteId }
  })
}

const holderOf = (tx: Tx, email: string) => tx.user.findUnique({ where: { email }, select: { id: true } })
