import type { AccessLevel, ScopeKind } from '../generated/prisma/client.ts'

/**
 * The permission matrix of access.md: the only place where it is written. Rules, `viewerPermissions`, the GraphQL enum,
 * the built-in roles, the printed table and the exhaustive test are derived from it.
 */
export const LEVELS = ['READ', 'WRITE', 'ADMIN', 'OWNER'] as const satisfies readonly AccessLevel[]

/** Permissions on a workspace, each with the lowest level that has it. */
const WORKSPACE_PERMISSIONS = {
  'workspace:read': 'READ',
  'member:read': 'READ',
  'role:read': 'READ',
  'settings:read': 'READ',
  'workspace:clone': 'READ',
  'resource:write': 'WRITE',
  'extension:write': 'WRITE',
  'capability:write': 'WRITE',
  'preferences:write': 'WRITE',
  'workspace:update': 'ADMIN',
  'settings:write': 'ADMIN',
  'member:write': 'ADMIN',
  'invite:read': 'ADMIN',
  'invite:write': 'ADMIN',
  'role:write': 'ADMIN',
  'events:write': 'ADMIN',
  'workspace:delete': 'ADMIN',
} as const satisfies Record<string, AccessLevel>

export type OrganizationRoleKey = 'MEMBER' | 'WORKSPACE_MANAGER' | 'ADMIN' | 'OWNER'

/** Permissions on an organization, each with the built-in organization roles that have it. */
const ORGANIZATION_PERMISSIONS = {
  'organization:read': ['MEMBER', 'WORKSPACE_MANAGER', 'ADMIN', 'OWNER'],
  'workspace:create': ['WORKSPACE_MANAGER', 'ADMIN', 'OWNER'],
  'organization:members': ['ADMIN', 'OWNER'],
  'organization:settings': ['ADMIN', 'OWNER'],
  'organization:roles': ['ADMIN', 'OWNER'],
  'organization:invites': ['ADMIN', 'OWNER'],
  'organization:delete': ['OWNER'],
  'organization:transfer': ['OWNER'],
} as const satisfies Record<string, readonly OrganizationRoleKey[]>

export type WorkspacePermission = keyof typeof WORKSPACE_PERMISSIONS
export type OrganizationPermission = keyof typeof ORGANIZATION_PERMISSIONS
export type Permission = WorkspacePermission | OrganizationPermission

export const workspacePermissions = Object.keys(WORKSPACE_PERMISSIONS) as WorkspacePermission[]
export const organizationPermissions = Object.keys(ORGANIZATION_PERMISSIONS) as OrganizationPermission[]
export const allPermissions: Permission[] = [...workspacePermissions, ...organizationPermissions]

/** The order of levels; no level at all is below READ. */
export const rankOf = (level: AccessLevel | null): number => (level === null ? -1 : LEVELS.indexOf(level))

/** Whether `level` gives at least what `needed` asks for. */
export const reaches = (level: AccessLevel | null, needed: AccessLevel): boolean =>
  rankOf(level) >= rankOf(needed)

/** What a level gives on a workspace, and the ceiling of a custom role of that level (access.md, rule 3). */
export const ceilingOf = (level: AccessLevel | null): WorkspacePermission[] =>
  workspacePermissions.filter((permission) => reaches(level, WORKSPACE_PERMISSIONS[permission]))

/**
 * What the scopes of an access token come to (T6). Whatever is on workspaces needs `workspace:read` with it, and whatever is
 * on organizations `organization:read`: what can't be seen does not exist.
 */
export function effectiveScopes(scopes: readonly string[]): ReadonlySet<Permission> {
  const without = (basic: Permission) => !scopes.includes(basic)
  const hidden: readonly Permission[] = [
    ...(without('workspace:read') ? workspacePermissions : []),
    ...(without('organization:read') ? organizationPermissions : []),
  ]
  return new Set(
    allPermissions.filter((permission) => scopes.includes(permission) && !hidden.includes(permission)),
  )
}

/** The highest level, up to this one, that gives nothing beyond these permissions; null when there is none. */
export function levelWithin(
  level: AccessLevel | null,
  permissions: ReadonlySet<Permission>,
): AccessLevel | null {
  const fitting = LEVELS.filter(
    (one) =>
      rankOf(one) <= rankOf(level) && ceilingOf(one).every((permission) => permissions.has(permission)),
  )
  return fitting.at(-1) ?? null
}

/** A role as it is laid down for every new organization. */
export interface BuiltInRole {
  scope: ScopeKind
  key: string
  name: string
  description: string
  level: AccessLevel | null
  /** Other names by which inputs and filters may call it, in lower case. */
  aliases: readonly string[]
}

