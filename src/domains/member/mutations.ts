import { can, scope } from '../../access/rules.ts'
import { builder, type ObjectFields } from '../../graphql/builder.ts'
import { errorType } from '../../graphql/errors.ts'
import { encodeId, idOf, typedIdOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { RoleTooHighType } from '../role/mutations.ts'
import { AccessLevelEnum } from '../role/types.ts'
import { addMember } from './add-member.ts'
import { AlreadyMember, LastOwner, NotAMember, UserNotFound } from './errors.ts'
import { leave } from './leave.ts'
import { WRITE_MEMBERS } from './permission.ts'
import { removeMember } from './remove-member.ts'
import { setMemberRole } from './set-member-role.ts'
import { type MemberRoleResult, setMemberRoles } from './set-member-roles.ts'
import { Member } from './types.ts'

export const LastOwnerType = errorType(LastOwner, {
  description: 'The organization would be left without an owner.',
})

export const NotAMemberType = errorType(NotAMember, {
  description:
    'The person has no role of their own in this scope. One that they inherit is changed in the organization.',
})

export const AlreadyMemberType = errorType(AlreadyMember, {
  description: 'The person has a role of their own in this scope: `setMemberRole` changes it.',
  fields: (t) => ({ role: t.exposeString('role', { description: 'The name of that role.' }) }),
})

const UserNotFoundType = errorType(UserNotFound, {
  description:
    'The address belongs to nobody whom the viewer sees among the members of some scope. Whether it has an account is not told: `createInvites` takes any address.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The address, in lower case.' }) }),
})

/** The kind and row id of a `scopeId`. */
export function scopeOf(scopeId: string): { kind: 'Organization' | 'Workspace'; id: string } {
  const { typename, id } = typedIdOf(scopeId, 'Organization', 'Workspace')
  return { kind: typename, id }
}

const writeMembers = can(WRITE_MEMBERS, scope('scopeId'))

const SCOPE_ID = 'An organization or a workspace.'
const ROLE = 'Key, name or alias of a role of this scope, in any case.'
const KNOWN_PERSON = 'Somebody who shares an organization with the viewer.'

const memberPayload = (description: string) => ({
  description,
  fields: (t: ObjectFields<{ memberId: string }>) => ({
    member: t.field({
      type: Member,
      description: 'The row of the direct grant, or of the higher organization role that counts instead.',
      resolve: ({ memberId }, _args, context, info) => payloadRow(context, info, 'Member', memberId),
    }),
  }),
})

defineMutation({
  name: 'addMember',
  description:
    'Gives a person whom the viewer knows their first own role in a scope. Strangers are invited: they decide themselves.',
  gate: writeMembers,
  input: (t) => ({
    scopeId: t.id({ required: true, description: SCOPE_ID }),
    userId: t.id({ description: `${KNOWN_PERSON} Exactly one of \`userId\` and \`email\` is given.` }),
    email: t.string({
      description:
        'The address of somebody in the organization, or among members that the viewer sees elsewhere, in any case.',
    }),
    role: t.string({ required: true, description: ROLE }),
  }),
  errors: [AlreadyMemberType, UserNotFoundType, RoleTooHighType],
  resolve: (context, { scopeId, userId, email, role }) =>
    addMember(context, {
      scope: scopeOf(scopeId),
      userId: userId == null ? null : idOf(userId, 'User'),
      email: email ?? null,
      role,
    }),
  payload: memberPayload('The person was added.'),
  changesViewer: () => true,
})

defineMutation({
  name: 'setMemberRole',
  description: 'Gives a person a role in a scope, whether or not they have one there already.',
  gate: writeMembers,
  input: (t) => ({
    scopeId: t.id({ required: true, description: SCOPE_ID }),
    userId: t.id({ required: true, description: KNOWN_PERSON }),
    role: t.string({ required: true, description: ROLE }),
  }),
  errors: [LastOwnerType, RoleTooHighType],
  resolve: (context, { scopeId, userId, role }) =>
    setMemberRole(context, { scope: scopeOf(scopeId), userId: idOf(userId, 'User'), role }),
  payload: memberPayload('The role was given.'),
  changesViewer: ({ viewer }, { userId }) => idOf(userId, 'User') === viewer?.userId,
})

