import { type Caller, signedIn } from '../../access/caller.ts'
import { permittedNow } from '../../access/standing.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { removeJob } from '../../platform/jobs.ts'
import { refuseRoleAbove } from '../role/refuse-role-above.ts'
import { lockInvite, refuseSettled } from './find-invite.ts'
import { inviteMailKey } from './invite-mail.ts'
import { WRITE_INVITES } from './permission.ts'

/**
 * Takes an open or expired invite back (M11): its link is void, and a mail that still waits does not leave. Doing so twice
 * is as good as once.
 *
 * @throws {InviteUnavailable} when it was accepted or declined
 * @throws {RoleTooHigh} when its role is above the caller's own
 */
export async function revokeInvite(
  caller: Caller,
  { inviteId }: { inviteId: string },
): Promise<{ inviteId: string }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const { invite, scope } = await lockInvite(tx, inviteId)
    const standing = await permittedNow(tx, viewer, scope, WRITE_INVITES[scope.kind])
    refuseRoleAbove(standing, invite.role)
    if (invite.state === 'REVOKED') return { inviteId }
    refuseSettled(invite)
    await tx.invite.update({ where: { id: inviteId }, data: { state: 'REVOKED' }, select: { id: true } })
    await removeJob(tx, inviteMailKey(inviteId))
    await appendEvents(tx, caller, [
      {
        organizationId: scope.organizationId,
        workspaceId: invite.workspaceId,
        type: 'invite.revoked',
        subject: { type: 'Invite', id: inviteId },
        changes: { state: { before: 'PENDING', after: 'REVOKED' } },
      },
    ])
    return { inviteId }
  })
}
