import type { Standing } from '../../access/access.ts'
import { type Permission, workspacePermissions } from '../../access/permissions.ts'
import { policiesOf, type StoredSettings, storedSettings } from '../../access/policies.ts'
import type { OperationAction } from '../../generated/prisma/client.ts'
import { changesBetween, type NewEvent } from '../../platform/events.ts'
import { forbidden } from '../../platform/refusal.ts'
import { type Preferences, preferenceSelection } from '../preferences/preference-fields.ts'
import { preferenceChanges } from '../preferences/update-workspace-preferences.ts'
import { refuseLocked, settingsChanges, withInput } from '../settings/own-settings.ts'
import { refuseSelfGrant } from '../settings/refuse-self-grant.ts'
import type { GeoJsonPolygon } from '../workspace/bounding-box.ts'
import { copiedOf } from './copied-columns.ts'
import type { Desired } from './desired.ts'
import { type ItemError, ItemRefused, itemErrorOf } from './item-refused.ts'
import type { Existing, State } from './load-state.ts'
import { type MemberPlan, planMembers, type Room, takeRoom } from './plan-members.ts'
import type { Run } from './run.ts'

type Changes = NonNullable<NewEvent['changes']>

/** The columns of a workspace that a run sets. */
export interface Columns {
  name: string
  description: string
  labels: string[]
  boundingBox: GeoJsonPolygon | null
  defaultCoordinateSystem: string | null
  settings: StoredSettings
}

/** What has to be written to bring one workspace to its desired state. */
export interface Writing {
  key: string
  /** Null for one that is to be created. */
  existing: Existing | null
  /** As they will be. */
  columns: Columns
  preferences: Partial<Preferences>
  members: MemberPlan
  /** What changes, in three parts: each is an event of its own. */
  changes: { columns: Changes; settings: Changes; preferences: Changes }
}

/** The plan of one item. */
export interface Planned {
  action: OperationAction
  /** By field; those of parts under `settings.`, `preferences.`, `members.` and `invites.`. */
  changes: Changes
  error: ItemError | null
  /** The workspace, where the requester sees one of this key. */
  workspaceId: string | null
  /** Null where nothing is to be written. */
  writing: Writing | null
}

/**
 * Plans what brings one workspace to its desired state. It reads nothing and writes nothing, so that the plan that is shown
 * and the one that is carried out are the same.
 *
 * @param room for invites: what this item takes is gone for the next
 */
export function planItem(run: Run, state: State, wanted: Desired, room: Room): Planned {
  const existing = state.workspaces.get(wanted.key)
  const workspaceId = existing && state.standings.get(existing.id) ? existing.id : null
  try {
    const writing = existing ? planUpdate(run, state, wanted, existing) : planCreate(run, state, wanted)
    takeRoom(room, writing.members)
    const changes = allChanges(writing)
    if (existing && Object.keys(changes).length === 0)
      return { action: 'UNCHANGED', changes, error: null, workspaceId, writing: null }
    return { action: existing ? 'UPDATE' : 'CREATE', changes, error: null, workspaceId, writing }
  } catch (error) {
    return { action: 'REFUSED', changes: {}, error: itemErrorOf(error), workspaceId, writing: null }
  }
}

const under = (part: string, changes: Changes): Changes =>
  Object.fromEntries(Object.entries(changes).map(([field, change]) => [`${part}.${field}`, change]))

const allChanges = ({ changes, members }: Writing): Changes => ({
  ...changes.columns,
  ...under('settings', changes.settings),
  ...under('preferences', changes.preferences),
  ...members.changes,
})

const NOTHING: Omit<Columns, 'name'> = {
  description: '',
  labels: [],
  boundingBox: null,
  defaultCoordinateSystem: null,
  settings: {},
}

