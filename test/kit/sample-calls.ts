import { randomBytes } from 'node:crypto'
import type { Permission } from '../../src/access/permissions.ts'
import type { AccessLevel } from '../../src/generated/prisma/client.ts'
import { encodeId } from '../../src/graphql/ids.ts'
import { encodePosition } from '../../src/platform/event-position.ts'
import type { Actor } from './actors.ts'
import { insideCalls, insideNodes } from './inside-calls.ts'
import type { Place } from './place.ts'
import { provisioningCalls, provisioningNodes } from './provisioning-calls.ts'

export type ScopeName = 'organization' | 'workspace'

/**
 * Whom access.md lets through, written once more by hand: the suite *matrix* compares it with what the server does. A
 * permission that is missing on something visible is FORBIDDEN, on something else NOT_FOUND; with `sees` there is nothing
 * to forbid: who does not see it, or does not hold what it takes to see it, gets NOT_FOUND.
 */
export type Needs =
  | 'anybody'
  | 'a session'
  | 'a verified address'
  | 'a platform administrator'
  /** The thing belongs to the owner of the place and to nobody else; this is what the gate in front of it asks. */
  | { ownerWith: 'a session' | 'a verified address' }
  | { permission: Permission; on: ScopeName; also?: { permission: Permission; on: ScopeName } }
  | { level: AccessLevel; on: ScopeName }
  | { sees: ScopeName; holding?: Permission }

type Args = Record<string, unknown>

/** One call of a root field that the owner of its place may make. */
export interface SampleCall {
  needs: Needs
  /** The arguments. Whomever a call changes is made anew for it, so that calls do not disturb each other. */
  args?: (place: Place) => Args | Promise<Args>
  /** The `__typename` of the answer to whom is let through, where it is not the payload. */
  answers?: string | ((who: Actor) => string)
  /** Each id in a list has an outcome of its own: one that is not the viewer's refuses that row, not the call. */
  refusesRows?: true
  /** What the call takes away from the calls behind it: it gets a caller, or a place with a caller, of its own. */
  consumes?: 'caller' | 'place'
}

const unique = () => randomBytes(5).toString('hex')
const permission = (name: Permission, on: ScopeName): Needs => ({ permission: name, on })
const input = (fields: Args) => ({ input: fields })

/**
 * Every root field, by `Type.field`: one call for each kind of thing that its ids can name, and each argument that takes
 * an id is given in one of them. The suites *matrix* and *isolation* fail for a root field or an id that is missing here.
 */
