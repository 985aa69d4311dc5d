import type { ScopeShown } from '../lib/scope.ts'
import { Invites } from './invites.tsx'
import { Members } from './members.tsx'
import { useOrganization } from './organization.tsx'
import { Settings } from './settings.tsx'
import { useWorkspace } from './workspace.tsx'

function useOrganizationScope(): ScopeShown {
  return { kind: 'ORGANIZATION', ...useOrganization() }
}

function useWorkspaceScope(): ScopeShown {
  return { kind: 'WORKSPACE', ...useWorkspace() }
}

export const OrganizationMembersPage = () => <Members scope={useOrganizationScope()} />
export const OrganizationInvitesPage = () => <Invites scope={useOrganizationScope()} />
export const OrganizationSettingsPage = () => <Settings scope={useOrganizationScope()} />
export const WorkspaceMembersPage = () => <Members scope={useWorkspaceScope()} />
export const WorkspaceInvitesPage = () => <Invites scope={useWorkspaceScope()} />
export const WorkspaceSettingsPage = () => <Settings scope={useWorkspaceScope()} />
