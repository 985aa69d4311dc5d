import type { AccessLevel, Permission } from '@atrium/client'

/** What a permission lets people do, in the order in which people think of it. */
export const PERMISSIONS: Record<Permission, string> = {
  WORKSPACE_READ: 'See the workspace',
  MEMBER_READ: 'See its members',
  ROLE_READ: 'See its roles',
  SETTINGS_READ: 'See its settings',
  WORKSPACE_CLONE: 'Clone it',
  RESOURCE_WRITE: 'Register resources',
  EXTENSION_WRITE: 'Install extensions',
  CAPABILITY_WRITE: 'Register capabilities',
  PREFERENCES_WRITE: 'Set its preferences',
  WORKSPACE_UPDATE: 'Change the workspace',
  SETTINGS_WRITE: 'Change its settings',
  MEMBER_WRITE: 'Add, change and remove members',
  INVITE_READ: 'See invites',
  INVITE_WRITE: 'Invite people',
  ROLE_WRITE: 'Hand out roles',
  EVENTS_WRITE: 'Subscribe to events',
  WORKSPACE_DELETE: 'Delete and restore it',
  ORGANIZATION_READ: 'See the organization',
  WORKSPACE_CREATE: 'Create workspaces',
  ORGANIZATION_MEMBERS: 'Manage its members',
  ORGANIZATION_SETTINGS: 'Change its settings',
  ORGANIZATION_ROLES: 'Manage custom roles',
  ORGANIZATION_INVITES: 'Invite people to it',
  ORGANIZATION_DELETE: 'Delete the organization',
  ORGANIZATION_TRANSFER: 'Transfer ownership',
}

export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as Permission[]

export const isOrganizational = (permission: Permission): boolean =>
  permission.startsWith('ORGANIZATION_') || permission === 'WORKSPACE_CREATE'

export const LEVELS: Record<AccessLevel, string> = {
  READ: 'Read',
  WRITE: 'Read and write',
  ADMIN: 'Administer',
  OWNER: 'Full control',
}

const dates = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })
const times = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

export const dateOf = (instant: string): string => dates.format(new Date(instant))
export const timeOf = (instant: string): string => times.format(new Date(instant))

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
