import { can, hasAccess, isPlatformAdmin, organization, workspace } from '../../access/rules.ts'
import { builder, type InputFields, type ObjectFields } from '../../graphql/builder.ts'
import { errorType, VersionConflictType } from '../../graphql/errors.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { SettingLockedType, SettingsInputType } from '../settings/inputs.ts'
import { createWorkspace } from './create-workspace.ts'
import { deleteWorkspace } from './delete-workspace.ts'
import { KeyTaken, NotDeleted, OrganizationRequired, WorkspaceNotEmpty } from './errors.ts'
import { visibleWorkspaces } from './policy.ts'
import { purgeWorkspace } from './purge-workspace.ts'
import { restoreWorkspace } from './restore-workspace.ts'
import { setWorkspacesMlEnabled } from './set-workspaces-ml-enabled.ts'
import { Workspace } from './types.ts'
import { updateWorkspace } from './update-workspace.ts'

export const KeyTakenType = errorType(KeyTaken, {
  description: 'Another workspace of the organization has this key, perhaps a deleted one.',
  fields: (t) => ({ key: t.exposeString('key', { description: 'The key that is taken.' }) }),
})

const OrganizationRequiredType = errorType(OrganizationRequired, {
  description: 'The viewer is not in exactly one organization, so one has to be named.',
})

const WorkspaceNotEmptyType = errorType(WorkspaceNotEmpty, {
  description: 'The workspace holds resources, so it is not deleted.',
  fields: (t) => ({
    buckets: t.exposeInt('buckets', { description: 'How many buckets it holds.' }),
    repositories: t.exposeInt('repositories', { description: 'How many repositories it holds.' }),
  }),
})

export const NotDeletedType = errorType(NotDeleted, {
  description: 'What is to be restored or purged is not deleted.',
})
export { VersionConflictType }

const GeoJsonPolygonInput = builder.inputType('GeoJsonPolygonInput', {
  description:
    'A GeoJSON Polygon (RFC 7946) in WGS 84: each ring of 4 positions or more, the last equal to the first; longitude within 180, latitude within 90 degrees.',
  fields: (t) => ({
    type: t.string({ defaultValue: 'Polygon', description: 'Always `Polygon`.' }),
    coordinates: t.field({
      type: t.listRef(t.listRef(t.listRef('Float'))),
      required: true,
      description: 'Rings of positions; a position is [longitude, latitude].',
    }),
  }),
})

export const describedFields = (t: InputFields) => ({
  description: t.string({ description: 'What it is for, at most 2,000 characters.' }),
  labels: t.stringList({ description: 'At most 20 of 1 to 100 characters; a repeated one counts once.' }),
  boundingBox: t.field({
    type: GeoJsonPolygonInput,
    description: 'The area that its work is about; null for none.',
  }),
  defaultCoordinateSystem: t.string({
    description: 'EPSG code like `EPSG:4326`, or well-known text; null for none.',
  }),
})

const workspacePayload = (description: string) => ({
  description,
  fields: (t: ObjectFields<{ workspaceId: string }>) => ({
    workspace: t.field({
      type: Workspace,
      description: 'The workspace as it is now.',
      resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
    }),
  }),
})

defineMutation({
  name: 'createWorkspace',
  description: 'Creates a workspace, and makes the viewer its owner.',
  gate: can('workspace:create', organization('organizationId')),
  input: (t) => ({
    organizationId: t.id({ description: "Where; absent, the viewer's only organization." }),
    name: t.string({ required: true, description: '1 to 120 characters.' }),
    key: t.string({
      description:
        'Machine-readable name for ever: 2 to 48 lower-case letters, digits and hyphens, beginning with a letter. Absent, one is made from the name.',
    }),
    ...describedFields(t),
    settings: t.field({
      type: SettingsInputType,
      description: 'What it has of its own from the start; the rest is inherited.',
    }),
  }),
  errors: [KeyTakenType, OrganizationRequiredType, SettingLockedType],
  resolve: (context, { organizationId, ...input }) =>
    createWorkspace(context, {
      ...withoutNull(input, ['description', 'labels']),
      organizationId: organizationId == null ? null : idOf(organizationId, 'Organization'),
    } as never),
  payload: workspacePayload('The workspace was created.'),
})

defineMutation({
  name: 'updateWorkspace',
  description: 'Changes the given fields of a workspace; absent ones stay as they are.',
  gate: can('workspace:update', workspace('id')),
  input: (t) => ({
    id: t.id({ required: true, description: 'Which workspace.' }),
    name: t.string({ description: '1 to 120 characters.' }),
    ...describedFields(t),
    expectedVersion: t.int({
      description: 'The `version` that was read: another one now is a VersionConflict.',
    }),
  }),
  errors: [VersionConflictType],
  resolve: (context, { id, ...input }) =>
    updateWorkspace(context, { ...input, workspaceId: idOf(id, 'Workspace') } as never),
  payload: workspacePayload('The workspace was changed, or was like this already.'),
})

