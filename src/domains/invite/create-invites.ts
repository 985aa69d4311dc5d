import { z } from 'zod'
import type { Standing } from '../../access/access.ts'
import { type Caller, signedIn } from '../../access/caller.ts'
import { mayBeInvited, type Policies, policiesOf } from '../../access/policies.ts'
import { lockScope, mayGrant, permittedNow, type ScopeRef } from '../../access/standing.ts'
import type { Invite, Role } from '../../generated/prisma/client.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { ValidationError } from '../../platform/refusal.ts'
import { hashToken, newToken } from '../../platform/secrets.ts'
import { emailField, parseInput } from '../../platform/validation.ts'
import { findGrant, grantRole } from '../member/grant-role.ts'
import { matchRole } from '../role/find-role.ts'
import { enqueueInviteMail } from './invite-mail.ts'

const input = z.object({
  invites: z
    .array(z.object({ email: emailField(), role: z.string() }))
    .min(1, 'Invite at least one person.')
    .max(100, 'At most 100 people can be invited at once.'),
  expiresInDays: z
    .number()
    .int()
    .min(1, 'An invite lasts at least 1 day.')
    .max(30, 'An invite lasts at most 30 days.')
    .nullish(),
})

const DEFAULT_DAYS = 7

/** The permission to invite to each kind of scope. */
export const INVITING = { Organization: 'organization:invites', Workspace: 'invite:write' } as const

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
interface Round {
  tx: Tx
  caller: Caller
  scope: ScopeRef
  standing: Standing
  inviter: { userId: string; name: string }
  names: { scopeName: string; organizationName: string }
  policies: Policies
  expiresAt: Date
}

/**
 * Invites 1 to 100 people to an organization or a workspace (M11). Each address has an outcome of its own (lesson 12): a
 * member of the organization is added to the workspace at once, an open invite is renewed with a new token, and a role
 * above the caller's own is refused, as is an address whose domain the settings do not allow (S2).
 *
 * @throws {ValidationError} for an address or a role that does not exist; then nobody is invited
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
  refuseRepeated(wanted.invites)
  return inTransaction(caller.db, async (tx) => {
    const scope = await lockScope(tx, target)
    const round: Round = {
      tx,
      caller,
      scope,
      standing: await permittedNow(tx, viewer, scope, INVITING[scope.kind]),
      inviter: viewer,
      ...(await placeOf(tx, scope)),
      expiresAt: new Date(caller.clock.now().getTime() + (wanted.expiresInDays ?? DEFAULT_DAYS) * 86_400_000),
    }
    const roles = await rolesFor(round, wanted.invites)
    const results: InviteResult[] = []
    const events: NewEvent[] = []
    for (const [index, { email }] of wanted.invites.entries()) {
      const { result, events: appended } = await inviteOne(round, email, roles[index] as Role)
      results.push(result)
      events.push(...appended)
    }
    await appendEvents(tx, caller, events)
    return { results }
  })
}

function refuseRepeated(invites: { email: string }[]): void {
  const issues = invites
    .map(({ email }, index) => ({ email, index, first: invites.findIndex((other) => other.email === email) }))
    .filter(({ index, first }) => first !== index)
    .map(({ email, index }) => ({
      path: `invites.${index}.email`,
      message: `${email} is in the list twice.`,
    }))
  if (issues.length > 0) throw new ValidationError(issues)
}

async function placeOf(tx: Tx, scope: ScopeRef): Promise<Pick<Round, 'names' | 'policies'>> {
  const { name, settings, workspaces } = await tx.organization.findUniqueOrThrow({
    where: { id: scope.organizationId },
    select: {
      name: true,
      settings: true,
      workspaces: { where: { id: scope.id }, select: { name: true, settings: true } },
    },
  })
  return {
    names: { organizationName: name, scopeName: workspaces[0]?.name ?? name },
    policies: policiesOf(settings, workspaces[0]?.settings),
  }
}

/** Every role that is asked for, by one query (lesson 6). */
async function rolesFor({ tx, scope }: Round, invites: { role: string }[]): Promise<Role[]> {
  const kind = scope.kind === 'Organization' ? 'ORGANIZATION' : 'WORKSPACE'
  const roles = await tx.role.findMany({ where: { organizationId: scope.organizationId, scope: kind } })
  const found = invites.map(({ role }) => matchRole(roles, role))
  const issues = invites.flatMap(({ role }, index) =>
    found[index]
      ? []
      : [
          {
            path: `invites.${index}.role`,
            message: `There is no ${kind.toLowerCase()} role "${role}". There is ${roles.map(({ key }) => key).join(', ')}.`,
          },
        ],
  )
  if (issues.length > 0) throw new ValidationError(issues)
  return found as Role[]
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
    const domains = policies.allowedEmailDomains.join(', ')
    return { result: answer('REFUSED', `Only addresses of ${domains} can be invited here.`), events: [] }
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
    const events = await grantRole(tx, scope, person.id, role)
    return { result: answer('ADDED', `${email} is in the organization and was added at once.`), events }
  }
  const { invite, renewed } = await openInvite(round, email, role)
  const outcome = renewed ? 'RESENT' : 'INVITED'
  const message = renewed
    ? `${email} gets a new mail; the link of the old one is void.`
    : `${email} gets a mail.`
  return { result: answer(outcome, message, invite.id), events: [inviteEvent(scope, invite, role, renewed)] }
}

/** Opens an invite, or renews the one that is open for this address: a new token, role and time (lesson 7). */
async function openInvite(
  { tx, caller, scope, inviter, names, expiresAt }: Round,
  email: string,
  role: Role,
): Promise<{ invite: Invite; renewed: boolean }> {
  const token = newToken()
  const workspaceId = scope.kind === 'Workspace' ? scope.id : null
  const fresh = { roleId: role.id, tokenHash: hashToken(token), invitedById: inviter.userId, expiresAt }
  const open = await tx.invite.findFirst({
    where: { organizationId: scope.organizationId, workspaceId, email, state: 'PENDING' },
    select: { id: true },
  })
  const invite = open
    ? await tx.invite.update({ where: { id: open.id }, data: fresh })
    : await tx.invite.create({
        data: {
          ...fresh,
          id: newId(),
          organizationId: scope.organizationId,
          workspaceId,
          email,
          roleScope: role.scope,
        },
      })
  await enqueueInviteMail(tx, caller, {
    ...names,
    email,
    token,
    expiresAt,
    roleName: role.name,
    inviterName: inviter.name,
  })
  return { invite, renewed: open !== null }
}

function inviteEvent(scope: ScopeRef, invite: Invite, role: Role, renewed: boolean): NewEvent {
  return {
    organizationId: scope.organizationId,
    workspaceId: invite.workspaceId,
    type: renewed ? 'invite.resent' : 'invite.created',
    subject: { type: 'Invite', id: invite.id },
    changes: {
      email: { after: invite.email },
      role: { after: role.key },
      expiresAt: { after: invite.expiresAt },
    },
  }
}
