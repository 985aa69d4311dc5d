import { expect } from 'vitest'
import { updateOrganizationSettings } from '../../../src/domains/organization/update-organization-settings.ts'
import { updateWorkspaceSettings } from '../../../src/domains/workspace/update-workspace-settings.ts'
import type { SettingsInput } from '../../generated/graphql.ts'
import { graphql } from '../../generated/index.ts'
import type { TestApp } from '../../kit/app.ts'
import type { Person, Tenant } from '../../kit/world.ts'

const Effective = graphql(`
  query EffectiveSettings($id: ID!) {
    workspace(id: $id) {
      version
      viewerPermissions
      settings {
        locks
        own {
          permissions { workspaceDeletion whoMayInvite allowedEmailDomains cloneByWriters }
          features { key enabled }
          integrations { key enabled config secretKeys }
        }
        effective {
          permissions {
            workspaceDeletion { value source locked }
            whoMayInvite { value source locked }
            allowedEmailDomains { value source locked }
            cloneByWriters { value source locked }
          }
          features { key enabled source locked }
          integrations { key enabled config secretKeys secrets { key setAt } source locked }
        }
      }
    }
  }
`)

export const UpdateWorkspace = graphql(`
  mutation UpdateWorkspaceSettings($input: UpdateWorkspaceSettingsInput!) {
    updateWorkspaceSettings(input: $input) {
      __typename
      ... on Error { message }
      ... on SettingLocked { paths }
      ... on VersionConflict { current }
      ... on ValidationError { issues { path message } }
      ... on UpdateWorkspaceSettingsPayload { workspace { version settings { own { features { key } } } } }
    }
  }
`)

export const UpdateOrganization = graphql(`
  mutation UpdateOrganizationSettings($input: UpdateOrganizationSettingsInput!) {
    updateOrganizationSettings(input: $input) {
      __typename
      ... on ValidationError { issues { path message } }
      ... on VersionConflict { current }
      ... on UpdateOrganizationSettingsPayload {
        organization { version viewerPermissions settings { locks own { features { key enabled } } } }
      }
    }
  }
`)

/** What the tests of settings have in common, on the app of one file. */
export function settingsKit(current: () => TestApp) {
  async function settingsOf(id: string, { token }: Person) {
    const { data, errors } = await current().run(Effective, { id }, token)
    expect(errors).toBeUndefined()
    if (!data.workspace?.settings) throw new Error('The workspace is not there')
    return { ...data.workspace, settings: data.workspace.settings }
  }

  /** Sets as the owner, through the use cases. */
  async function organizationSets(tenant: Tenant, settings: SettingsInput, locks?: string[]) {
    const { organizationId, owner } = tenant
    await updateOrganizationSettings(await owner.caller(), { organizationId, settings, locks } as never)
  }

  async function workspaceSets(tenant: Tenant, settings: SettingsInput, mode: 'MERGE' | 'REPLACE' = 'MERGE') {
    const { first, owner } = tenant
    await updateWorkspaceSettings(await owner.caller(), {
      workspaceId: first.workspaceId,
      settings,
      mode,
    } as never)
  }

  async function updateAs(
    person: Person,
    workspaceId: string,
    settings: SettingsInput,
    expectedVersion?: number,
  ) {
    const input = { workspaceId, settings, expectedVersion }
    return current().run(UpdateWorkspace, { input }, person.token)
  }

  const eventsOf = (organizationId: string, type: string) =>
    current().services.db.event.findMany({ where: { organizationId, type }, orderBy: { sequence: 'asc' } })

  return { settingsOf, organizationSets, workspaceSets, updateAs, eventsOf }
}
