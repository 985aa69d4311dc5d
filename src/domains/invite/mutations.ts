import { can, isAuthenticated, isPublic, scope, scopeOfRow } from '../../access/rules.ts'
import { scopeOfInvite } from '../../access/standing.ts'
import { membershipOf } from '../../access/viewer.ts'
import { builder, type ObjectFields } from '../../graphql/builder.ts'
import { errorType } from '../../graphql/errors.ts'
import { idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { AlreadyMemberType, scopeOf } from '../member/mutations.ts'
import { asScope, Scope } from '../member/scope.ts'
import { RoleTooHighType } from '../role/mutations.ts'
import { acceptInvite } from './accept-invite.ts'
import { createInvites, type InviteResult } from './create-invites.ts'
import { declineInvite } from './decline-invite.ts'
import {
  type InviteLimit,
  InviteLimitReached,
  type InviteProblem,
  InviteUnavailable,
  WrongAccount,
} from './errors.ts'
import { WRITE_INVITES } from './permission.ts'
import { visibleInvites } from './policy.ts'
import { resendInvite } from './resend-invite.ts'
import { revokeInvite } from './revoke-invite.ts'
import { Invite, InvitePreviewType } from './types.ts'

const InviteOutcomeEnum = builder.enumType('InviteOutcome', {
  description: 'What became of one address.',
  values: {
    INVITED: { description: 'A mail with an invite is on its way.' },
    ADDED: {
      description: 'The person is in the organization already, so they were added to the workspace at once.',
    },
    RESENT: {
      description: 'There was an open invite: it has a new mail, token, role and time; the old link is void.',
    },
    ALREADY_MEMBER: {
      description: 'The person has a role here. It was not changed: setMemberRole does that.',
    },
    REFUSED: {
      description:
        'The role is above the own one of whoever invites, or the settings do not allow addresses of this domain.',
    },
  } as const,
})

const InviteResultType = builder.objectRef<InviteResult>('InviteResult').implement({
  description: 'What became of one address.',
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The address, trimmed and in lower case.' }),
    outcome: t.expose('outcome', { type: InviteOutcomeEnum, description: 'What became of it.' }),
    message: t.exposeString('message', { description: 'The same as a sentence.' }),
    invite: t.field({
      type: Invite,
      nullable: true,
      description: 'The open invite; null where none was needed or made.',
      resolve: ({ inviteId }) => (inviteId === null ? null : ({ id: inviteId } as never)),
    }),
  }),
})

const InviteProblemEnum = builder.enumType('InviteProblem', {
  description: 'Why an invite can not be accepted.',
  values: {
    UNKNOWN: { description: 'No invite has this token, or a newer mail has replaced it.' },
    EXPIRED: { description: 'Its time is over.' },
    REVOKED: { description: 'It was taken back, or the place that it leads to is gone.' },
    DECLINED: { description: 'It was declined.' },
    USED: { description: 'Somebody has accepted it.' },
    WITHDRAWN: { description: 'Whoever sent it may not give this role any more.' },
  } satisfies Record<InviteProblem, { description: string }>,
})

export const InviteUnavailableType = errorType(InviteUnavailable, {
  description: 'The invite can not be accepted, whoever asks.',
  fields: (t) => ({ reason: t.expose('reason', { type: InviteProblemEnum, description: 'Why not.' }) }),
})

const WrongAccountType = errorType(WrongAccount, {
  description: 'The invite is for another address than the one that is signed in.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The address that was invited.' }) }),
})

const InviteLimitEnum = builder.enumType('InviteLimit', {
  description: 'What there can be only so many of.',
  values: {
    PER_HOUR: {
      description: 'Invites that one person sends in an hour, those that are sent again included.',
    },
    PENDING: { description: 'Open invites of an organization and its workspaces.' },
  } satisfies Record<InviteLimit, { description: string }>,
})

const InviteLimitReachedType = errorType(InviteLimitReached, {
  description: 'These are more invites than may be sent or open. None of them was sent.',
  fields: (t) => ({
    limit: t.expose('limit', { type: InviteLimitEnum, description: 'Of what there are too many.' }),
    most: t.exposeInt('most', { description: 'How many there can be.' }),
    retryAt: t.expose('retryAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When there is room again; null where invites have to be revoked first.',
    }),
  }),
})

/** Where an invite leads that the viewer sees. */
const invitedScope = scopeOfRow('Invite', 'id', async (id, { db, viewer }) => {
  const invite = await db.invite.findUnique({
    where: { id, AND: [visibleInvites(viewer)] },
    select: { organizationId: true, workspaceId: true },
  })
  return invite && scopeOfInvite(invite)
})

const invitePayload = (description: string) => ({
  description,
  fields: (t: ObjectFields<{ inviteId: string }>) => ({
    invite: t.field({
      type: Invite,
      description: 'The invite as it is now.',
      resolve: ({ inviteId }, _args, context, info) => payloadRow(context, info, 'Invite', inviteId),
    }),
  }),
})

