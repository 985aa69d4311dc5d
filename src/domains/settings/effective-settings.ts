import { DEFAULT_POLICIES, isLocked, type Policies, type StoredSettings } from '../../access/policies.ts'

/** Where a value comes from (S3). */
export type SettingSource = 'DEFAULT' | 'ORGANIZATION' | 'WORKSPACE'

/** One value that counts. */
export interface Setting<Value> {
  value: Value
  source: SettingSource
  /** Whether the organization keeps its workspaces from changing it. */
  locked: boolean
}

export type EffectivePermissions = { [Name in keyof Policies]: Setting<Policies[Name]> }

export type EffectiveFeature = Setting<boolean> & { key: string }

export type EffectiveIntegration = Setting<{ enabled: boolean; config: Record<string, unknown> }> & {
  key: string
}

type Own<Value> = Record<string, Value> | undefined

/** What an organization and one of its workspaces have set; without a workspace, the organization itself is meant. */
export interface SettingsPair {
  organization: StoredSettings
  workspace: StoredSettings | null
}

/** The four policies that count, each with its source. */
export function effectivePermissions(pair: SettingsPair): EffectivePermissions {
  const settings = Object.keys(DEFAULT_POLICIES).map((name) => [
    name,
    inherited(pair, 'permissions', name) ?? {
      value: DEFAULT_POLICIES[name as keyof Policies],
      source: 'DEFAULT',
      locked: isLocked(pair.organization.locks, `permissions.${name}`),
    },
  ])
  return Object.fromEntries(settings) as EffectivePermissions
}

/** Every feature that the organization or the workspace knows, by key. */
export const effectiveFeatures = (pair: SettingsPair): EffectiveFeature[] => keyed<boolean>(pair, 'features')

/** Every integration that the organization or the workspace knows, by key: as a whole from one of them. */
export const effectiveIntegrations = (pair: SettingsPair): EffectiveIntegration[] =>
  keyed<EffectiveIntegration['value']>(pair, 'integrations')

function keyed<Value>(pair: SettingsPair, area: 'features' | 'integrations') {
  const keys = [...Object.keys(pair.organization[area] ?? {}), ...Object.keys(pair.workspace?.[area] ?? {})]
  return [...new Set(keys)].sort().flatMap((key) => {
    const setting = inherited<Value>(pair, area, key)
    return setting ? [{ key, ...setting }] : []
  })
}

/** The workspace's own value, unless the organization has locked it; else the organization's; null when neither has one. */
function inherited<Value>(
  { organization, workspace }: SettingsPair,
  area: 'permissions' | 'features' | 'integrations',
  key: string,
): Setting<Value> | null {
  const locked = isLocked(organization.locks, `${area}.${key}`)
  const own = workspace?.[area] as Own<Value>
  const given = organization[area] as Own<Value>
  if (!locked && own && Object.hasOwn(own, key))
    return { value: own[key] as Value, source: 'WORKSPACE', locked }
  if (given && Object.hasOwn(given, key))
    return { value: given[key] as Value, source: 'ORGANIZATION', locked }
  return null
}
