import type { Permission } from '../../access/permissions.ts'
import { can, organization, scopeOfRow } from '../../access/rules.ts'
import type { InputFields, ObjectFields } from '../../graphql/builder.ts'
import { errorType, VersionConflictType } from '../../graphql/errors.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { createRole } from './create-role.ts'
import { deleteRole } from './delete-role.ts'
import { RoleBuiltIn, RoleInUse, RoleKeyTaken, RoleNameTaken, RoleTooHigh } from './errors.ts'
import { visibleRoles } from './policy.ts'
import { AccessLevelEnum, PermissionEnum, Role, ScopeKindEnum } from './types.ts'
import { updateRole } from './update-role.ts'

export const RoleTooHighType = errorType(RoleTooHigh, {
  description:
    'A role that is touched here is above the own one of whoever asks. Only an owner touches an owner.',
  fields: (t) => ({
    role: t.exposeString('role', { description: 'The name of the role that is too high.' }),
  }),
})

const RoleBuiltInType = errorType(RoleBuiltIn, {
  description: 'The role comes with Atrium: such a role is never changed or deleted.',
  fields: (t) => ({ role: t.exposeString('role', { description: 'The name of the role.' }) }),
})

export const RoleKeyTakenType = errorType(RoleKeyTaken, {
  description:
    'Another role of the organization and scope answers to this key, in whatever case, as its key, name or alias.',
  fields: (t) => ({ key: t.exposeString('key', { description: 'The key that is taken.' }) }),
})

export const RoleNameTakenType = errorType(RoleNameTaken, {
  description:
    'Another role of the organization and scope answers to this name, in whatever case, as its key, name or alias.',
  fields: (t) => ({ name: t.exposeString('roleName', { description: 'The name that is taken.' }) }),
})

const RoleInUseType = errorType(RoleInUse, {
  description: 'The role is held or offered, so `reassignTo` has to say which role those people get.',
  fields: (t) => ({
    members: t.exposeInt('members', { description: 'How many grants name it.' }),
    invites: t.exposeInt('invites', { description: 'How many open invites offer it.' }),
  }),
})

/** The organization of a role that the viewer sees. */
const roleOrganization = scopeOfRow('Role', 'id', async (id, { db, viewer }) => {
  const role = await db.role.findUnique({
    where: { id, AND: [visibleRoles(viewer)] },
    select: { organizationId: true },
  })
  return role && { kind: 'Organization', id: role.organizationId }
})

const LEVEL = 'Null for an organization role that opens no workspace; an organization role has ADMIN at most.'
const PERMISSIONS =
  'Within the ceiling of the level: what the built-in role of that level has. Reading comes with every level.'

const rolePayload = (description: string) => ({
  description,
  fields: (t: ObjectFields<{ roleId: string }>) => ({
    role: t.field({
      type: Role,
      description: 'The role as it is now.',
      resolve: ({ roleId }, _args, context, info) => payloadRow(context, info, 'Role', roleId),
    }),
  }),
})

const describedFields = (t: InputFields) => ({
  description: t.string({ description: 'What it is for, at most 2,000 characters.' }),
  level: t.field({ type: AccessLevelEnum, description: `How far it reaches on workspaces. ${LEVEL}` }),
})

defineMutation({
  name: 'createRole',
  description:
    'Creates a custom role in an organization. Nobody creates a role above their own level, or with a permission that they lack.',
  gate: can('organization:roles', organization('organizationId')),
  input: (t) => ({
    organizationId: t.id({ required: true, description: 'Whose role.' }),
    scope: t.field({
      type: ScopeKindEnum,
      required: true,
      description: 'Whether it is held on the organization or on its workspaces. It stays so.',
    }),
    name: t.string({ required: true, description: '1 to 120 characters, unlike those of other roles.' }),
    key: t.string({
      description:
        'What inputs call it for ever: 2 to 48 letters, digits, hyphens and underscores. Absent, one is made from the name.',
    }),
    ...describedFields(t),
    permissions: t.field({ type: [PermissionEnum], required: true, description: PERMISSIONS }),
  }),
  errors: [RoleTooHighType, RoleKeyTakenType, RoleNameTakenType],
  resolve: (context, { organizationId, description, permissions, ...input }) =>
    createRole(context, {
      ...input,
      level: input.level ?? null,
      ...(description == null ? {} : { description }),
      permissions: permissions as Permission[],
      organizationId: idOf(organizationId, 'Organization'),
    }),
  payload: rolePayload('The role was created.'),
})

defineMutation({
  name: 'updateRole',
  description:
    'Changes the given fields of a custom role, and with them at once what everybody may do who holds it. Absent ones stay as they are. Nobody changes a role above their own, or one that somebody above them holds.',
  gate: can('organization:roles', roleOrganization),
  input: (t) => ({
    id: t.id({ required: true, description: 'Which role.' }),
    name: t.string({ description: '1 to 120 characters, unlike those of other roles.' }),
    ...describedFields(t),
    permissions: t.field({ type: [PermissionEnum], description: `All that it has then. ${PERMISSIONS}` }),
    expectedVersion: t.int({
      description: 'The `version` that was read: another one now is a VersionConflict.',
    }),
  }),
  errors: [RoleTooHighType, RoleBuiltInType, RoleNameTakenType, VersionConflictType],
  resolve: (context, { id, ...input }) =>
    updateRole(context, { ...input, roleId: idOf(id, 'Role') } as never),
  payload: rolePayload('The role was changed, or was like this already.'),
  changesViewer: () => true,
})

defineMutation({
  name: 'deleteRole',
  description:
    'Deletes a custom role; in the same transaction, who holds it and whom an open invite offers it gets another one.',
  gate: can('organization:roles', roleOrganization),
  input: (t) => ({
    id: t.id({ required: true, description: 'Which role.' }),
    reassignTo: t.string({
      description:
        'Key, name or alias of a role of the same scope, in any case. Needed when the role is held or offered.',
    }),
  }),
  errors: [RoleTooHighType, RoleBuiltInType, RoleInUseType],
  resolve: (context, { id, reassignTo }) =>
    deleteRole(context, { roleId: idOf(id, 'Role'), reassignTo: reassignTo ?? null }),
  payload: {
    description: 'The role was deleted.',
    fields: (t) => ({
      deletedRoleId: t.id({
        description: 'The id that it had.',
        resolve: ({ roleId }) => encodeId('Role', roleId),
      }),
      reassignedMembers: t.exposeInt('reassignedMembers', {
        description: 'How many grants name the other role now.',
      }),
      reassignedInvites: t.exposeInt('reassignedInvites', {
        description: 'How many open invites offer the other role now.',
      }),
    }),
  },
  changesViewer: () => true,
})