const EXPIRES = '1 to 30; absent, 7.'

const InvitedPerson = builder.inputType('InvitedPerson', {
  description: 'One person to invite.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'Their address, in any case.' }),
    role: t.string({
      required: true,
      description: 'Key, name or alias of a role of this scope, in any case.',
    }),
  }),
})

defineMutation({
  name: 'createInvites',
  description:
    'Invites 1 to 100 people to an organization or a workspace, each with an outcome of their own.',
  gate: can(WRITE_INVITES, scope('scopeId')),
  input: (t) => ({
    scopeId: t.id({ required: true, description: 'An organization or a workspace.' }),
    invites: t.field({ type: [InvitedPerson], required: true, description: '1 to 100 people, each once.' }),
    expiresInDays: t.int({ description: EXPIRES }),
  }),
  errors: [InviteLimitReachedType],
  resolve: (context, { scopeId, ...input }) => createInvites(context, { scope: scopeOf(scopeId), ...input }),
  payload: {
    description: 'Every address has its outcome.',
    fields: (t) => ({
      results: t.field({
        type: [InviteResultType],
        description: 'One for each address, in the order of the input.',
        resolve: ({ results }) => results,
      }),
    }),
  },
})

defineMutation({
  name: 'resendInvite',
  description:
    'Sends an open or expired invite again, with a new token and time: the link of the older mail is void. The viewer answers for it from then on.',
  gate: can(WRITE_INVITES, invitedScope),
  input: (t) => ({
    id: t.id({ required: true, description: 'Which invite.' }),
    expiresInDays: t.int({ description: EXPIRES }),
  }),
  errors: [InviteUnavailableType, AlreadyMemberType, RoleTooHighType, InviteLimitReachedType],
  resolve: (context, { id, ...input }) => resendInvite(context, { ...input, inviteId: idOf(id, 'Invite') }),
  payload: invitePayload('A new mail is on its way.'),
})

defineMutation({
  name: 'revokeInvite',
  description:
    'Takes an open or expired invite back, so that its link is void. Revoking again changes nothing and answers the same.',
  gate: can(WRITE_INVITES, invitedScope),
  input: (t) => ({ id: t.id({ required: true, description: 'Which invite.' }) }),
  errors: [InviteUnavailableType, RoleTooHighType],
  resolve: (context, { id }) => revokeInvite(context, { inviteId: idOf(id, 'Invite') }),
  payload: invitePayload('The invite was revoked.'),
})

defineMutation({
  name: 'declineInvite',
  description:
    'Declines an invite by the token of its mail, without signing in: nobody needs an account to say no. Declining again changes nothing and answers the same.',
  gate: isPublic,
  input: (t) => ({ token: t.string({ required: true, description: 'The token of the mail.' }) }),
  errors: [InviteUnavailableType],
  resolve: (context, { token }) => declineInvite(context, token).then((preview) => ({ preview })),
  payload: {
    description: 'The invite was declined.',
    fields: (t) => ({
      invite: t.field({
        type: InvitePreviewType,
        description: 'What the holder of the token may know of it.',
        resolve: ({ preview }) => preview,
      }),
    }),
  },
})

defineMutation({
  name: 'acceptInvite',
  description:
    'Accepts an invite by the token of its mail, which verifies the address too. Accepting again changes nothing and answers the same.',
  gate: isAuthenticated,
  input: (t) => ({ token: t.string({ required: true, description: 'The token of the mail.' }) }),
  // An address that is verified by it, and what a token may do, are looked up; where they have joined is known.
  changesViewer: ({ viewer }) => !viewer?.emailVerified || viewer.accessToken !== null,
  errors: [InviteUnavailableType, WrongAccountType],
  resolve: async (context, { token }) => {
    const accepted = await acceptInvite(context, token)
    const { organizationId, membership } = accepted
    const { viewer } = context
    if (viewer && membership) {
      const organizations = new Map(viewer.organizations).set(organizationId, membershipOf(membership))
      context.viewer = { ...viewer, organizations }
    }
    return accepted
  },
  payload: {
    description: 'The viewer has the role now.',
    fields: (t) => ({
      invite: t.field({
        type: Invite,
        description: 'The invite that was accepted.',
        resolve: ({ inviteId }, _args, context, info) => payloadRow(context, info, 'Invite', inviteId),
      }),
      scope: t.field({
        type: Scope,
        description: 'Where the viewer has the role.',
        resolve: async ({ organizationId, workspaceId }, _args, context, info) => {
          const kind = workspaceId ? 'Workspace' : 'Organization'
          return asScope(kind, await payloadRow(context, info, kind, workspaceId ?? organizationId))
        },
      }),
    }),
  },
})