function planCreate(run: Run, state: State, wanted: Desired): Writing {
  const { template, organization, asOwner } = run
  const base = template ? (copiedOf('Workspace', template) as unknown as Omit<Columns, 'name'>) : NOTHING
  const preferences = {
    ...(template?.preferences ? copiedOf('WorkspacePreferences', template.preferences) : {}),
    ...given(wanted.preferences ?? {}),
  }
  refuseLocked(storedSettings(organization.settings), wanted.settings ?? {})
  const columns: Columns = {
    ...base,
    ...fieldsOf(wanted),
    name: wanted.name ?? wanted.key,
    settings: withInput(storedSettings(base.settings), wanted.settings ?? {}, 'MERGE'),
  }
  const { settings, ...fields } = columns
  const members = planMembers(run, state, wanted, {
    workspaceId: null,
    standing: asOwner,
    policies: policiesOf(organization.settings, settings),
  })
  const told = Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))
  return {
    key: wanted.key,
    existing: null,
    columns,
    preferences,
    members,
    changes: {
      columns: changesBetween({}, { ...told, key: wanted.key }),
      settings: settingsChanges({}, settings),
      preferences: preferenceChanges(null, preferences),
    },
  }
}

const isEmpty = (value: unknown) =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0)

function planUpdate(run: Run, state: State, wanted: Desired, existing: Existing): Writing {
  const standing = state.standings.get(existing.id)
  // It does not exist for the requester; that its key is taken can't be kept from them.
  if (!standing) throw new ItemRefused('KEY_TAKEN', `The key "${wanted.key}" is taken in this organization.`)
  if (existing.deletedAt) {
    const message = `The workspace "${wanted.key}" is deleted: restore it first, or take another key.`
    throw new ItemRefused('WORKSPACE_DELETED', message)
  }
  const fields = fieldsOf(wanted)
  const own = storedSettings(existing.settings)
  const settings = wanted.settings ? withInput(own, wanted.settings, 'MERGE') : own
  const patch = given(wanted.preferences ?? {})
  const changes = {
    columns: changesBetween({ ...existing }, fields),
    settings: settingsChanges(own, settings),
    preferences: preferenceChanges(existing.preferences, patch),
  }
  const asked = (part: keyof typeof changes, permission: Permission) => {
    const isChanged = Object.keys(changes[part]).length > 0
    if (isChanged && !standing.permissions.has(permission)) throw forbidden(permission)
    return isChanged
  }
  asked('columns', 'workspace:update')
  asked('preferences', 'preferences:write')
  if (asked('settings', 'settings:write'))
    refuseSettings(run, standing, wanted, { before: own, after: settings })
  const { name, description, labels, boundingBox, defaultCoordinateSystem } = existing
  const shown = { name, description, labels, boundingBox, defaultCoordinateSystem }
  return {
    key: wanted.key,
    existing,
    columns: { ...(shown as unknown as Columns), ...fields, settings },
    preferences: { ...preferencesOf(existing), ...patch },
    members: planMembers(run, state, wanted, {
      workspaceId: existing.id,
      standing,
      policies: policiesOf(run.organization.settings, settings),
    }),
    changes,
  }
}

/** By the same rules as in updateWorkspaceSettings. */
function refuseSettings(
  { organization }: Run,
  standing: Standing,
  { settings }: Desired,
  { before, after }: { before: StoredSettings; after: StoredSettings },
): void {
  refuseLocked(storedSettings(organization.settings), settings ?? {})
  refuseSelfGrant(standing, workspacePermissions, {
    before: policiesOf(organization.settings, before),
    after: policiesOf(organization.settings, after),
  })
}

const preferencesOf = ({ preferences }: Existing): Partial<Preferences> =>
  preferences
    ? (Object.fromEntries(
        Object.keys(preferenceSelection).map((name) => [name, preferences[name as keyof Preferences]]),
      ) as Partial<Preferences>)
    : {}

const given = <Values extends object>(values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values

/** The fields of the workspace itself that an item names. */
function fieldsOf({ name, description, labels, boundingBox, defaultCoordinateSystem }: Desired) {
  return given({ name, description, labels, boundingBox, defaultCoordinateSystem }) as Partial<
    Omit<Columns, 'settings'>
  >
}
