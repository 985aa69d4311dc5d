import { isLocked, type StoredSettings } from '../../access/policies.ts'
import { changesBetween, type NewEvent } from '../../platform/events.ts'
import { invalidField } from '../../platform/refusal.ts'
import { SettingLocked } from './errors.ts'
import { MOST_FEATURES, MOST_INTEGRATIONS, type SettingsInput, type SettingsMode } from './settings-input.ts'

type Integrations = NonNullable<StoredSettings['integrations']>

/**
 * The own values after an update (S1). MERGE changes the given ones, REPLACE keeps nothing else. Locks stay as they are.
 *
 * @throws {ValidationError} when there would be too many
 */
export function withInput(own: StoredSettings, input: SettingsInput, mode: SettingsMode): StoredSettings {
  const base: StoredSettings = mode === 'MERGE' ? own : {}
  const settings = {
    permissions: mergedPermissions(base.permissions, input.permissions),
    features: mergedFeatures(base.features, input.features),
    integrations: mergedIntegrations(base.integrations, input.integrations),
    ...(own.locks ? { locks: own.locks } : {}),
  }
  refuseTooMany('features', Object.keys(settings.features).length, MOST_FEATURES)
  refuseTooMany('integrations', Object.keys(settings.integrations).length, MOST_INTEGRATIONS)
  return settings
}

function mergedPermissions(
  base: StoredSettings['permissions'],
  given: SettingsInput['permissions'],
): NonNullable<StoredSettings['permissions']> {
  if (given === null) return {}
  const present = Object.entries({ ...base, ...withoutUndefined(given ?? {}) })
  return Object.fromEntries(present.filter(([, value]) => value !== null))
}

const withoutUndefined = (values: object) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

function mergedFeatures(
  base: StoredSettings['features'],
  given: SettingsInput['features'],
): Record<string, boolean> {
  if (given === null) return {}
  const merged = new Map(Object.entries(base ?? {}))
  for (const { key, enabled } of given ?? []) {
    if (enabled === null) merged.delete(key)
    else if (enabled !== undefined) merged.set(key, enabled)
  }
  return Object.fromEntries(merged)
}

function mergedIntegrations(
  base: Integrations | undefined,
  given: SettingsInput['integrations'],
): Integrations {
  if (given === null) return {}
  const merged = new Map(Object.entries(base ?? {}))
  for (const { key, enabled, config } of given ?? []) {
    const before = merged.get(key)
    if (enabled === null) merged.delete(key)
    else {
      merged.set(key, {
        enabled: enabled ?? before?.enabled ?? true,
        config: config === null ? {} : (config ?? before?.config ?? {}),
      })
    }
  }
  return Object.fromEntries(merged)
}

function refuseTooMany(area: string, count: number, most: number): void {
  if (count > most)
    throw invalidField(`settings.${area}`, `There can be at most ${most} ${area} of one's own.`)
}

/**
 * Values that an organization has locked can't be set by its workspaces; taking an own one away is free (S3).
 *
 * @throws {SettingLocked}
 */
export function refuseLocked(organization: StoredSettings, input: SettingsInput): void {
  const locked = pathsSet(input).filter((path) => isLocked(organization.locks, path))
  if (locked.length > 0) throw new SettingLocked(locked)
}

/** The path of every value that an input sets, rather than takes away. */
function pathsSet({ permissions, features, integrations }: SettingsInput): string[] {
  return [
    ...Object.entries(permissions ?? {})
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name]) => `permissions.${name}`),
    ...(features ?? [])
      .filter(({ enabled }) => enabled !== null && enabled !== undefined)
      .map(({ key }) => `features.${key}`),
    ...(integrations ?? []).filter(({ enabled }) => enabled !== null).map(({ key }) => `integrations.${key}`),
  ]
}

/** What an update has changed, each value under its path; null stands for an inherited one. */
export function settingsChanges(
  before: StoredSettings,
  after: StoredSettings,
): NonNullable<NewEvent['changes']> {
  const was = valuesByPath(before)
  const is = valuesByPath(after)
  const paths = new Set([...Object.keys(was), ...Object.keys(is)])
  const complete = (values: Record<string, unknown>) =>
    Object.fromEntries([...paths].map((path) => [path, values[path] ?? null]))
  return changesBetween(complete(was), complete(is))
}

function valuesByPath({
  permissions,
  features,
  integrations,
  locks,
}: StoredSettings): Record<string, unknown> {
  const under = (area: string, values: object | undefined) =>
    Object.entries(values ?? {}).map(([key, value]) => [`${area}.${key}`, value])
  return Object.fromEntries([
    ...under('permissions', permissions),
    ...under('features', features),
    ...under('integrations', integrations),
    ['locks', locks ?? []],
  ])
}
