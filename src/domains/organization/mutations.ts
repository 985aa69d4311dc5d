import { can, isVerified, organization, organizationOrDeleted } from '../../access/rules.ts'
import type { ObjectFields } from '../../graphql/builder.ts'
import { errorType } from '../../graphql/errors.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { NotAMemberType } from '../member/mutations.ts'
import { Member } from '../member/types.ts'
import { NotDeletedType, VersionConflictType } from '../workspace/mutations.ts'
import { Workspace } from '../workspace/types.ts'
import { createOrganization } from './create-organization.ts'
import { deleteOrganization } from './delete-organization.ts'
import { SlugTaken } from './errors.ts'
import { restoreOrganization } from './restore-organization.ts'
import { transferOwnership } from './transfer-ownership.ts'
import { Organization } from './types.ts'
import { updateOrganization } from './update-organization.ts'

const SlugTakenType = errorType(SlugTaken, {
  description: 'Another organization has this slug, perhaps a deleted one.',
  fields: (t) => ({ slug: t.exposeString('slug', { description: 'The slug that is taken.' }) }),
})

defineMutation({
  name: 'createOrganization',
  description: 'Creates an organization with a first workspace, and makes the viewer the owner of both.',
  gate: isVerified,
  input: (t) => ({
    name: t.string({ required: true, description: '1 to 120 characters.' }),
    slug: t.string({
      description:
        'Its name in links: at most 48 lower-case letters and digits, with single hyphens between. Absent, one is made from the name.',
    }),
    workspaceName: t.string({ description: 'The name of the first workspace; absent, `General`.' }),
  }),
  changesViewer: () => true,
  errors: [SlugTakenType],
  resolve: (context, input) => createOrganization(context, input),
  payload: {
    description: 'The organization was created.',
    fields: (t) => ({
      organization: t.field({
        type: Organization,
        description: 'The new organization.',
        resolve: ({ organizationId }) => ({ id: organizationId }) as never,
      }),
      workspace: t.field({
        type: Workspace,
        description: 'Its first workspace.',
        resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
      }),
    }),
  },
})

const organizationPayload = (description: string) => ({
  description,
  fields: (t: ObjectFields<{ organizationId: string }>) => ({
    organization: t.field({
      type: Organization,
      description: 'The organization as it is now.',
      resolve: ({ organizationId }) => ({ id: organizationId }) as never,
    }),
  }),
})

defineMutation({
  name: 'updateOrganization',
  description:
    'Changes the given fields of an organization; absent ones stay as they are. The database names of its workspaces do not change with its slug.',
  gate: can('organization:settings', organization('id')),
  input: (t) => ({
    id: t.id({ required: true, description: 'Which organization.' }),
    name: t.string({ description: '1 to 120 characters.' }),
    slug: t.string({
      description:
        'Its name in links: at most 48 lower-case letters and digits, with single hyphens between.',
    }),
    expectedVersion: t.int({
      description: 'The `version` that was read: another one now is a VersionConflict.',
    }),
  }),
  errors: [SlugTakenType, VersionConflictType],
  resolve: (context, { id, ...input }) =>
    updateOrganization(context, { ...input, organizationId: idOf(id, 'Organization') } as never),
  payload: organizationPayload('The organization was changed, or was like this already.'),
})

defineMutation({
  name: 'deleteOrganization',
  description:
    'Deletes an organization with everything in it, at once whatever its size: from then on it exists for nobody, until an owner restores it or it is purged at `purgeAt`.',
  gate: can('organization:delete', organization('id')),
  input: (t) => ({
    id: t.id({ required: true, description: 'Which organization.' }),
    expectedVersion: t.int({
      description: 'The `version` that was read: another one now is a VersionConflict.',
    }),
  }),
  changesViewer: () => true,
  errors: [VersionConflictType],
  resolve: (context, { id, expectedVersion }) =>
    deleteOrganization(context, {
      organizationId: idOf(id, 'Organization'),
      expectedVersion: expectedVersion ?? null,
    }),
  payload: {
    description: 'The organization was deleted.',
    fields: (t) => ({
      deletedOrganizationId: t.id({
        description: 'Its id, by which it can be restored.',
        resolve: ({ organizationId }) => encodeId('Organization', organizationId),
      }),
      purgeAt: t.expose('purgeAt', { type: 'DateTime', description: 'Until when it can be restored.' }),
    }),
  },
})

defineMutation({
  name: 'restoreOrganization',
  description:
    'Takes the deletion of an organization back, with everything that was in it. For its owners; for everybody else a deleted organization does not exist.',
  gate: can('organization:delete', organizationOrDeleted('id')),
  input: (t) => ({ id: t.id({ required: true, description: 'Which deleted organization.' }) }),
  changesViewer: () => true,
  errors: [NotDeletedType],
  resolve: (context, { id }) => restoreOrganization(context, idOf(id, 'Organization')),
  payload: organizationPayload('The organization is in use again.'),
})

defineMutation({
  name: 'transferOwnership',
  description:
    'Makes a member the owner of an organization: they become OWNER and the viewer ADMIN, at the same moment. Other owners stay. A platform administrator who is no owner only makes the member one.',
  gate: can('organization:transfer', organization('organizationId')),
  input: (t) => ({
    organizationId: t.id({ required: true, description: 'Which organization.' }),
    userId: t.id({ required: true, description: 'A member of it, other than the viewer.' }),
  }),
  errors: [NotAMemberType],
  resolve: (context, { organizationId, userId }) =>
    transferOwnership(context, {
      organizationId: idOf(organizationId, 'Organization'),
      userId: idOf(userId, 'User'),
    }),
  payload: {
    description: 'The ownership has changed hands.',
    fields: (t) => ({
      organization: t.field({
        type: Organization,
        description: 'The organization.',
        resolve: ({ organizationId }) => ({ id: organizationId }) as never,
      }),
      member: t.field({
        type: Member,
        description: 'The new owner.',
        resolve: ({ memberId }, _args, context, info) => payloadRow(context, info, 'Member', memberId),
      }),
    }),
  },
  changesViewer: () => true,
})