export const sampleCalls: Record<string, SampleCall[]> = {
  'Query.viewer': [{ needs: 'a session', answers: 'Viewer' }],
  'Query.node': [
    {
      needs: { sees: 'workspace' },
      args: ({ workspace }) => ({ id: workspace.id }),
      answers: 'Workspace',
    },
  ],
  'Query.nodes': [
    {
      needs: { sees: 'organization' },
      args: ({ tenant }) => ({ ids: [tenant.id, tenant.owner.id] }),
      answers: 'Organization,User',
    },
  ],
  'Query.organization': [
    { needs: { sees: 'organization' }, args: ({ tenant }) => ({ id: tenant.id }), answers: 'Organization' },
  ],
  'Query.organizationBySlug': [
    {
      needs: { sees: 'organization' },
      args: ({ tenant }) => ({ slug: tenant.slug }),
      answers: 'Organization',
    },
  ],
  'Query.workspace': [
    { needs: { sees: 'workspace' }, args: ({ workspace }) => ({ id: workspace.id }), answers: 'Workspace' },
  ],
  'Query.workspaceByKey': [
    {
      needs: { sees: 'workspace' },
      args: async ({ app, tenant, workspace: { workspaceId: id } }) => ({
        organizationSlug: tenant.slug,
        key: (await app.services.db.workspace.findUniqueOrThrow({ where: { id } })).key,
      }),
      answers: 'Workspace',
    },
  ],
  'Query.events': [
    {
      needs: permission('organization:settings', 'organization'),
      args: ({ tenant }) => ({ organizationId: tenant.id }),
      answers: 'EventConnection',
    },
  ],
  'Subscription.organizationEvents': [
    {
      needs: permission('organization:settings', 'organization'),
      args: ({ tenant }) => ({ organizationId: tenant.id, after: encodePosition(tenant.organizationId, 0n) }),
      answers: 'Event',
    },
  ],
  'Subscription.workspaceEvents': [
    {
      needs: permission('events:write', 'workspace'),
      args: ({ tenant, workspace }) => ({
        workspaceId: workspace.id,
        after: encodePosition(tenant.organizationId, 0n),
      }),
      answers: 'Event',
    },
  ],
  'Query.admin': [{ needs: 'a platform administrator', answers: 'Admin' }],
  'Query.invite': [
    { needs: 'anybody', args: ({ inviteToken: token }) => ({ token }), answers: 'InvitePreview' },
  ],

  // Answers that change nothing are enough to show that a door is open: passwords are hashed slowly on purpose.
  'Mutation.signUp': [
    {
      needs: 'anybody',
      args: () => input({ email: 'no address', password: 'short', fullName: 'Ada' }),
      answers: 'ValidationError',
    },
  ],
  'Mutation.signUpByInvite': [
    {
      needs: 'anybody',
      args: () => input({ token: 'unknown', password: 'short', fullName: 'Grace' }),
      answers: 'ValidationError',
    },
  ],
  'Mutation.signIn': [
    {
      needs: 'anybody',
      args: () => input({ email: 'no address', password: 'wrong' }),
      answers: 'ValidationError',
    },
  ],
  'Mutation.verifyEmail': [
    { needs: 'anybody', args: () => input({ token: 'unknown' }), answers: 'InvalidToken' },
  ],
  'Mutation.resendVerificationEmail': [
    { needs: 'anybody', args: () => input({ email: `${unique()}@example.com` }) },
  ],
  'Mutation.requestPasswordReset': [
    { needs: 'anybody', args: () => input({ email: `${unique()}@example.com` }) },
  ],
  'Mutation.resetPassword': [
    {
      needs: 'anybody',
      args: () => input({ token: 'unknown', newPassword: 'long enough' }),
      answers: 'InvalidToken',
    },
  ],
  'Mutation.signOut': [{ needs: 'a session', consumes: 'caller' }],
  'Mutation.changePassword': [
    {
      needs: 'a session',
      args: () => input({ currentPassword: 'wrong', newPassword: 'long enough' }),
      answers: 'InvalidCredentials',
    },
  ],
  'Mutation.updateProfile': [{ needs: 'a session', args: () => input({ fullName: `Ada ${unique()}` }) }],

  'Mutation.createOrganization': [
    { needs: 'a verified address', args: () => input({ name: `Org ${unique()}` }) },
  ],
  'Mutation.createWorkspace': [
    {
      needs: permission('workspace:create', 'organization'),
      args: ({ tenant }) => input({ organizationId: tenant.id, name: 'New' }),
    },
  ],
  'Mutation.updateWorkspace': [
    {
      needs: permission('workspace:update', 'workspace'),
      args: ({ workspace }) => input({ id: workspace.id, name: `Renamed ${unique()}` }),
    },
  ],

  'Mutation.updateOrganization': [
    {
      needs: permission('organization:settings', 'organization'),
      args: ({ tenant }) => input({ id: tenant.id, name: `Renamed ${unique()}` }),
    },
  ],
  'Mutation.deleteOrganization': [
    {
      needs: permission('organization:delete', 'organization'),
      args: ({ tenant }) => input({ id: tenant.id }),
      consumes: 'place',
    },
  ],
  'Mutation.restoreOrganization': [
    {
      needs: permission('organization:delete', 'organization'),
      args: ({ tenant }) => input({ id: tenant.id }),
      answers: 'NotDeleted',
    },
  ],
  'Mutation.deleteWorkspace': [
    {
      needs: permission('workspace:delete', 'workspace'),
      args: ({ workspace }) => input({ id: workspace.id }),
      answers: 'WorkspaceNotEmpty',
    },
  ],
  'Mutation.restoreWorkspace': [
    {
      needs: permission('workspace:delete', 'workspace'),
      args: ({ workspace }) => input({ id: workspace.id }),
      answers: 'NotDeleted',
    },
  ],
  'Mutation.purgeWorkspace': [
    {
      needs: 'a platform administrator',
      args: ({ workspace }) => input({ id: workspace.id }),
      answers: 'NotDeleted',
    },
  ],
  'Mutation.setWorkspacesMlEnabled': [
    {
      needs: { level: 'ADMIN', on: 'organization' },
      args: ({ tenant, workspace }) =>
        input({ organizationId: tenant.id, workspaceIds: [workspace.id], enabled: true }),
    },
  ],
  'Mutation.registerResource': [
    {
      needs: permission('resource:write', 'workspace'),
      args: ({ workspace }) => input({ workspaceId: workspace.id, kind: 'REPOSITORY', name: unique() }),
    },
  ],
  'Mutation.removeResource': [
    {
      needs: permission('resource:write', 'workspace'),
      args: async ({ spareResource }) => input({ id: await spareResource() }),
    },
  ],

  'Mutation.addMember': [
    {
      needs: permission('organization:members', 'organization'),
      args: async ({ tenant, spareMember }) =>
        input({ scopeId: tenant.id, userId: await spareMember(), role: 'MEMBER' }),
      answers: 'AlreadyMember',
    },
    {
      needs: permission('member:write', 'workspace'),
      args: async ({ workspace, spareMember }) =>
        input({ scopeId: workspace.id, userId: await spareMember(), role: 'READ' }),
    },
  ],
  'Mutation.setMemberRoles': [
    {
      needs: permission('organization:members', 'organization'),
      args: async ({ tenant, spareMember }) =>
        input({ scopeId: tenant.id, members: [{ userId: await spareMember(), role: 'WORKSPACE_MANAGER' }] }),
      refusesRows: true,
    },
    {
      needs: permission('member:write', 'workspace'),
      args: async ({ workspace, spareGrantee }) =>
        input({ scopeId: workspace.id, members: [{ userId: await spareGrantee(), role: 'WRITE' }] }),
      refusesRows: true,
    },
  ],
  'Mutation.leave': [
    {
      needs: permission('organization:read', 'organization'),
      args: ({ tenant }) => input({ scopeId: tenant.id }),
      answers: ({ organizationRole }) => (organizationRole ? 'LeavePayload' : 'NotAMember'),
      consumes: 'caller',
    },
    {
      needs: permission('workspace:read', 'workspace'),
      args: ({ workspace }) => input({ scopeId: workspace.id }),
      answers: ({ workspaceRole }) => (workspaceRole ? 'LeavePayload' : 'NotAMember'),
      consumes: 'caller',
    },
  ],
  'Mutation.transferOwnership': [
    {
      needs: permission('organization:transfer', 'organization'),
      args: async ({ tenant, spareMember }) =>
        input({ organizationId: tenant.id, userId: await spareMember() }),
      consumes: 'caller',
    },
  ],
  'Mutation.createRole': [
    {
      needs: permission('organization:roles', 'organization'),
      args: ({ tenant }) =>
        input({
          organizationId: tenant.id,
          scope: 'WORKSPACE',
          name: `Role ${unique()}`,
          level: 'READ',
          permissions: [],
        }),
    },
  ],
  'Mutation.updateRole': [
    {
      needs: permission('organization:roles', 'organization'),
      args: async ({ spareRole }) => input({ id: await spareRole(), name: `Role ${unique()}` }),
    },
  ],
  'Mutation.deleteRole': [
    {
      needs: permission('organization:roles', 'organization'),
      args: async ({ spareRole }) => input({ id: await spareRole(), reassignTo: 'READ' }),
    },
  ],
  'Mutation.setMemberRole': [
    {
      needs: permission('organization:members', 'organization'),
      args: async ({ tenant, spareMember }) =>
        input({ scopeId: tenant.id, userId: await spareMember(), role: 'WORKSPACE_MANAGER' }),
    },
    {
      needs: permission('member:write', 'workspace'),
      args: async ({ workspace, spareGrantee }) =>
        input({ scopeId: workspace.id, userId: await spareGrantee(), role: 'WRITE' }),
    },
  ],
  'Mutation.removeMember': [
    {
      needs: permission('organization:members', 'organization'),
      args: async ({ tenant, spareMember }) => input({ scopeId: tenant.id, userId: await spareMember() }),
    },
    {
      needs: permission('member:write', 'workspace'),
      args: async ({ workspace, spareGrantee }) =>
        input({ scopeId: workspace.id, userId: await spareGrantee() }),
    },
  ],
  'Mutation.createInvites': [
    {
      needs: permission('organization:invites', 'organization'),
      args: ({ tenant }) =>
        input({ scopeId: tenant.id, invites: [{ email: `${unique()}@example.com`, role: 'MEMBER' }] }),
    },
    {
      needs: permission('invite:write', 'workspace'),
      args: ({ workspace }) =>
        input({ scopeId: workspace.id, invites: [{ email: `${unique()}@example.com`, role: 'READ' }] }),
    },
  ],
  ...insideCalls,
  ...provisioningCalls,

  'Mutation.resendInvite': [
    {
      needs: { sees: 'organization', holding: 'organization:invites' },
      args: async ({ spareInvite }) => input({ id: await spareInvite('organization') }),
    },
    {
      needs: { sees: 'workspace', holding: 'invite:write' },
      args: async ({ spareInvite }) => input({ id: await spareInvite('workspace') }),
    },
  ],
  'Mutation.revokeInvite': [
    {
      needs: { sees: 'organization', holding: 'organization:invites' },
      args: async ({ spareInvite }) => input({ id: await spareInvite('organization') }),
    },
    {
      needs: { sees: 'workspace', holding: 'invite:write' },
      args: async ({ spareInvite }) => input({ id: await spareInvite('workspace') }),
    },
  ],
  'Mutation.declineInvite': [
    { needs: 'anybody', args: () => input({ token: 'unknown' }), answers: 'InviteUnavailable' },
  ],
  'Mutation.acceptInvite': [
    { needs: 'a session', args: () => input({ token: 'unknown' }), answers: 'InviteUnavailable' },
  ],

  'Mutation.createAccessToken': [{ needs: 'a session', args: () => input({ name: 'CI' }) }],
  'Mutation.revokeAccessToken': [
    {
      needs: { ownerWith: 'a session' },
      args: async (place) => input({ id: await accessTokenId(place) }),
    },
  ],
  'Mutation.revokeSession': [
    { needs: { ownerWith: 'a session' }, args: async (place) => input({ id: await sessionId(place) }) },
  ],
  'Mutation.revokeOtherSessions': [{ needs: 'a session' }],
  'Mutation.closeAccount': [
    { needs: 'a session', args: () => input({ password: 'wrong' }), answers: 'InvalidCredentials' },
  ],

  'Mutation.createUser': [
    {
      needs: 'a platform administrator',
      args: () => input({ email: `${unique()}@example.com`, fullName: 'Ada', password: 'long enough' }),
    },
  ],
  'Mutation.updateUser': [
    {
      needs: 'a platform administrator',
      args: async ({ spareMember }) => input({ id: await spareMember(), fullName: `Ada ${unique()}` }),
    },
  ],
  'Mutation.deleteUser': [
    {
      needs: 'a platform administrator',
      args: async ({ spareMember, tenant }) =>
        input({ id: await spareMember(), transferOwnershipTo: tenant.owner.id }),
    },
  ],
}

