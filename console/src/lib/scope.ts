import {
  OrganizationInvitesDocument,
  OrganizationMembersDocument,
  type Permission,
  useOrganizationRolesQuery,
  useWorkspaceRolesQuery,
  WorkspaceInvitesDocument,
  WorkspaceMembersDocument,
} from '@atrium/client'
import { useEndless } from './endless.ts'

/** An organization or a workspace, to the pages that are the same for both. */
export interface ScopeShown {
  kind: 'ORGANIZATION' | 'WORKSPACE'
  id: string
  name: string
  viewerPermissions: readonly Permission[]
  viewerRole?: { name: string } | null
}

/** The permissions that managing people takes, by where. */
export const PEOPLE: Record<ScopeShown['kind'], { members: Permission; invites: Permission }> = {
  ORGANIZATION: { members: 'ORGANIZATION_MEMBERS', invites: 'ORGANIZATION_INVITES' },
  WORKSPACE: { members: 'MEMBER_WRITE', invites: 'INVITE_WRITE' },
}

/** The members of a scope whose name or address has this text. */
export function useMembers({ kind, id }: ScopeShown, search: string) {
  const variables = { id, first: 50, orderBy: 'display_name', ...(search ? { where: { search } } : {}) }
  const isOrganization = kind === 'ORGANIZATION'
  const document = isOrganization ? OrganizationMembersDocument : WorkspaceMembersDocument
  return useEndless(document as typeof WorkspaceMembersDocument, variables, (data) => scopeOf(data)?.members)
}

/** The invites of a scope. */
export function useInvites({ kind, id }: ScopeShown, isOpenOnly: boolean) {
  const variables = { id, first: 50, ...(isOpenOnly ? { status: 'PENDING' as const } : {}) }
  const document = kind === 'ORGANIZATION' ? OrganizationInvitesDocument : WorkspaceInvitesDocument
  return useEndless(document as typeof WorkspaceInvitesDocument, variables, (data) => scopeOf(data)?.invites)
}

/** Either query has one root field: the organization or the workspace. */
function scopeOf<Scope>(data: { workspace?: Scope | null }): Scope | null | undefined {
  return data.workspace ?? (data as { organization?: Scope | null }).organization
}

/** The roles that can be held in a scope. */
export function useRoles({ kind, id }: ScopeShown) {
  const isOrganization = kind === 'ORGANIZATION'
  const variables = { id, first: 200, where: { scope: { eq: kind } } }
  const [ofOrganization] = useOrganizationRolesQuery({ variables, pause: !isOrganization })
  const [ofWorkspace] = useWorkspaceRolesQuery({ variables, pause: isOrganization })
  const roles = isOrganization ? ofOrganization.data?.organization?.roles : ofWorkspace.data?.workspace?.roles
  return roles?.nodes ?? []
}
