import type { Standing } from '../../access/access.ts'
import { type Caller, signedIn } from '../../access/caller.ts'
import { limit } from '../../access/limit.ts'
import { permissionsOf, rankOf, type StoredRole } from '../../access/permissions.ts'
import { type Entered, enterScopeFor, mayGrant, type ScopeRef } from '../../access/standing.ts'
import { inSqlTransaction, type SqlTx } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { CodedError } from '../../platform/refusal.ts'
import { hashToken } from '../../platform/secrets.ts'
import { isSameEmail } from '../../platform/validation.ts'
import { type Grant, grantRole, grantsOf } from '../member/grant-role.ts'
import { verifyAddress } from '../member/verify-address.ts'
import { InviteUnavailable, WrongAccount } from './errors.ts'
import { type FoundInvite, findInvite, refuseClosed, scopeOfInvite } from './find-invite.ts'
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
  return inSqlTransaction(caller.sql, async (tx) => {
    const { scope, standing } = await enterInvited(tx, found)
    const { invite, present } = await inviteAndGrant(tx, found.id, scope, viewer.userId)
    if (invite.state === 'ACCEPTED' && invite.acceptedById === viewer.userId) return accepted(found)
    refuseClosed(invite, hashToken(token), caller.clock.now())
    // Somebody else may have sent it again meanwhile.
    const isSame = invite.invitedById === found.invitedById
    refuseWithdrawn(isSame ? standing : (await enterInvited(tx, invite)).standing, scope, invite.role)
    const count = await tx.$executeRaw`
      UPDATE invite SET state = 'ACCEPTED', accepted_by_id = ${viewer.userId}::uuid, updated_at = clock_timestamp()
      WHERE id = ${found.id}::uuid AND state = 'PENDING'`
    if (count === 0) throw new InviteUnavailable('USED')
    const events = [
      ...(viewer.emailVerified ? [] : await verifyAddress(tx, caller.env, viewer.userId)),
      inviteAccepted(found),
      ...(await join(tx, scope, viewer.userId, invite.role, present)),
    ]
    await appendEvents(tx, caller, events)
    return accepted(found)
  })
}

const accepted = ({ id, organizationId, workspaceId }: FoundInvite): AcceptedInvite => ({
  inviteId: id,
  organizationId,
  workspaceId,
})

/** Locks where an invite leads to, and reads where its inviter stands there: a deleted scope takes its invites with it. */
async function enterInvited(tx: SqlTx, invite: Invited): Promise<Entered> {
  try {
    return await enterScopeFor(tx, invite.invitedById, scopeOfInvite(invite))
  } catch (error) {
    if (error instanceof CodedError && error.code === 'NOT_FOUND') throw new InviteUnavailable('REVOKED')
    throw error
  }
}

type Invited = Pick<FoundInvite, 'organizationId' | 'workspaceId' | 'invitedById'>

interface InviteNow extends Invited, Pick<FoundInvite, 'state' | 'acceptedById' | 'tokenHash' | 'expiresAt'> {
  role: StoredRole
}

/** The invite and the own role of whoever accepts it, behind the lock. */
async function inviteAndGrant(
  tx: SqlTx,
  id: string,
  scope: ScopeRef,
  userId: string,
): Promise<{ invite: InviteNow; present: Grant | null }> {
  const [found] = await tx.$queryRaw<{ invite: InviteNow; present: Grant | null; expiresAt: Date }[]>`
    SELECT json_build_object('organizationId', i.organization_id, 'workspaceId', i.workspace_id, 'state', i.state,
        'invitedById', i.invited_by_id, 'acceptedById', i.accepted_by_id, 'tokenHash', i.token_hash,
        'role', (SELECT role_json(r) FROM role r WHERE r.id = i.role_id)) AS invite,
      i.expires_at AS "expiresAt",
      (SELECT json_build_object('id', g.id, 'role', role_json(r)) FROM ${grantsOf(scope, userId)}) AS present
    FROM invite i WHERE i.id = ${id}::uuid`
  if (!found) throw new InviteUnavailable('UNKNOWN')
  return { invite: { ...found.invite, expiresAt: found.expiresAt }, present: found.present }
}

/** The inviter has to stand as high now as when inviting (access.md, rule 2; lesson 4). */
function refuseWithdrawn(inviter: Standing | null, scope: ScopeRef, role: StoredRole): void {
  if (!inviter?.permissions.has(WRITE_INVITES[scope.kind]) || !mayGrant(inviter, role))
    throw new InviteUnavailable('WITHDRAWN')
}

const inviteAccepted = ({ id, organizationId, workspaceId }: FoundInvite): NewEvent => ({
  organizationId,
  workspaceId,
  type: 'invite.accepted',
  subject: { type: 'Invite', id },
  changes: { state: { before: 'PENDING', after: 'ACCEPTED' } },
})

/** Gives the invited role, unless the person has as high a one by now. */
async function join(
  tx: SqlTx,
  scope: ScopeRef,
  userId: string,
  role: StoredRole,
  present: Grant | null,
): Promise<NewEvent[]> {
  return !present || gains(present.role, role) ? grantRole(tx, scope, userId, role, present) : []
}

function gains(present: StoredRole, offered: StoredRole): boolean {
  if (present.level !== offered.level) return rankOf(offered.level) > rankOf(present.level)
  const held = permissionsOf(present)
  return [...permissionsOf(offered)].some((permission) => !held.has(permission))
}
