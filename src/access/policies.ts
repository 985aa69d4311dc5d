import type { AccessLevel } from '../generated/prisma/client.ts'
import { type Permission, reaches } from './permissions.ts'

/** The lowest level that deletes and restores workspaces (O11). */
export type WorkspaceDeletion = 'ADMIN' | 'OWNER'

/** How a setting is named in `locks` of an organization's settings. */
export const WORKSPACE_DELETION = 'permissions.workspaceDeletion'

/**
 * Who deletes a workspace (O11): what the workspace's own settings say, unless the organization has locked the value;
 * else what the organization's say; else ADMIN.
 *
 * @param organizationSettings `organization.settings` as stored
 * @param workspaceSettings `workspace.settings` as stored; null asks for the organization's own value
 */
export function deletionPolicy(organizationSettings: unknown, workspaceSettings: unknown): WorkspaceDeletion {
  const locks = property(organizationSettings, 'locks')
  const isLocked = Array.isArray(locks) && locks.includes(WORKSPACE_DELETION)
  const own = isLocked ? null : valueIn(workspaceSettings)
  return own ?? valueIn(organizationSettings) ?? 'ADMIN'
}

/** What remains of a role's permissions where the policy asks for an owner (access.md: "ADMIN unless OWNER is required"). */
export function underPolicy(
  permissions: ReadonlySet<Permission>,
  level: AccessLevel | null,
  deletion: WorkspaceDeletion,
): ReadonlySet<Permission> {
  if (reaches(level, deletion) || !permissions.has('workspace:delete')) return permissions
  return new Set([...permissions].filter((permission) => permission !== 'workspace:delete'))
}

function valueIn(settings: unknown): WorkspaceDeletion | null {
  const value = property(property(settings, 'permissions'), 'workspaceDeletion')
  return value === 'ADMIN' || value === 'OWNER' ? value : null
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
