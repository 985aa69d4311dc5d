import type { ObjectRef } from '@pothos/core'
import { type Policies, type StoredSettings, storedSettings } from '../../access/policies.ts'
import { builder, type ObjectFields, type Types } from '../../graphql/builder.ts'
import { forbidden } from '../../platform/refusal.ts'
import {
  type EffectiveFeature,
  type EffectiveIntegration,
  type EffectivePermissions,
  effectiveFeatures,
  effectiveIntegrations,
  effectivePermissions,
  type Setting,
  type SettingSource,
  type SettingsPair,
} from './effective-settings.ts'

/** A secret as it may be shown: that it is there, and since when. */
interface ShownSecret {
  integration: string
  key: string
  setAt: Date
}

/** Everything that the settings of one scope are made of, by one query for any number of scopes. */
interface Settings extends SettingsPair {
  secrets: { organization: ShownSecret[]; workspace: ShownSecret[] }
}

export const PolicyLevelEnum = builder.enumType('PolicyLevel', {
  description: 'The lowest level that may do something.',
  values: {
    ADMIN: { description: 'Administrators and owners.' },
    OWNER: { description: 'Owners alone.' },
  } as const,
})

const SettingSourceEnum = builder.enumType('SettingSource', {
  description: 'Where a value that counts comes from (S3).',
  values: {
    DEFAULT: { description: 'Nobody has set it.' },
    ORGANIZATION: { description: 'The organization has set it, for all of its workspaces.' },
    WORKSPACE: { description: 'The workspace has set it for itself.' },
  } satisfies Record<SettingSource, { description: string }>,
})

export const policyDescriptions: Record<keyof Policies, string> = {
  workspaceDeletion: 'The lowest level that deletes and restores a workspace (O11). Default: `ADMIN`.',
  whoMayInvite:
    'The lowest level that invites people: to a workspace, or to the organization itself. Default: `ADMIN`.',
  allowedEmailDomains:
    'Domains whose addresses may be invited, without their subdomains; empty for all, which is the default.',
  cloneByWriters:
    'Whether everybody on a workspace may clone it (O15); if not, that takes `ADMIN`. Default: `true`.',
}

const settingFields = <Value>(t: ObjectFields<Setting<Value>>) => ({
  source: t.expose(
    'source' as never,
    { type: SettingSourceEnum, description: 'Where it comes from.' } as never,
  ),
  locked: t.exposeBoolean(
    'locked' as never,
    {
      description: 'Whether the organization keeps its workspaces from having a value of their own.',
    } as never,
  ),
})

function settingType<Value>(name: string, what: string, type: unknown): ObjectRef<Types, Setting<Value>> {
  const ref = builder.objectRef<Setting<Value>>(name)
  builder.objectType(ref, {
    description: `${what} that counts, and where it comes from.`,
    fields: (t) => ({
      value: t.expose('value' as never, { type, description: 'The value that counts.' } as never),
      ...settingFields(t),
    }),
  })
  return ref
}

const LevelSetting = settingType<Policies['whoMayInvite']>('LevelSetting', 'A level', PolicyLevelEnum)
const StringsSetting = settingType<readonly string[]>('StringsSetting', 'A list', ['String'])
const BooleanSetting = settingType<boolean>('BooleanSetting', 'A yes or no', 'Boolean')

const EffectivePermissionsType = builder
  .objectRef<EffectivePermissions>('EffectivePermissionSettings')
  .implement({
    description: 'Who may do what, as it counts. The permissions of the viewer follow from it.',
    fields: (t) => ({
      workspaceDeletion: t.expose('workspaceDeletion', {
        type: LevelSetting,
        description: policyDescriptions.workspaceDeletion,
      }),
      whoMayInvite: t.expose('whoMayInvite', {
        type: LevelSetting,
        description: policyDescriptions.whoMayInvite,
      }),
      allowedEmailDomains: t.expose('allowedEmailDomains', {
        type: StringsSetting,
        description: policyDescriptions.allowedEmailDomains,
      }),
      cloneByWriters: t.expose('cloneByWriters', {
        type: BooleanSetting,
        description: policyDescriptions.cloneByWriters,
      }),
    }),
  })

