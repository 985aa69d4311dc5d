import { type Caller, signedIn } from '../../access/caller.ts'
import { limit } from '../../access/limit.ts'
import { permissionsOf, rankOf } from '../../access/permissions.ts'
import { mayGrant, type ScopeRef, standingNow } from '../../access/standing.ts'
import { loadViewer } from '../../access/viewer.ts'
import type { Role } from '../../generated/prisma/client.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { CodedError } from '../../platform/refusal.ts'
import { hashToken } from '../../platform/secrets.ts'
import { isSameEmail } from '../../platform/validation.ts'
import { findGrant, grantRole } from '../member/grant-role.ts'
import { verifyAddress } from '../member/verify-address.ts'
import { InviteUnavailable, WrongAccount } from './errors.ts'
import { type FoundInvite, findInvite, lockInvitedScope, refuseClosed } from './find-invite.ts'
import { WRITE_INVITES } from './permission.ts'

/** Which invite was accepted, and where it leads. */
export interface AcceptedInvite {
  inviteId: string
  organizationId: string
  workspaceId: string | null
}

/**
 * Accepts an invite by the token of its mail (M11). The token proves the mailbox, so it verifies the address too (T2).
 * Accepting once more is answered like the first time (lesson 13). Nobody's role is lowered by it.
 *
 * @throws {InviteUnavailable} for an invite that is unknown, expired, revoked, declined, used by somebody else, or given
 *   by somebody who may not give its role any more (access.md, rule 2)
 * @throws {WrongAccount} when the caller has another address
 * @throws {CodedError} RATE_LIMITED
 */
export async function acceptInvite(caller: Caller, token: string): Promise<AcceptedInvite> {
  const viewer = signedIn(caller)
  await limit(caller, 'invite', token)
  const found = await findInvite(caller, token)
  if (!isSameEmail(found.email, viewer.email)) throw new WrongAccount(found.email)
  return inTransaction(caller.db, async (tx) => {
    const scope = await lockInvitedScope(tx, found)
    const invite = await tx.invite.findUniqueOrThrow({ where: { id: found.id }, include: { role: true } })
    if (invite.state === 'ACCEPTED' && invite.acceptedById === viewer.userId) return accepted(invite)
    refuseClosed(invite, hashToken(token), caller.clock.now())
    await refuseWithdrawn(tx, invite, scope)
    const { count } = await tx.invite.updateMany({
      where: { id: invite.id, state: 'PENDING' },
      data: { state: 'ACCEPTED', acceptedById: viewer.userId },
    })
    if (count === 0) throw new InviteUnavailable('USED')
    const events = [
      ...(await verifyAddress(tx, caller.env, viewer.userId)),
      ...(await join(tx, scope, viewer.userId, invite)),
    ]
    await appendEvents(tx, caller, events)
    return accepted(invite)
  })
}

const accepted = ({ id, organizationId, workspaceId }: FoundInvite): AcceptedInvite => ({
  inviteId: id,
  organizationId,
  workspaceId,
})

/** The inviter has to stand as high now as when inviting (access.md, rule 2; lesson 4). */
async function refuseWithdrawn(tx: Tx, invite: FoundInvite, scope: ScopeRef): Promise<void> {
  const inviter = invite.invitedById && (await loadViewer(tx, invite.invitedById))
  const standing = inviter ? await standingNow(tx, inviter, scope).catch(absent) : null
  if (!standing?.permissions.has(WRITE_INVITES[scope.kind]) || !mayGrant(standing, invite.role))
    throw new InviteUnavailable('WITHDRAWN')
}

function absent(error: unknown): null {
  if (error instanceof CodedError && error.code === 'NOT_FOUND') return null
  throw error
}

/** Gives the invited role, unless the person has as high a one by now. */
async function join(tx: Tx, scope: ScopeRef, userId: string, invite: FoundInvite): Promise<NewEvent[]> {
  const present = await findGrant(tx, scope, userId)
  const granted =
    !present || gains(present.role, invite.role) ? await grantRole(tx, scope, userId, invite.role) : []
  return [
    {
      organizationId: scope.organizationId,
      workspaceId: invite.workspaceId,
      type: 'invite.accepted',
      subject: { type: 'Invite', id: invite.id },
      changes: { state: { before: 'PENDING', after: 'ACCEPTED' } },
    },
    ...granted,
  ]
}

function gains(present: Role, offered: Role): boolean {
  if (present.level !== offered.level) return rankOf(offered.level) > rankOf(present.level)
  const held = permissionsOf(present)
  return [...permissionsOf(offered)].some((permission) => !held.has(permission))
}
