import { can, isVerified, workspace } from '../../access/rules.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection, relationList } from '../../graphql/connection.ts'
import { idOf } from '../../graphql/ids.ts'
import { missing } from '../../platform/refusal.ts'
import { memberList } from '../member/list.ts'
import { visibleMembers } from '../member/policy.ts'
import { ownMember, Scope, scopeDescriptions, viewerAccess, viewerPermissions } from '../member/scope.ts'
import { Member, MemberConnection } from '../member/types.ts'
import { roleList } from '../role/list.ts'
import { visibleRoles } from '../role/policy.ts'
import { AccessLevelEnum, PermissionEnum, Role, RoleConnection } from '../role/types.ts'
import type { GeoJsonPolygon } from './bounding-box.ts'
import { workspaceList } from './list.ts'
import { visibleWorkspaces } from './policy.ts'

const GeoJsonPolygonType = builder.objectRef<GeoJsonPolygon>('GeoJsonPolygon').implement({
  description: 'A GeoJSON Polygon (RFC 7946) in WGS 84.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'Always `Polygon`.' }),
    coordinates: t.field({
      type: t.listRef(t.listRef(t.listRef('Float'))),
      description:
        'Rings of positions; a position is [longitude, latitude]. The first ring is the outer one.',
      resolve: ({ coordinates }) => coordinates,
    }),
  }),
})

export const DeletedEnum = builder.enumType('Deleted', {
  description: 'What to do with deleted rows that are not purged yet.',
  values: {
    EXCLUDE: { description: 'Leave them out.' },
    INCLUDE: { description: 'Show them beside the others; `deletedAt` tells them apart.' },
    ONLY: { description: 'Show nothing but them.' },
  } as const,
})

/** The part of a query that keeps deleted workspaces out, in, or alone (O13). */
export function deletedFilter(deleted: 'EXCLUDE' | 'INCLUDE' | 'ONLY' | null | undefined) {
  if (deleted === 'INCLUDE') return {}
  return { deletedAt: deleted === 'ONLY' ? { not: null } : null }
}

const urlOf = (row: { key: string; organization: { slug: string } }, { env }: Context): string =>
  `${env.PUBLIC_URL}/${row.organization.slug}/${row.key}`

