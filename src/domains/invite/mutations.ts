import { can, isAuthenticated, scope } from '../../access/rules.ts'
import { builder } from '../../graphql/builder.ts'
import { errorType } from '../../graphql/errors.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { scopeOf } from '../member/mutations.ts'
import { asScope, Scope } from '../member/scope.ts'
import { acceptInvite } from './accept-invite.ts'
import { createInvites, type InviteResult } from './create-invites.ts'
import { type InviteProblem, InviteUnavailable, WrongAccount } from './errors.ts'
import { Invite } from './types.ts'

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

const InviteUnavailableType = errorType(InviteUnavailable, {
  description: 'The invite can not be accepted, whoever asks.',
  fields: (t) => ({ reason: t.expose('reason', { type: InviteProblemEnum, description: 'Why not.' }) }),
})

const WrongAccountType = errorType(WrongAccount, {
  description: 'The invite is for another address than the one that is signed in.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The address that was invited.' }) }),
})

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
    'Invites 1 to 100 people to an organization or a workspace, each with an outcome of their own (M11).',
  gate: can({ Organization: 'organization:invites', Workspace: 'invite:write' }, scope('scopeId')),
  input: (t) => ({
    scopeId: t.id({ required: true, description: 'An organization or a workspace.' }),
    invites: t.field({ type: [InvitedPerson], required: true, description: '1 to 100 people, each once.' }),
    expiresInDays: t.int({ description: '1 to 30; absent, 7.' }),
  }),
  errors: [],
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
  name: 'acceptInvite',
  description:
    'Accepts an invite by the token of its mail, which verifies the address too (T2). Accepting again changes nothing and answers the same.',
  gate: isAuthenticated,
  input: (t) => ({ token: t.string({ required: true, description: 'The token of the mail.' }) }),
  changesViewer: true,
  errors: [InviteUnavailableType, WrongAccountType],
  resolve: (context, { token }) => acceptInvite(context, token),
  payload: {
    description: 'The viewer has the role now.',
    fields: (t) => ({
      invite: t.field({
        type: Invite,
        description: 'The invite that was accepted.',
        resolve: ({ inviteId }) => ({ id: inviteId }) as never,
      }),
      scope: t.field({
        type: Scope,
        description: 'Where the viewer has the role.',
        resolve: ({ organizationId, workspaceId }) =>
          workspaceId
            ? asScope('Workspace', { id: workspaceId })
            : asScope('Organization', { id: organizationId }),
      }),
    }),
  },
})
