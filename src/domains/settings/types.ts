import { type StoredSettings, storedSettings } from '../../access/policies.ts'
import { withinScopes } from '../../access/viewer.ts'
import { builder, type ObjectFields } from '../../graphql/builder.ts'
import { forbidden } from '../../platform/refusal.ts'
import {
  type EffectiveFeature,
  type EffectiveIntegration,
  effectiveFeatures,
  effectiveIntegrations,
  effectivePermissions,
  type SettingsPair,
} from './effective-settings.ts'
import { refuseHiddenSettings } from './policy.ts'
import { EffectivePermissionsType, OwnPermissionsType, settingFields } from './policy-types.ts'

interface ShownSecret {
  integration: string
  key: string
  setAt: Date
}

/** Everything that the settings of one scope are made of, by one query for any number of scopes. */
interface Settings extends SettingsPair {
  secrets: { organization: ShownSecret[]; workspace: ShownSecret[] }
}

const EffectiveFeatureType = builder.objectRef<EffectiveFeature>('EffectiveFeature').implement({
  description: 'A feature as it counts, and where that comes from.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name.' }),
    enabled: t.boolean({ description: 'Whether it is on.', resolve: ({ value }) => value }),
    ...settingFields(t as never),
  }),
})

const IntegrationSecretType = builder.objectRef<ShownSecret>('IntegrationSecret').implement({
  description: 'That a secret is there. What it is was sealed when it was set, and is never answered.',
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
    'What counts: the own value of a workspace, else that of its organization, else the default. A locked value comes from the organization.',
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
  description: 'How a workspace or an organization is set up.',
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
    nullable: true,
    description:
      'How the workspace is set up. Needs `settings:read`, which everybody with a role here has; null, with an error, for an access token without that scope.',
    select: {
      settings: true,
      integrationSecrets: shownSecrets,
      organization: { select: organizationSettings },
    },
    resolve: ({ settings, integrationSecrets, organization }, _args, { viewer }) => {
      if (viewer && !withinScopes(viewer, 'settings:read')) throw forbidden('settings:read')
      return {
        organization: storedSettings(organization.settings),
        workspace: storedSettings(settings),
        secrets: { organization: organization.integrationSecrets, workspace: integrationSecrets },
      }
    },
  }),
)

builder.prismaObjectField('Organization', 'settings', (t) =>
  t.field({
    type: SettingsType,
    nullable: true,
    description:
      'What the organization has set for all of its workspaces. Needs `organization:settings`; null, with an error, where it is missing.',
    select: organizationSettings,
    resolve: async ({ id, settings, integrationSecrets }, _args, context) => {
      await refuseHiddenSettings(context, id)
      return {
        organization: storedSettings(settings),
        workspace: null,
        secrets: { organization: integrationSecrets, workspace: [] },
      }
    },
  }),
)
