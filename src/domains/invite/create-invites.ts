import { z } from 'zod'
import type { Standing } from '../../access/access.ts'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { mayBeInvited, onlyAllowedDomains } from '../../access/policies.ts'
import { mayGrant } from '../../access/standing.ts'
import type { Role } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { emailField, parseInput, refuseRepeated } from '../../platform/validation.ts'
import { findGrant, grantRole, roleScopeOf } from '../member/grant-role.ts'
import { findRoles } from '../role/find-role.ts'
import { refuseTooMany } from './invite-limits.ts'
import { WRITE_INVITES } from './permission.ts'
import { inviteEvent, lifetimeField, openInvite, type Sender, senderOf } from './send-invite.ts'

const input = z.object({
  invites: z
    .array(z.object({ email: emailField(), role: z.string() }))
    .min(1, 'Invite at least one person.')
    .max(100, 'At most 100 people can be invited at once.'),
  expiresInDays: lifetimeField,
})

export type InviteOutcome = 'INVITED' | 'ADDED' | 'RESENT' | 'ALREADY_MEMBER' | 'REFUSED'

/** What became of one address. */
export interface InviteResult {
  email: string
  outcome: InviteOutcome
  /** The invite that is open now; null where none was needed or made. */
  inviteId: string | null
  /** A sentence about the outcome. */
  message: string
}

/** All that the invites of one call have in common. */
interface Round extends Sender {
  standing: Standing
}

/**
 * Invites 1 to 100 people to an organization or a workspace (M11). Each address has an outcome of its own (lesson 12): a
 * member of the organization is added to the workspace at once, an open invite is renewed with a new token, and a role
 * above the caller's own is refused, as is an address whose domain the settings do not allow (S2).
 *
 * @throws {ValidationError} for an address or a role that does not exist; then nobody is invited
 * @throws {InviteLimitReached} when these are more than may be sent or open; then nobody is invited
 * @throws {CodedError} FORBIDDEN when the settings leave inviting to owners
 */
export async function createInvites(
  caller: Caller,
  {
    scope: target,
    ...fields
  }: { scope: { kind: 'Organization' | 'Workspace'; id: string } } & z.input<typeof input>,
): Promise<{ results: InviteResult[] }> {
  const viewer = signedIn(caller)
  const wanted = parseInput(input, fields)
  refuseRepeated(
    'invites',
    'email',
    wanted.invites.map(({ email }) => email),
  )
  return inTransaction(caller.db, async (tx) => {
    const { scope, standing } = await enterPermitted(tx, viewer, target, WRITE_INVITES[target.kind])
    const round: Round = {
      ...(await senderOf(tx, caller, viewer, scope, wanted.expiresInDays)),
      standing,
    }
    const roles = await findRoles(
      tx,
      scope.organizationId,
      roleScopeOf(scope),
      wanted.invites.map(({ role }, index) => ({ named: role, path: `invites.${index}.role` })),
    )
    const results: InviteResult[] = []
    const events: NewEvent[] = []
    for (const [index, { email }] of wanted.invites.entries()) {
      const { result, events: appended } = await inviteOne(round, email, roles[index] as Role)
      results.push(result)
      events.push(...appended)
    }
    const count = (outcome: InviteOutcome) => results.filter((result) => result.outcome === outcome).length
    await refuseTooMany(round, { opened: count('INVITED'), sent: count('INVITED') + count('RESENT') })
    await appendEvents(tx, caller, events)
    return { results }
  })
}

async function inviteOne(
  round: Round,
  email: string,
  role: Role,
): Promise<{ result: InviteResult; events: NewEvent[] }> {
  const { tx, scope, standing, policies } = round
  const answer = (outcome: InviteOutcome, message: string, inviteId: string | null = null) => ({
    email,
    outcome,
    message,
    inviteId,
  })
  if (!mayGrant(standing, role)) {
    return { result: answer('REFUSED', `The role ${role.name} is above your own here.`), events: [] }
  }
  if (!mayBeInvited(policies, email)) {
    return { result: answer('REFUSED', onlyAllowedDomains(policies)), events: [] }
  }
  const person = await tx.user.findUnique({
    where: { email },
    select: {
      id: true,
      memberships: { where: { organizationId: scope.organizationId }, select: { id: true } },
    },
  })
  const grant = person && (await findGrant(tx, scope, person.id))
  if (grant)
    return { result: answer('ALREADY_MEMBER', `${email} has the role ${grant.role.name} here.`), events: [] }
  if (person && person.memberships.length > 0) {
    const events = await grantRole(tx, scope, person.id, role, null)
    return { result: answer('ADDED', `${email} is in the organization and was added at once.`), events }
  }
  const { invite, renewed } = await openInvite(round, email, role)
  const outcome = renewed ? 'RESENT' : 'INVITED'
  const message = renewed
    ? `${email} gets a new mail; the link of the old one is void.`
    : `${email} gets a mail.`
  return { result: answer(outcome, message, invite.id), events: [inviteEvent(scope, invite, role, renewed)] }
}