/** A call of a field that is no root field but takes ids: the operation that reaches it, and its variables. */
export interface NestedCall {
  document: string
  variables: (place: Place) => Args
  /** Which variable each of its arguments is. */
  arguments: Record<string, string>
  /** Who gets as far as the field; absent, everybody of the organization. */
  needs?: 'a platform administrator'
}

/** Every field below the roots that takes an id, by `Type.field`. */
export const nestedCalls: Record<string, NestedCall> = {
  'Admin.user': {
    needs: 'a platform administrator',
    document: 'query ($id: ID!) { admin { user(id: $id) { email } } }',
    variables: ({ tenant }) => ({ id: tenant.owner.id }),
    arguments: { id: 'id' },
  },
  'Viewer.workspaces': {
    document:
      'query ($organizationId: ID) { viewer { workspaces(organizationId: $organizationId) { totalCount } } }',
    variables: ({ tenant }) => ({ organizationId: tenant.id }),
    arguments: { organizationId: 'organizationId' },
  },
  'Organization.workspaceMemberCounts': {
    document:
      'query ($id: ID!, $workspaceIds: [ID!]!) { organization(id: $id) { workspaceMemberCounts(workspaceIds: $workspaceIds) { memberCount } } }',
    variables: ({ tenant, workspace }) => ({ id: tenant.id, workspaceIds: [workspace.id] }),
    arguments: { 'workspaceIds.*': 'workspaceIds.*' },
  },
  'Admin.workspace': {
    document: 'query ($id: ID!) { admin { workspace(id: $id) { id } } }',
    variables: ({ workspace }) => ({ id: workspace.id }),
    arguments: { id: 'id' },
    needs: 'a platform administrator',
  },
  'Admin.organization': {
    document: 'query ($id: ID!) { admin { organization(id: $id) { id } } }',
    variables: ({ tenant }) => ({ id: tenant.id }),
    arguments: { id: 'id' },
    needs: 'a platform administrator',
  },
}

