import { type Caller, signedIn } from '../../access/caller.ts'
import { type Decision, decided, decideIn } from '../../access/decide.ts'
import { type EnteredInvite, enterInvite } from '../../access/enter.ts'
import { limit } from '../../access/limit.ts'
import { permissionsOf, rankOf, type StoredRole } from '../../access/permissions.ts'
import { mayGrant } from '../../access/standing.ts'
import type { MembershipRow } from '../../access/viewer.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { inSqlTransaction, type SqlTx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'
import { hashToken } from '../../platform/secrets.ts'
import { isSameEmail } from '../../platform/validation.ts'
import type { Write } from '../../platform/write-together.ts'
import { grantsOf } from '../member/grant-role.ts'
import { verifyAddress } from '../member/verify-address.ts'
import { InviteUnavailable, WrongAccount } from './errors.ts'
import { orRevoked, refuseClosed } from './find-invite.ts'
import { WRITE_INVITES } from './permission.ts'

/** Which invite was accepted, and where it leads. */
export interface AcceptedInvite {
  inviteId: string
  organizationId: string
  workspaceId: string | null
  /** What they have in the organization from here on; null when they have left it since. */
  membership: MembershipRow | null
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
  const { clock, sql, requestId } = caller
  if (!viewer.emailVerified)
    return inSqlTransaction(sql, (tx) => acceptInviteIn(tx, caller, { token, person: viewer, requestId }))
  const entering = enterInvite(hashToken(token), viewer.userId)
  return orRevoked(decided(caller, entering, (entered) => acceptanceOf(clock.now(), viewer, entered)))
}

/** The token of an invite, and who accepts it. */
export interface Acceptance {
  token: string
  person: { userId: string; email: string; emailVerified: boolean }
  requestId: string | null
  /** What has happened in this transaction before: it is appended with the rest. */
  before?: NewEvent[]
}

/**
 * {@link acceptInvite} inside of a transaction that the caller has opened, as its last step: who signs up by an invite
 * accepts it in the same one.
 *
 * @throws {InviteUnavailable}
 * @throws {WrongAccount}
 */
export async function acceptInviteIn(
  tx: SqlTx,
  { clock, env }: Pick<Caller, 'clock' | 'env'>,
  { token, person, requestId, before = [] }: Acceptance,
): Promise<AcceptedInvite> {
  const { userId } = person
  const decide = async (entered: EnteredInvite | null) => {
    const { events, ...decision } = acceptanceOf(clock.now(), person, entered)
    if (decision.writes.length === 0) return { events, ...decision }
    const verified = person.emailVerified ? [] : await verifyAddress(tx, env, userId)
    return { ...decision, events: [...before, ...verified, ...events] }
  }
  return orRevoked(
    decideIn(tx, { viewer: { userId }, requestId }, enterInvite(hashToken(token), userId), decide),
  )
}

function acceptanceOf(
  now: Date,
  { userId, email }: Acceptance['person'],
  entered: EnteredInvite | null,
): Decision<AcceptedInvite> {
  if (!entered) throw new InviteUnavailable('UNKNOWN')
  const { scope, invite, grant: present } = entered
  if (!isSameEmail(invite.email, email)) throw new WrongAccount(invite.email)
  const { id: inviteId, organizationId, workspaceId } = invite
  const answered = (membership: EnteredInvite['membership']): AcceptedInvite => ({
    inviteId,
    organizationId,
    workspaceId,
    membership: membership && { ...membership, organization: entered.organization },
  })
  if (invite.state === 'ACCEPTED' && invite.acceptedById === userId)
    return { answer: answered(entered.membership), writes: [], events: [] }
  refuseClosed(invite, now)
  refuseWithdrawn(entered)
  // Nobody's role is lowered by it.
  const isHigher = !present || gains(present.role, invite.role)
  const given = isHigher ? grantsOf(scope, userId, invite.role, entered) : []
  const [inOrganization] = scope.kind === 'Organization' || !entered.membership ? given : []
  const role = scope.kind === 'Organization' ? invite.role : entered.plainRole
  return {
    answer: answered(inOrganization ? { id: inOrganization.id, role } : entered.membership),
    writes: [closing(invite, entered.inviterId, userId), ...given],
    events: [inviteAccepted(invite), ...given.map(({ event }) => event)],
  }
}

/** Nobody has taken it, and nobody else answers for it by now. */
const closing = (
  { id, tokenHash }: EnteredInvite['invite'],
  inviterId: string | null,
  userId: string,
): Write => ({
  id,
  statement: (from) => Prisma.sql`
    UPDATE invite i SET state = 'ACCEPTED', accepted_by_id = ${userId}::uuid, updated_at = clock_timestamp()
    FROM ${from}
    WHERE i.id = ${id}::uuid AND i.state = 'PENDING' AND i.token_hash = ${tokenHash}
      AND i.invited_by_id IS NOT DISTINCT FROM ${inviterId}::uuid
    RETURNING i.id`,
})

/** The inviter has to stand as high now as when inviting (access.md, rule 2; lesson 4). */
function refuseWithdrawn({ standing: inviter, scope, invite }: EnteredInvite): void {
  if (!inviter?.permissions.has(WRITE_INVITES[scope.kind]) || !mayGrant(inviter, invite.role))
    throw new InviteUnavailable('WITHDRAWN')
}

const inviteAccepted = ({ id, organizationId, workspaceId }: EnteredInvite['invite']): NewEvent => ({
  organizationId,
  workspaceId,
  type: 'invite.accepted',
  subject: { type: 'Invite', id },
  changes: { state: { before: 'PENDING', after: 'ACCEPTED' } },
})

function gains(present: StoredRole, offered: StoredRole): boolean {
  if (present.level !== offered.level) return rankOf(offered.level) > rankOf(present.level)
  const held = permissionsOf(present)
  return [...permissionsOf(offered)].some((permission) => !held.has(permission))
}