export const builtInRoles: readonly BuiltInRole[] = [
  {
    scope: 'ORGANIZATION',
    key: 'MEMBER',
    name: 'Member',
    description: 'Belongs to the organization; sees no workspace by itself.',
    level: null,
    aliases: [],
  },
  {
    scope: 'ORGANIZATION',
    key: 'WORKSPACE_MANAGER',
    name: 'Workspace Manager',
    description: 'Creates, clones into and provisions workspaces, and owns what it creates.',
    level: null,
    aliases: ['manager'],
  },
  {
    scope: 'ORGANIZATION',
    key: 'ADMIN',
    name: 'Organization Administrator',
    description: 'Administers the organization and every workspace in it.',
    level: 'ADMIN',
    aliases: ['administrator'],
  },
  {
    scope: 'ORGANIZATION',
    key: 'OWNER',
    name: 'Organization Owner',
    description: 'Owns the organization and every workspace in it. There is always at least one.',
    level: 'OWNER',
    aliases: [],
  },
  {
    scope: 'WORKSPACE',
    key: 'READ',
    name: 'Workspace Viewer',
    description: 'Reads the workspace, its members, roles and settings.',
    level: 'READ',
    aliases: ['viewer', 'member'],
  },
  {
    scope: 'WORKSPACE',
    key: 'WRITE',
    name: 'Workspace Editor',
    description: 'Also works with what is inside: resources, extensions, capabilities, preferences.',
    level: 'WRITE',
    aliases: ['editor'],
  },
  {
    scope: 'WORKSPACE',
    key: 'ADMIN',
    name: 'Workspace Admin',
    description: 'Also administers the workspace: its data, settings, members, roles and invites.',
    level: 'ADMIN',
    aliases: [],
  },
  {
    scope: 'WORKSPACE',
    key: 'OWNER',
    name: 'Workspace Owner',
    description: 'Also deletes the workspace where the organization leaves that to owners.',
    level: 'OWNER',
    aliases: [],
  },
]

/** What is needed of a role to know the most that it may permit. */
type RoleKind = Pick<RoleGrant, 'scope' | 'key' | 'builtIn' | 'level'>

/** What is needed of a stored role to know what it permits. */
export interface RoleGrant {
  scope: ScopeKind
  key: string
  builtIn: boolean
  level: AccessLevel | null
  permissions: readonly string[]
}

/** A role of an organization, as whoever gives or takes it needs it; SQL's `role_json` makes the same. */
export interface StoredRole extends RoleGrant {
  id: string
  name: string
}

/**
 * Everything that a role permits: on its workspaces by level, and on the organization when it is an organization role.
 * A built-in role's permissions come from the matrix; a custom role's from its row, cut to its ceiling. Reading is
 * part of every level.
 */
export function permissionsOf(role: RoleGrant): ReadonlySet<Permission> {
  if (role.builtIn) return builtInPermissions(role)
  const most = mostOf(role)
  const basics: Permission[] = role.scope === 'ORGANIZATION' ? ['organization:read'] : []
  const chosen = most.filter((permission) => role.permissions.includes(permission))
  return new Set([...basics, ...(role.level === null ? [] : ceilingOf('READ')), ...chosen])
}

const ofBuiltIn = new Map<string, ReadonlySet<Permission>>()

/** Worked out once: every request asks for those of each role that its viewer holds. */
function builtInPermissions(role: RoleKind): ReadonlySet<Permission> {
  const name = `${role.scope} ${role.key} ${role.level}`
  const known = ofBuiltIn.get(name) ?? new Set(mostOf(role))
  ofBuiltIn.set(name, known)
  return known
}

/** The most that a custom role of this level may permit in this scope (access.md, rule 3). */
export const customCeiling = (scope: ScopeKind, level: AccessLevel | null): Permission[] =>
  mostOf({ scope, level, key: '', builtIn: false })

function mostOf(role: RoleKind): Permission[] {
  return [...ceilingOf(role.level), ...(role.scope === 'ORGANIZATION' ? organizationCeiling(role) : [])]
}

/** A custom role holds what the built-in role of its level may hold: an administrator's, else a manager's. */
function organizationCeiling(role: RoleKind): OrganizationPermission[] {
  const custom: OrganizationRoleKey = role.level === 'ADMIN' ? 'ADMIN' : 'WORKSPACE_MANAGER'
  const key = role.builtIn ? (role.key as OrganizationRoleKey) : custom
  return organizationPermissions.filter((permission) =>
    (ORGANIZATION_PERMISSIONS[permission] as readonly OrganizationRoleKey[]).includes(key),
  )
}