/** A row that a node id can name, and who sees it. */
export interface SampleNode {
  id: string
  needs: Needs
}

const roleId = async ({ app, tenant }: Place, scope: 'ORGANIZATION' | 'WORKSPACE') => {
  const { organizationId } = tenant
  const role = await app.services.db.role.findFirstOrThrow({ where: { organizationId, scope, key: 'ADMIN' } })
  return encodeId('Role', role.id)
}

/** An access token of the owner of a place: the same one, however often it is asked for. */
async function accessTokenId({ app, tenant }: Place): Promise<string> {
  const { db } = app.services
  const { userId } = tenant.owner
  const { id } =
    (await db.accessToken.findFirst({ where: { userId } })) ??
    (await db.accessToken.create({
      data: { userId, name: 'CI', prefix: 'atr_', tokenHash: unique(), isLimited: false },
    }))
  return encodeId('AccessToken', id)
}

/** The session of the owner of a place. */
async function sessionId({ app, tenant }: Place): Promise<string> {
  const { id } = await app.services.db.session.findFirstOrThrow({ where: { userId: tenant.owner.userId } })
  return encodeId('Session', id)
}

/** The first event of a place: of its organization, or of its workspace. */
async function eventId(
  { app, tenant: { organizationId } }: Place,
  workspaceId: string | null,
): Promise<string> {
  const { id } = await app.services.db.event.findFirstOrThrow({
    where: { organizationId, workspaceId },
    orderBy: { sequence: 'asc' },
  })
  return encodeId('Event', id)
}

