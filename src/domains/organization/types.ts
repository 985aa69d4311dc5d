import { isVerified } from '../../access/rules.ts'
import { withinScopes } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection, relationList } from '../../graphql/connection.ts'
import { idOf } from '../../graphql/ids.ts'
import { forbidden, missing } from '../../platform/refusal.ts'
import { memberList } from '../member/list.ts'
import { visibleMembers } from '../member/policy.ts'
import { ownMember, Scope, scopeDescriptions, viewerAccess, viewerPermissions } from '../member/scope.ts'
import { Member, MemberConnection } from '../member/types.ts'
import { roleList } from '../role/list.ts'
import { visibleRoles } from '../role/policy.ts'
import { AccessLevelEnum, PermissionEnum, Role, RoleConnection } from '../role/types.ts'
import { visibleOrganizations } from './policy.ts'

export const Organization = builder.prismaNode('Organization', {
  description: 'A tenant: its people, their roles, and its workspaces.',
  id: { field: 'id', description: 'Opaque id.' },
  interfaces: [Scope],
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleOrganizations(viewer)] }),
  select: { id: true, createdAt: true, deletedAt: true },
  fields: (t) => ({
    slug: t.exposeString('slug', { description: 'Its name in links, unique in this instance.' }),
    name: t.exposeString('name', { description: scopeDescriptions.name }),
    version: t.exposeInt('version', {
      description: 'Grows with each change: give it back as `expectedVersion`.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted; null while it is in use. Only `admin` shows deleted ones.',
    }),
    purgeAt: t.expose('purgeAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it goes for good, and its slug is free again; null while it is in use.',
    }),
    createdBy: t.relation('createdBy', {
      nullable: true,
      description: 'Who created it; null when that person was deleted.',
    }),
    viewerRole: t.field({
      type: Role,
      nullable: true,
      description: scopeDescriptions.viewerRole,
      select: (_args, context, nested) => ({
        viewerMembers: { ...ownMember(context), select: { role: nested(true) } },
      }),
      resolve: ({ viewerMembers }) => viewerMembers[0]?.role ?? null,
    }),
    viewerAccess: t.field({
      type: AccessLevelEnum,
      nullable: true,
      description: scopeDescriptions.viewerAccess,
      resolve: (row, _args, context) => viewerAccess('Organization', row, context),
    }),
    viewerPermissions: t.field({
      type: [PermissionEnum],
      description: scopeDescriptions.viewerPermissions,
      resolve: (row, _args, context) => viewerPermissions('Organization', row, context),
    }),
    viewerMember: t.field({
      type: Member,
      nullable: true,
      description: scopeDescriptions.viewerMember,
      select: (_args, context, nested) => ({ viewerMembers: nested(ownMember(context)) }),
      resolve: ({ viewerMembers }) => viewerMembers[0] ?? null,
    }),
    members: t.field(
      relationList('Organization.members', 'members', {
        type: MemberConnection,
        list: memberList,
        description:
          'Everybody in the organization, newest first; without the permission `organization:members` the viewer alone.',
        where: ({ viewer }) => visibleMembers(viewer),
      }) as never,
    ),
    roles: t.field(
      relationList('Organization.roles', 'roles', {
        type: RoleConnection,
        list: roleList,
        description: 'Its roles, for the organization and for its workspaces, newest first.',
        where: ({ viewer }) => visibleRoles(viewer),
      }) as never,
    ),
  }),
})

export const OrganizationConnection = defineConnection('Organization', Organization)

/** A token without that scope sees workspaces, but not what they belong to. */
const readsOrganizations = ({ viewer }: Context) => {
  if (viewer && !withinScopes(viewer, 'organization:read')) throw forbidden('organization:read')
}

builder.prismaObjectField('Workspace', 'organization', (t) =>
  t.field({
    type: Organization,
    description: 'The organization that it belongs to, for ever.',
    select: (_args, _context, nested) => ({ organization: nested(true) }),
    extensions: { loadedField: { relation: 'organization', allow: readsOrganizations } },
    resolve: ({ organization }, _args, context) => {
      readsOrganizations(context)
      return organization
    },
  }),
)

builder.queryFields((t) => ({
  organization: t.prismaField({
    type: Organization,
    nullable: true,
    description: 'One organization, if the viewer belongs to it.',
    args: { id: t.arg.id({ required: true, description: 'The id of an organization.' }) },
    extensions: { gate: isVerified },
    resolve: async (query, _root, { id }, { db, viewer }) =>
      (await db.organization.findUnique({
        ...query,
        where: { id: idOf(id, 'Organization'), deletedAt: null, AND: [visibleOrganizations(viewer)] },
      })) ?? missing(),
  }),
  organizationBySlug: t.prismaField({
    type: Organization,
    nullable: true,
    description: 'One organization by its slug, if the viewer belongs to it.',
    args: { slug: t.arg.string({ required: true, description: 'Its slug.' }) },
    extensions: { gate: isVerified },
    resolve: async (query, _root, { slug }, { db, viewer }) =>
      (await db.organization.findUnique({
        ...query,
        where: { slug, deletedAt: null, AND: [visibleOrganizations(viewer)] },
      })) ?? missing(),
  }),
}))
