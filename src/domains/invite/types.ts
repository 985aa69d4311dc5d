import { isPublic } from '../../access/rules.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection, pageArgs, relationList } from '../../graphql/connection.ts'
import { forbidden, missing } from '../../platform/refusal.ts'
import { asScope, Scope } from '../member/scope.ts'
import { inviteStatus } from './invite-status.ts'
import { InviteStatusEnum, inviteList } from './list.ts'
import { visibleInvites, withStatus } from './policy.ts'
import { type InvitePreview, previewInvite } from './preview-invite.ts'

export const Invite = builder.prismaNode('Invite', {
  description: 'An offer of a role to an address. Its token is in the mail alone, never here.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({
    id,
    AND: [visibleInvites(viewer)],
    NOT: { workspace: { deletedAt: { not: null } } },
  }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    email: t.exposeString('email', { description: 'Whom it is for.' }),
    role: t.relation('role', { description: 'The role that is offered.' }),
    scope: t.field({
      type: Scope,
      nullable: true,
      description:
        'Where; null while the viewer is not in there yet. `scopeName` tells its name all the same.',
      select: (_args, _context, nested) => ({
        organization: nested(true, [], 'Organization'),
        workspace: nested(true, [], 'Workspace'),
      }),
      resolve: async ({ organization, workspace }, _args, { access }) => {
        if (workspace) return (await access.onWorkspace(workspace.id)) && asScope('Workspace', workspace)
        return (await access.onOrganization(organization.id)) && asScope('Organization', organization)
      },
    }),
    scopeName: t.string({
      description: 'The name of the organization or workspace.',
      select: { organization: { select: { name: true } }, workspace: { select: { name: true } } },
      resolve: ({ organization, workspace }) => workspace?.name ?? organization.name,
    }),
    status: t.field({
      type: InviteStatusEnum,
      description: 'Whether it can still be accepted.',
      select: { state: true, expiresAt: true },
      resolve: (invite, _args, { clock }) => inviteStatus(invite, clock.now()),
    }),
    invitedBy: t.relation('invitedBy', {
      nullable: true,
      description: 'Who sent it; null when that person was deleted.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the address was first invited.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be accepted.' }),
  }),
})

export const InviteConnection = defineConnection('Invite', Invite)

const statusArg = builder.args((t) => ({
  status: t.field({ type: InviteStatusEnum, description: 'Only invites of this status; absent, all.' }),
}))

const listDescription = 'The invites to this scope, newest first. Needs the permission to read them.'

builder.interfaceField(Scope, 'invites', (t) =>
  t.field({
    type: InviteConnection.ref,
    nullable: true,
    args: { ...pageArgs, ...inviteList.args, ...statusArg },
    description: `${listDescription} Null, with an error, where it is missing.`,
    resolve: () => missing(),
  }),
)

builder.prismaObjectField('Organization', 'invites', (t) =>
  t.field({
    ...relationList('Organization.invites', 'invites', {
      type: InviteConnection,
      list: inviteList,
      args: statusArg,
      description: 'The invites to the organization itself, newest first. Needs `organization:invites`.',
      where: ({ viewer, clock }, { status }) => ({
        workspaceId: null,
        AND: [visibleInvites(viewer), withStatus(status, clock.now())],
      }),
      allow: async (context: Context, id) => {
        const standing = await context.access.onOrganization(id)
        if (!standing?.permissions.has('organization:invites')) throw forbidden('organization:invites')
      },
    }),
    nullable: true,
  } as never),
)

builder.prismaObjectField('Workspace', 'invites', (t) =>
  t.field({
    ...relationList('Workspace.invites', 'invites', {
      type: InviteConnection,
      list: inviteList,
      args: statusArg,
      description: 'The invites to this workspace, newest first. Needs `invite:read`.',
      where: ({ viewer, clock }, { status }) => ({
        AND: [visibleInvites(viewer), withStatus(status, clock.now())],
      }),
      allow: async (context: Context, id) => {
        const standing = await context.access.onWorkspace(id)
        if (!standing?.permissions.has('invite:read')) throw forbidden('invite:read')
      },
    }),
    nullable: true,
  } as never),
)

export const InvitePreviewType = builder.objectRef<InvitePreview>('InvitePreview').implement({
  description: 'What the holder of a token may know of an invite before they sign up or sign in.',
  fields: (t) => ({
    email: t.exposeString('email', { description: 'Whom it is for: sign up or sign in with this address.' }),
    organizationName: t.exposeString('organizationName', {
      description: 'The organization that it leads to.',
    }),
    workspaceName: t.exposeString('workspaceName', {
      nullable: true,
      description: 'The workspace that it leads to; null for the organization itself.',
    }),
    roleName: t.exposeString('roleName', { description: 'The role that is offered.' }),
    inviterName: t.exposeString('inviterName', {
      nullable: true,
      description: 'Who sent it; null when that person was deleted.',
    }),
    status: t.expose('status', { type: InviteStatusEnum, description: 'Whether it can still be accepted.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be accepted.' }),
  }),
})

builder.queryField('invite', (t) =>
  t.field({
    type: InvitePreviewType,
    nullable: true,
    description: 'Looks at an invite by the token of its mail, without signing in.',
    args: { token: t.arg.string({ required: true, description: 'The token of the mail.' }) },
    extensions: { gate: isPublic },
    resolve: async (_root, { token }, context) => (await previewInvite(context, token)) ?? missing(),
  }),
)