/** The row of `members` that shows this person: on the organization, or on the workspace of a place. */
const memberId = async ({ app, tenant, workspace }: Place, userId: string, scope: ScopeName) => {
  const { organizationId } = tenant
  const of =
    scope === 'organization' ? { ofOrganizationId: organizationId } : { workspaceId: workspace.workspaceId }
  const { id } = await app.services.db.member.findFirstOrThrow({ where: { userId, ...of } })
  return encodeId('Member', id)
}

/** One row of every type that implements Node, and of each kind of it that has a rule of its own (lesson 29). */
export const sampleNodes: Record<string, (place: Place) => SampleNode[] | Promise<SampleNode[]>> = {
  User: ({ tenant }) => [{ id: tenant.owner.id, needs: { sees: 'organization' } }],
  Organization: ({ tenant }) => [{ id: tenant.id, needs: { sees: 'organization' } }],
  Workspace: ({ workspace }) => [{ id: workspace.id, needs: { sees: 'workspace' } }],
  Resource: (place) => [{ id: place.resourceId, needs: { sees: 'workspace', holding: 'workspace:read' } }],
  Role: async (place) => [
    { id: await roleId(place, 'ORGANIZATION'), needs: { sees: 'organization' } },
    { id: await roleId(place, 'WORKSPACE'), needs: { sees: 'organization' } },
    { id: place.customRoleId, needs: { sees: 'organization' } },
  ],
  Member: async (place) => [
    {
      id: await memberId(place, place.grantee.userId, 'organization'),
      needs: { sees: 'organization', holding: 'organization:members' },
    },
    {
      id: await memberId(place, place.grantee.userId, 'workspace'),
      needs: { sees: 'workspace', holding: 'member:read' },
    },
    {
      id: await inheritedMemberId(place),
      needs: { sees: 'workspace', holding: 'member:read' },
    },
  ],
  ...insideNodes,
  ...provisioningNodes,
  Event: async (place) => [
    { id: await eventId(place, null), needs: { sees: 'organization', holding: 'organization:settings' } },
    {
      id: await eventId(place, place.workspace.workspaceId),
      needs: { sees: 'workspace', holding: 'events:write' },
    },
  ],
  Invite: (place) => [
    { id: place.organizationInviteId, needs: { sees: 'organization', holding: 'organization:invites' } },
    { id: place.workspaceInviteId, needs: { sees: 'workspace', holding: 'invite:read' } },
  ],
  AccessToken: async (place) => [
    { id: await accessTokenId(place), needs: { ownerWith: 'a verified address' } },
  ],
  Session: async (place) => [{ id: await sessionId(place), needs: { ownerWith: 'a verified address' } }],
}

/** Of an administrator of the organization, whose role reaches into the workspace. */
async function inheritedMemberId(place: Place): Promise<string> {
  const { userId } = await place.tenant.member('ADMIN')
  return memberId(place, userId, 'workspace')
}
