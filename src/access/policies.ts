import type { AccessLevel } from '../generated/prisma/client.ts'
import { allPermissions, type Permission, reaches } from './permissions.ts'

/** Settings that decide who may do what (S2). An organization sets them for all of its workspaces. */
export interface Policies {
  /** The lowest level that deletes and restores the workspace (O11). */
  workspaceDeletion: 'ADMIN' | 'OWNER'
  /** The lowest level that invites: to the workspace, or to the organization itself. */
  whoMayInvite: 'ADMIN' | 'OWNER'
  /** Domains whose addresses may be invited; empty for all. */
  allowedEmailDomains: readonly string[]
  /** Whether those below ADMIN may clone the workspace (O15). */
  cloneByWriters: boolean
}

/** What counts where nobody has set anything: of each policy the most open value. */
export const DEFAULT_POLICIES: Policies = {
  workspaceDeletion: 'ADMIN',
  whoMayInvite: 'ADMIN',
  allowedEmailDomains: [],
  cloneByWriters: true,
}

/**
 * The `settings` column of an organization or a workspace. What is absent is inherited. Secrets of integrations are not in
 * it: they have a table of their own.
 */
export interface StoredSettings {
  permissions?: Partial<Policies>
  features?: Record<string, boolean>
  integrations?: Record<string, { enabled: boolean; config: Record<string, unknown> }>
  /** Paths that an organization has locked, like `permissions.whoMayInvite`, or a whole area like `features`. */
  locks?: readonly string[]
}

/** The `settings` column as it was read: only use cases write it, so its form is known. */
export const storedSettings = (column: unknown): StoredSettings => (column ?? {}) as StoredSettings

/** Whether an organization keeps its workspaces from having a value of their own at this path (S3). */
export const isLocked = (locks: readonly string[] | undefined, path: string): boolean =>
  locks?.some((lock) => path === lock || path.startsWith(`${lock}.`)) ?? false

/**
 * The policies that count in an organization, or in one of its workspaces.
 *
 * @param organizationSettings the column `organization.settings`
 * @param workspaceSettings the column `workspace.settings`; absent for the organization itself
 */
export function policiesOf(organizationSettings: unknown, workspaceSettings?: unknown): Policies {
  const organization = storedSettings(organizationSettings)
  const workspace = storedSettings(workspaceSettings)
  if (!organization.permissions && !workspace.permissions) return DEFAULT_POLICIES
  const own = Object.entries(workspace.permissions ?? {})
  const counting = own.filter(([name]) => !isLocked(organization.locks, `permissions.${name}`))
  return { ...DEFAULT_POLICIES, ...organization.permissions, ...Object.fromEntries(counting) }
}

/**
 * What somebody of this level may do where these policies count.
 *
 * @param held what their roles hold
 */
export function underPolicies(
  held: ReadonlySet<Permission>,
  level: AccessLevel | null,
  policies: Policies,
): ReadonlySet<Permission> {
  const isBelowOwner = level !== 'OWNER'
  const lost = new Set<Permission>()
  if (isBelowOwner && policies.workspaceDeletion === 'OWNER') lost.add('workspace:delete')
  if (isBelowOwner && policies.whoMayInvite === 'OWNER') {
    lost.add('invite:write')
    lost.add('organization:invites')
  }
  if (!policies.cloneByWriters && !reaches(level, 'ADMIN')) lost.add('workspace:clone')
  return lost.size === 0 ? held : new Set([...held].filter((permission) => !lost.has(permission)))
}

/** The permissions that a change of policies gives to somebody who lacks them today. */
export function permissionsGained(before: Policies, after: Policies): Permission[] {
  const all = new Set(allPermissions)
  const gained = (['READ', 'WRITE', 'ADMIN'] as const).flatMap((level) => {
    const today = underPolicies(all, level, before)
    return [...underPolicies(all, level, after)].filter((permission) => !today.has(permission))
  })
  return [...new Set(gained)]
}

/** Whether an address may be invited under these policies. Subdomains have to be listed themselves. */
export function mayBeInvited({ allowedEmailDomains }: Policies, email: string): boolean {
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase()
  return allowedEmailDomains.length === 0 || allowedEmailDomains.includes(domain)
}

/** Why {@link mayBeInvited} says no, as a sentence. */
export const onlyAllowedDomains = ({ allowedEmailDomains }: Policies): string =>
  `Only addresses of ${allowedEmailDomains.join(', ')} can be invited here.`
