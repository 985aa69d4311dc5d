import type { Caller } from '../../access/caller.ts'
import { lockScope, scopeOfInvite } from '../../access/standing.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { hashToken } from '../../platform/secrets.ts'
import { InviteUnavailable } from './errors.ts'
import { findInvite, orRevoked, refuseClosed } from './find-invite.ts'
import { type InvitePreview, previewInvite } from './preview-invite.ts'

/**
 * Declines an invite by the token of its mail (M11). The token proves the mailbox, so no account is needed: who does not
 * want to join need not sign up to say so. Declining once more is answered like the first time.
 *
 * @throws {InviteUnavailable} for an invite that is unknown, expired, revoked or accepted
 */
export async function declineInvite(caller: Caller, token: string): Promise<InvitePreview> {
  const found = await findInvite(caller, token)
  await inTransaction(caller.db, async (tx) => {
    const scope = await orRevoked(lockScope(tx, scopeOfInvite(found)))
    const invite = await tx.invite.findUniqueOrThrow({ where: { id: found.id }, include: { role: true } })
    // A newer mail may have replaced the token while this waited for the lock.
    if (invite.tokenHash !== hashToken(token)) throw new InviteUnavailable('UNKNOWN')
    if (invite.state === 'DECLINED') return
    refuseClosed(invite, caller.clock.now())
    await tx.invite.update({ where: { id: invite.id }, data: { state: 'DECLINED' }, select: { id: true } })
    await appendEvents(tx, caller, [
      {
        organizationId: scope.organizationId,
        workspaceId: invite.workspaceId,
        type: 'invite.declined',
        subject: { type: 'Invite', id: invite.id },
        changes: { state: { before: 'PENDING', after: 'DECLINED' } },
      },
    ])
  })
  return (await previewInvite(caller, token)) ?? missing()
}