const EffectiveFeatureType = builder.objectRef<EffectiveFeature>('EffectiveFeature').implement({
  description: 'A feature as it counts, and where that comes from.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name.' }),
    enabled: t.boolean({ description: 'Whether it is on.', resolve: ({ value }) => value }),
    ...settingFields(t as never),
  }),
})

const IntegrationSecretType = builder.objectRef<ShownSecret>('IntegrationSecret').implement({
  description: 'That a secret is there. What it is was sealed when it was set, and is never answered (S5).',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name.' }),
    setAt: t.expose('setAt', { type: 'DateTime', description: 'When it was last set.' }),
  }),
})

interface Integration {
  key: string
  value: EffectiveIntegration['value']
  secrets: ShownSecret[]
}

const integrationFields = <Shape extends Integration>(t: ObjectFields<Shape>) => ({
  key: t.string({ description: 'Its name.', resolve: ({ key }) => key }),
  enabled: t.boolean({ description: 'Whether it is on.', resolve: ({ value }) => value.enabled }),
  config: t.field({
    type: 'JSON',
    description: 'Its configuration, a JSON object.',
    resolve: ({ value }) => value.config,
  }),
  secretKeys: t.stringList({
    description: 'The names of its secrets.',
    resolve: ({ secrets }) => secrets.map(({ key }) => key),
  }),
  secrets: t.field({
    type: [IntegrationSecretType],
    description: 'Its secrets, without what they are.',
    resolve: ({ secrets }) => secrets,
  }),
})

const EffectiveIntegrationType = builder
  .objectRef<EffectiveIntegration & Integration>('EffectiveIntegration')
  .implement({
    description: 'An integration as it counts: as a whole, with its secrets, from one place.',
    fields: (t) => ({ ...integrationFields(t), ...settingFields(t as never) }),
  })

const OwnIntegrationType = builder.objectRef<Integration>('OwnIntegration').implement({
  description: 'An integration that was set here.',
  fields: (t) => integrationFields(t),
})

const OwnFeatureType = builder.objectRef<{ key: string; enabled: boolean }>('OwnFeature').implement({
  description: 'A feature that was set here.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name.' }),
    enabled: t.exposeBoolean('enabled', { description: 'Whether it is on.' }),
  }),
})

const inheritedHere = 'Null when it was not set here.'

const OwnPermissionsType = builder.objectRef<Partial<Policies>>('OwnPermissionSettings').implement({
  description: 'What was set here about who may do what; null where nothing was.',
  fields: (t) => ({
    workspaceDeletion: t.field({
      type: PolicyLevelEnum,
      nullable: true,
      description: `${policyDescriptions.workspaceDeletion} ${inheritedHere}`,
      resolve: ({ workspaceDeletion }) => workspaceDeletion,
    }),
    whoMayInvite: t.field({
      type: PolicyLevelEnum,
      nullable: true,
      description: `${policyDescriptions.whoMayInvite} ${inheritedHere}`,
      resolve: ({ whoMayInvite }) => whoMayInvite,
    }),
    allowedEmailDomains: t.stringList({
      nullable: true,
      description: `${policyDescriptions.allowedEmailDomains} ${inheritedHere}`,
      resolve: ({ allowedEmailDomains }) => allowedEmailDomains as string[] | undefined,
    }),
    cloneByWriters: t.boolean({
      nullable: true,
      description: `${policyDescriptions.cloneByWriters} ${inheritedHere}`,
      resolve: ({ cloneByWriters }) => cloneByWriters,
    }),
  }),
})

const secretsOf = (rows: ShownSecret[], integration: string) =>
  rows.filter((row) => row.integration === integration)