const MemberRoleOutcomeEnum = builder.enumType('MemberRoleOutcome', {
  description: 'What became of one person.',
  values: {
    ADDED: { description: 'They had no role of their own here, and have this one now.' },
    CHANGED: { description: 'They had another role, and have this one now.' },
    UNCHANGED: { description: 'They had this role already.' },
    REFUSED: {
      description:
        'Nothing was changed: a role is above the own one of whoever asks, the organization would lose its last owner, or there is no such person.',
    },
  } as const,
})

const MemberRoleResultType = builder.objectRef<MemberRoleResult>('MemberRoleResult').implement({
  description: 'What became of one person.',
  fields: (t) => ({
    userId: t.id({ description: 'Who.', resolve: ({ userId }) => encodeId('User', userId) }),
    outcome: t.expose('outcome', { type: MemberRoleOutcomeEnum, description: 'What became of them.' }),
    message: t.exposeString('message', { description: 'The same as a sentence.' }),
    member: t.field({
      type: Member,
      nullable: true,
      description:
        'The row of the direct grant, or of the higher organization role that counts instead; null where they were refused.',
      resolve: ({ memberId }) => (memberId === null ? null : ({ id: memberId } as never)),
    }),
  }),
})

const MemberRoleInput = builder.inputType('MemberRoleInput', {
  description: 'One person and their role.',
  fields: (t) => ({
    userId: t.id({ required: true, description: KNOWN_PERSON }),
    role: t.string({ required: true, description: ROLE }),
  }),
})

defineMutation({
  name: 'setMemberRoles',
  description:
    'Gives 1 to 100 people a role in a scope, in one transaction: all that is allowed is done, and each person has an outcome of their own. Who becomes an owner does so before somebody else stops being one.',
  gate: writeMembers,
  input: (t) => ({
    scopeId: t.id({ required: true, description: SCOPE_ID }),
    members: t.field({ type: [MemberRoleInput], required: true, description: '1 to 100 people, each once.' }),
  }),
  errors: [],
  resolve: (context, { scopeId, members }) =>
    setMemberRoles(context, {
      scope: scopeOf(scopeId),
      members: members.map(({ userId, role }) => ({ userId: idOf(userId, 'User'), role })),
    }),
  payload: {
    description: 'Every person has their outcome.',
    fields: (t) => ({
      results: t.field({
        type: [MemberRoleResultType],
        description: 'One for each person, in the order of the input.',
        resolve: ({ results }) => results,
      }),
    }),
  },
  changesViewer: () => true,
})

const REMAINING =
  'What is left here by their role in the organization; null when nothing is, and always for an organization.'

defineMutation({
  name: 'removeMember',
  description:
    "Takes away a person's own role in a scope. Removed from an organization they lose its workspaces too, at once.",
  gate: writeMembers,
  input: (t) => ({
    scopeId: t.id({ required: true, description: SCOPE_ID }),
    userId: t.id({ required: true, description: 'Whose role.' }),
  }),
  errors: [LastOwnerType, RoleTooHighType, NotAMemberType],
  resolve: (context, { scopeId, userId }) =>
    removeMember(context, { scope: scopeOf(scopeId), userId: idOf(userId, 'User') }),
  payload: {
    description: 'The role was taken away.',
    fields: (t) => ({
      removedUserId: t.id({
        description: 'Whose role it was.',
        resolve: ({ removedUserId }) => encodeId('User', removedUserId),
      }),
      remainingAccess: t.expose('remainingAccess', {
        type: AccessLevelEnum,
        nullable: true,
        description: REMAINING,
      }),
    }),
  },
  changesViewer: () => true,
})

defineMutation({
  name: 'leave',
  description:
    "Gives up the viewer's own role in a scope. Who leaves an organization leaves its workspaces too.",
  gate: can({ Organization: 'organization:read', Workspace: 'workspace:read' }, scope('scopeId')),
  input: (t) => ({ scopeId: t.id({ required: true, description: SCOPE_ID }) }),
  errors: [LastOwnerType, NotAMemberType],
  resolve: (context, { scopeId }) => leave(context, { scope: scopeOf(scopeId) }),
  payload: {
    description: 'The viewer has left.',
    fields: (t) => ({
      leftScopeId: t.id({
        description: 'What the viewer has left.',
        resolve: ({ scope }) => encodeId(scope.kind, scope.id),
      }),
      remainingAccess: t.expose('remainingAccess', {
        type: AccessLevelEnum,
        nullable: true,
        description: REMAINING,
      }),
    }),
  },
  changesViewer: () => true,
})