export const Workspace = builder.prismaNode('Workspace', {
  description: 'Where the work of an organization lives. Members have a role on it.',
  id: { field: 'id', description: 'Opaque id.' },
  interfaces: [Scope],
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleWorkspaces(viewer)] }),
  select: { id: true, createdAt: true, deletedAt: true },
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'Machine-readable name, unique in its organization; never changes.',
    }),
    databaseName: t.exposeString('databaseName', {
      description:
        'Name for its database elsewhere: unique in this instance, an SQL identifier that needs no quotes.',
    }),
    name: t.exposeString('name', { description: scopeDescriptions.name }),
    description: t.exposeString('description', { description: 'What it is for; may be empty.' }),
    labels: t.exposeStringList('labels', {
      description: 'At most 20, in the order in which they were given.',
    }),
    boundingBox: t.field({
      type: GeoJsonPolygonType,
      nullable: true,
      description: 'The area that its work is about; null when none was set.',
      select: { boundingBox: true },
      resolve: ({ boundingBox }) => boundingBox as GeoJsonPolygon | null,
    }),
    defaultCoordinateSystem: t.exposeString('defaultCoordinateSystem', {
      nullable: true,
      description: 'EPSG code like `EPSG:4326`, or well-known text; null when none was set.',
    }),
    mlEnabled: t.exposeBoolean('mlEnabled', {
      description: 'Whether machine learning is switched on here.',
    }),
    version: t.exposeInt('version', {
      description: 'Grows with each change: give it back as `expectedVersion`.',
    }),
    url: t.string({
      description: 'Where people open it.',
      select: { key: true, organization: { select: { slug: true } } },
      extensions: { fromRow: urlOf },
      resolve: (row, _args, context) => urlOf(row, context),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
    createdBy: t.relation('createdBy', {
      nullable: true,
      description: 'Who created it; null when that person was deleted.',
    }),
    updatedBy: t.relation('updatedBy', {
      nullable: true,
      description: 'Who last changed it; null when that person was deleted.',
    }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted; null while it is in use.',
    }),
    purgeAt: t.expose('purgeAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it goes for good; null while it is in use.',
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
      resolve: (row, _args, context) => viewerAccess('Workspace', row, context),
    }),
    viewerPermissions: t.field({
      type: [PermissionEnum],
      description: scopeDescriptions.viewerPermissions,
      resolve: (row, _args, context) => viewerPermissions('Workspace', row, context),
    }),
    viewerMember: t.field({
      type: Member,
      nullable: true,
      description: scopeDescriptions.viewerMember,
      select: (_args, context, nested) => ({ viewerMembers: nested(ownMember(context)) }),
      resolve: ({ viewerMembers }) => viewerMembers[0] ?? null,
    }),
    memberCount: t.relationCount('members', {
      description: 'How many people have a role here, as `members` lists them.',
      where: (_args, { viewer }) => visibleMembers(viewer),
    }),
    roles: t.field(
      relationList('Workspace.roles', 'roles', {
        through: 'organization',
        type: RoleConnection,
        list: roleList,
        description: scopeDescriptions.roles,
        where: ({ viewer }) => ({ scope: 'WORKSPACE', AND: [visibleRoles(viewer)] }),
      }) as never,
    ),
    members: t.field(
      relationList('Workspace.members', 'members', {
        type: MemberConnection,
        list: memberList,
        description: 'Everybody with a role here: given directly, or by their role in the organization.',
        where: ({ viewer }) => visibleMembers(viewer),
      }) as never,
    ),
  }),
})

export const WorkspaceConnection = defineConnection('Workspace', Workspace)

builder.queryFields((t) => ({
  workspace: t.prismaField({
    type: Workspace,
    nullable: true,
    description: 'One workspace, if the viewer has a role on it.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of a workspace.' }),
      deleted: t.arg({
        type: DeletedEnum,
        defaultValue: 'EXCLUDE',
        description: 'Whether a deleted one is found.',
      }),
    },
    extensions: { gate: can('workspace:read', workspace('id')) },
    resolve: async (query, _root, { id, deleted }, { db, viewer }) =>
      (await db.workspace.findUnique({
        ...query,
        where: { id: idOf(id, 'Workspace'), AND: [visibleWorkspaces(viewer), deletedFilter(deleted)] },
      })) ?? missing(),
  }),
  workspaceByKey: t.prismaField({
    type: Workspace,
    nullable: true,
    description: 'One workspace by its key, if the viewer has a role on it.',
    args: {
      organizationSlug: t.arg.string({ required: true, description: 'The slug of its organization.' }),
      key: t.arg.string({ required: true, description: 'Its key.' }),
    },
    extensions: { gate: isVerified },
    resolve: async (query, _root, { organizationSlug, key }, { db, viewer }) =>
      (await db.workspace.findFirst({
        ...query,
        where: {
          key,
          organization: { slug: organizationSlug },
          AND: [visibleWorkspaces(viewer), deletedFilter('EXCLUDE')],
        },
      })) ?? missing(),
  }),
}))

builder.prismaObjectField('Organization', 'workspaces', (t) =>
  t.field(
    relationList('Organization.workspaces', 'workspaces', {
      type: WorkspaceConnection,
      list: workspaceList,
      description: 'Its workspaces on which the viewer has a role, newest first.',
      args: {
        deleted: t.arg({
          type: DeletedEnum,
          defaultValue: 'EXCLUDE',
          description: 'Whether deleted ones are listed.',
        }),
      },
      where: ({ viewer }, { deleted }) => ({ AND: [visibleWorkspaces(viewer), deletedFilter(deleted)] }),
    }) as never,
  ),
)