const OwnSettingsType = builder
  .objectRef<{ settings: StoredSettings; secrets: ShownSecret[] }>('OwnSettings')
  .implement({
    description:
      'What was set in this scope itself. In a workspace a value that the organization has locked does not count, and is kept.',
    fields: (t) => ({
      permissions: t.field({
        type: OwnPermissionsType,
        description: 'Who may do what.',
        resolve: ({ settings }) => settings.permissions ?? {},
      }),
      features: t.field({
        type: [OwnFeatureType],
        description: 'Features, by key.',
        resolve: ({ settings }) => byKey(settings.features).map(([key, enabled]) => ({ key, enabled })),
      }),
      integrations: t.field({
        type: [OwnIntegrationType],
        description: 'Integrations, by key.',
        resolve: ({ settings, secrets }) =>
          byKey(settings.integrations).map(([key, value]) => ({
            key,
            value,
            secrets: secretsOf(secrets, key),
          })),
      }),
    }),
  })

const byKey = <Value>(values: Record<string, Value> | undefined) =>
  Object.entries(values ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))

const EffectiveSettingsType = builder.objectRef<Settings>('EffectiveSettings').implement({
  description:
    'What counts: the own value of a workspace, else that of its organization, else the default. A locked value is the organization’s.',
  fields: (t) => ({
    permissions: t.field({
      type: EffectivePermissionsType,
      description: 'Who may do what.',
      resolve: (settings) => effectivePermissions(settings),
    }),
    features: t.field({
      type: [EffectiveFeatureType],
      description: 'Every feature that the organization or the workspace has set, by key.',
      resolve: (settings) => effectiveFeatures(settings),
    }),
    integrations: t.field({
      type: [EffectiveIntegrationType],
      description: 'Every integration that the organization or the workspace has set, by key.',
      resolve: (settings) =>
        effectiveIntegrations(settings).map((integration) => {
          const rows = integration.source === 'WORKSPACE' ? 'workspace' : 'organization'
          return { ...integration, secrets: secretsOf(settings.secrets[rows], integration.key) }
        }),
    }),
  }),
})

const SettingsType = builder.objectRef<Settings>('Settings').implement({
  description: 'How a workspace or an organization is set up (S1 to S3).',
  fields: (t) => ({
    own: t.field({
      type: OwnSettingsType,
      description: 'What was set here.',
      resolve: ({ organization, workspace, secrets }) =>
        workspace
          ? { settings: workspace, secrets: secrets.workspace }
          : { settings: organization, secrets: secrets.organization },
    }),
    effective: t.field({
      type: EffectiveSettingsType,
      description: 'What counts here.',
      resolve: (settings) => settings,
    }),
    locks: t.stringList({
      description:
        'What the organization keeps its workspaces from changing: paths like `features.beta`, or whole areas like `features`.',
      resolve: ({ organization }) => [...(organization.locks ?? [])],
    }),
  }),
})

const shownSecrets = {
  select: { integration: true, key: true, setAt: true },
  orderBy: { key: 'asc' },
} as const

const organizationSettings = {
  settings: true,
  integrationSecrets: { ...shownSecrets, where: { workspaceId: null } },
} as const

builder.prismaObjectField('Workspace', 'settings', (t) =>
  t.field({
    type: SettingsType,
    description: 'How the workspace is set up. Needs `settings:read`, which everybody with a role here has.',
    select: {
      settings: true,
      integrationSecrets: shownSecrets,
      organization: { select: organizationSettings },
    },
    resolve: ({ settings, integrationSecrets, organization }) => ({
      organization: storedSettings(organization.settings),
      workspace: storedSettings(settings),
      secrets: { organization: organization.integrationSecrets, workspace: integrationSecrets },
    }),
  }),
)

builder.prismaObjectField('Organization', 'settings', (t) =>
  t.field({
    type: SettingsType,
    nullable: true,
    description:
      'What the organization has set for all of its workspaces. Needs `organization:settings`; null, with an error, where it is missing.',
    select: organizationSettings,
    resolve: async ({ id, settings, integrationSecrets }, _args, { access }) => {
      const standing = await access.onOrganization(id)
      if (!standing?.permissions.has('organization:settings')) throw forbidden('organization:settings')
      return {
        organization: storedSettings(settings),
        workspace: null,
        secrets: { organization: integrationSecrets, workspace: [] },
      }
    },
  }),
)
