import { can, scope } from '../../access/rules.ts'
import { errorType } from '../../graphql/errors.ts'
import { encodeId, idOf, typedIdOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { AccessLevelEnum } from '../role/types.ts'
import { LastOwner, NotAMember, RoleTooHigh } from './errors.ts'
import { removeMember } from './remove-member.ts'
import { setMemberRole } from './set-member-role.ts'
import { Member } from './types.ts'

export const LastOwnerType = errorType(LastOwner, {
  description: 'The organization would be left without an owner (M12).',
})

export const RoleTooHighType = errorType(RoleTooHigh, {
  description:
    'A role that is touched here is above the own one of whoever asks. Only an owner touches an owner.',
  fields: (t) => ({
    role: t.exposeString('role', { description: 'The name of the role that is too high.' }),
  }),
})

export const NotAMemberType = errorType(NotAMember, {
  description:
    'The person has no role of their own in this scope. One that they inherit is changed in the organization.',
})

/** The kind and row id of a `scopeId`. */
export function scopeOf(scopeId: string): { kind: 'Organization' | 'Workspace'; id: string } {
  const { typename, id } = typedIdOf(scopeId, 'Organization', 'Workspace')
  return { kind: typename, id }
}

const writeMembers = can(
  { Organization: 'organization:members', Workspace: 'member:write' },
  scope('scopeId'),
)

defineMutation({
  name: 'setMemberRole',
  description: 'Gives a person a role in a scope, whether or not they have one there already (M4).',
  gate: writeMembers,
  input: (t) => ({
    scopeId: t.id({ required: true, description: 'An organization or a workspace.' }),
    userId: t.id({ required: true, description: 'Somebody who shares an organization with the viewer.' }),
    role: t.string({
      required: true,
      description: 'Key, name or alias of a role of this scope, in any case.',
    }),
  }),
  errors: [LastOwnerType, RoleTooHighType],
  resolve: (context, { scopeId, userId, role }) =>
    setMemberRole(context, { scope: scopeOf(scopeId), userId: idOf(userId, 'User'), role }),
  payload: {
    description: 'The role was given.',
    fields: (t) => ({
      member: t.field({
        type: Member,
        description: 'The row of the direct grant, or of the higher organization role that counts instead.',
        resolve: ({ scope, userId }, _args, { db }) =>
          db.member.findFirstOrThrow({
            where:
              scope.kind === 'Workspace'
                ? { userId, workspaceId: scope.id }
                : { userId, ofOrganizationId: scope.id },
          }) as never,
      }),
    }),
  },
})

defineMutation({
  name: 'removeMember',
  description:
    "Takes away a person's own role in a scope (M5). Removed from an organization they lose its workspaces too, at once.",
  gate: writeMembers,
  input: (t) => ({
    scopeId: t.id({ required: true, description: 'An organization or a workspace.' }),
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
        description:
          'What they may still do here by their role in the organization; null when nothing is left.',
      }),
    }),
  },
})