defineMutation({
  name: 'deleteWorkspace',
  description:
    'Deletes a workspace that holds no resources. It is hidden, keeps its key, and can be restored until `purgeAt`. Where the organization asks for an owner, `workspace:delete` is theirs alone.',
  gate: can('workspace:delete', workspace('id')),
  input: (t) => ({
    id: t.id({ required: true, description: 'Which workspace.' }),
    expectedVersion: t.int({
      description: 'The `version` that was read: another one now is a VersionConflict.',
    }),
  }),
  errors: [VersionConflictType, WorkspaceNotEmptyType],
  resolve: (context, { id, expectedVersion }) =>
    deleteWorkspace(context, {
      workspaceId: idOf(id, 'Workspace'),
      expectedVersion: expectedVersion ?? null,
    }),
  payload: {
    description: 'The workspace was deleted.',
    fields: (t) => ({
      deletedWorkspaceId: t.id({
        description: 'Its id.',
        resolve: ({ workspaceId }) => encodeId('Workspace', workspaceId),
      }),
      workspace: t.field({
        type: Workspace,
        description: 'The workspace as it is now: `purgeAt` says until when it can be restored.',
        resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
      }),
    }),
  },
})

defineMutation({
  name: 'restoreWorkspace',
  description: 'Takes the deletion of a workspace back, until it is purged. Needs what deleting it needs.',
  gate: can('workspace:delete', workspace('id')),
  input: (t) => ({ id: t.id({ required: true, description: 'Which deleted workspace.' }) }),
  errors: [NotDeletedType],
  resolve: (context, { id }) => restoreWorkspace(context, idOf(id, 'Workspace')),
  payload: workspacePayload('The workspace is in use again, with everything in it.'),
})

defineMutation({
  name: 'purgeWorkspace',
  description:
    'Removes a deleted workspace for good, before its time: for platform administrators. Its key is free then.',
  gate: isPlatformAdmin,
  input: (t) => ({ id: t.id({ required: true, description: 'Which deleted workspace.' }) }),
  errors: [NotDeletedType],
  resolve: (context, { id }) => purgeWorkspace(context, idOf(id, 'Workspace')),
  payload: {
    description: 'The workspace is gone.',
    fields: (t) => ({
      purgedWorkspaceId: t.id({
        description: 'The id that it had.',
        resolve: ({ purgedWorkspaceId }) => encodeId('Workspace', purgedWorkspaceId),
      }),
    }),
  },
})

defineMutation({
  name: 'setWorkspacesMlEnabled',
  description:
    'Switches machine learning on or off for 1 to 100 workspaces of one organization, all of them or none. For organization administrators.',
  gate: hasAccess('ADMIN', organization('organizationId')),
  input: (t) => ({
    organizationId: t.id({ description: 'Theirs; absent, that of the first one.' }),
    workspaceIds: t.idList({ required: true, description: '1 to 100 ids; a repeated one counts once.' }),
    enabled: t.boolean({ required: true, description: 'On or off.' }),
  }),
  errors: [],
  resolve: (context, { organizationId, workspaceIds, enabled }) =>
    setWorkspacesMlEnabled(context, {
      organizationId: organizationId == null ? null : idOf(organizationId, 'Organization'),
      workspaceIds: workspaceIds.map((id) => idOf(id, 'Workspace')),
      enabled,
    }),
  payload: {
    description: 'All of them are like this now.',
    fields: (t) => ({
      workspaces: t.prismaField({
        type: [Workspace],
        description: 'They, in the order of the input.',
        resolve: async (query, { workspaceIds }, _args, { db, viewer }) => {
          const rows = await db.workspace.findMany({
            ...query,
            where: { id: { in: workspaceIds }, AND: [visibleWorkspaces(viewer)] },
          })
          return rows.sort((a, b) => workspaceIds.indexOf(a.id) - workspaceIds.indexOf(b.id))
        },
      }),
    }),
  },
})

/** A field that can't be null takes null for absent on creation, where there is nothing to clear. */
function withoutNull<T extends Record<string, unknown>, K extends keyof T>(input: T, fields: K[]) {
  const absent = Object.fromEntries(
    fields.filter((field) => input[field] === null).map((field) => [field, undefined]),
  )
  return { ...input, ...absent } as { [P in keyof T]: P extends K ? Exclude<T[P], null> : T[P] }
}
