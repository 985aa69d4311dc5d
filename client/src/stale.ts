/** What the cache forgets behind a mutation that worked: fields by name, and the object that was named by `input.id`. */
export interface Stale {
  fields?: readonly string[]
  gone?: string
}

const MINE = [
  'viewer',
  'organization',
  'organizationBySlug',
  'workspace',
  'workspaceByKey',
  'node',
  'nodes',
] as const
export const PEOPLE = ['members', 'memberCount', 'viewerMember', 'workspaceMemberCounts'] as const
const ROLES = ['roles', 'members'] as const

/** Mutations that are not here change only objects that their payload names: the cache sees that by itself. */
export const staleAfter = (): Record<string, Stale> => ({
  createOrganization: { fields: ['organizations', 'workspaces'] },
  deleteOrganization: { fields: ['organizations', 'workspaces'], gone: 'Organization' },
  restoreOrganization: { fields: ['organizations', 'workspaces'] },
  transferOwnership: { fields: [...PEOPLE, 'viewerPermissions', 'viewerRole'] },
  updateOrganizationSettings: { fields: ['settings', 'viewerPermissions'] },
  updateWorkspaceSettings: { fields: ['viewerPermissions'] },
  createWorkspace: { fields: ['workspaces'] },
  cloneWorkspace: { fields: ['workspaces'] },
  provisionWorkspaces: { fields: ['operations', 'workspaces'] },
  deleteWorkspace: { fields: ['workspaces'] },
  restoreWorkspace: { fields: ['workspaces', 'workspace', 'workspaceByKey'] },
  purgeWorkspace: { fields: ['workspaces'], gone: 'Workspace' },
  addMember: { fields: PEOPLE },
  setMemberRole: { fields: [...PEOPLE, 'roles', 'viewerPermissions', 'viewerRole', 'viewerAccess'] },
  setMemberRoles: { fields: [...PEOPLE, 'roles', 'viewerPermissions', 'viewerRole', 'viewerAccess'] },
  removeMember: { fields: [...PEOPLE, 'roles'] },
  leave: { fields: MINE },
  createRole: { fields: ['roles'] },
  updateRole: { fields: ['viewerPermissions', 'viewerAccess'] },
  deleteRole: { fields: [...ROLES, 'invites'], gone: 'Role' },
  createInvites: { fields: ['invites', ...PEOPLE] },
  revokeInvite: { fields: ['invites'] },
  resendInvite: { fields: ['invites'] },
  acceptInvite: { fields: MINE },
  declineInvite: { fields: ['invites'] },
  registerResource: { fields: ['resources'] },
  removeResource: { fields: ['resources'], gone: 'Resource' },
  installExtension: { fields: ['extensions'] },
  uninstallExtension: { fields: ['extensions'], gone: 'ExtensionInstallation' },
  registerCapability: { fields: ['capabilities'] },
  removeCapability: { fields: ['capabilities'], gone: 'Capability' },
  createEventSubscription: { fields: ['eventSubscriptions'] },
  sendTestEvent: { fields: ['attempts'] },
  replayEventSubscription: { fields: ['attempts'] },
  deleteEventSubscription: { fields: ['eventSubscriptions'], gone: 'EventSubscription' },
  createAccessToken: { fields: ['accessTokens'] },
  revokeAccessToken: { fields: ['accessTokens'], gone: 'AccessToken' },
  revokeSession: { fields: ['sessions'], gone: 'Session' },
  revokeOtherSessions: { fields: ['sessions'] },
  createUser: { fields: ['users'] },
  updateUser: { fields: ['users'] },
  deleteUser: { fields: ['users', 'organizations'], gone: 'User' },
})

/** Fields that an event may have changed, by the noun in front of its type: `member` of `member.added`. */
const BEHIND_EVENTS: Record<string, readonly string[]> = {
  organization: ['organization', 'organizationBySlug', 'settings'],
  workspace: ['workspaces', 'workspace', 'workspaceByKey', 'settings', 'preferences'],
  member: PEOPLE,
  invite: ['invites'],
  role: ROLES,
  resource: ['resources'],
  extension: ['extensions'],
  capability: ['capabilities'],
  subscription: ['eventSubscriptions'],
}

export const staleBehindEvent = (type: string): readonly string[] =>
  BEHIND_EVENTS[type.split('.')[0] ?? ''] ?? []
