import type { Caller } from '../../access/caller.ts'
import { storedSettings } from '../../access/policies.ts'
import type { ScopeRef } from '../../access/standing.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Prisma, Workspace, WorkspacePreferences } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import { changesBetween, type NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { newSigningSecret } from '../event-subscription/signing-secret.ts'
import { preferenceChanges } from '../preferences/update-workspace-preferences.ts'
import { settingsChanges } from '../settings/own-settings.ts'
import { copiedOf, jsonOrNull } from './copied-columns.ts'

/** A workspace with what belongs to its configuration. */
export type Source = Workspace & { preferences: WorkspacePreferences | null }

/** One cloning that is under way: both workspaces are locked, and the clone is inserted. */
export interface Copy {
  tx: Tx
  caller: Caller
  viewer: Viewer
  source: Source
  /** The clone. */
  scope: ScopeRef & { kind: 'Workspace' }
}

interface Copied {
  names: string[]
  events: NewEvent[]
}

/** Events of rows that were copied, each told as if it had been made by hand. */
const eventOf = (
  { scope: { organizationId, id } }: Copy,
  type: NewEvent['type'],
  subject: NewEvent['subject'],
  changes: NewEvent['changes'],
): NewEvent => ({ organizationId, workspaceId: id, type, subject, ...(changes ? { changes } : {}) })

/**
 * Gives a clone the columns of its source and its preferences.
 *
 * @param inserted the events of the insertion: the first one tells what the clone is
 * @returns these with what was copied
 */
export async function copyConfiguration(
  copy: Copy,
  inserted: NewEvent[],
): Promise<{ key: string; events: NewEvent[] }> {
  const { tx, source, scope } = copy
  const { settings, boundingBox, ...columns } = copiedOf('Workspace', source)
  const { key } = await tx.workspace.update({
    where: { id: scope.id },
    data: {
      ...columns,
      boundingBox: jsonOrNull(boundingBox),
      settings: settings as Prisma.InputJsonObject,
    },
    select: { key: true },
  })
  const [created, ...granted] = inserted as [NewEvent, ...NewEvent[]]
  const isHere = source.organizationId === scope.organizationId
  const changes = {
    ...created.changes,
    ...changesBetween({}, { ...columns, ...(boundingBox ? { boundingBox } : {}) }),
    // An id of another organization would mean nothing in this log.
    ...(isHere ? { clonedFrom: { after: source.id } } : {}),
  }
  const subject = { type: 'Workspace', id: scope.id } as const
  const set = settingsChanges({}, storedSettings(settings))
  const events: NewEvent[] = [{ ...created, changes }, ...granted]
  if (Object.keys(set).length > 0) events.push(eventOf(copy, 'workspace.settings_updated', subject, set))
  if (source.preferences) {
    const preferences = copiedOf('WorkspacePreferences', source.preferences)
    await tx.workspacePreferences.create({
      data: { ...preferences, workspaceId: scope.id, organizationId: scope.organizationId },
      select: { workspaceId: true },
    })
    const preferred = preferenceChanges(null, preferences)
    if (Object.keys(preferred).length > 0)
      events.push(eventOf(copy, 'workspace.preferences_updated', subject, preferred))
  }
  return { key, events }
}

const placeOf = ({ scope: { organizationId, id } }: Copy) => ({
  id: newId(),
  organizationId,
  workspaceId: id,
})
const inside = ({ source }: Copy) => ({
  where: { organizationId: source.organizationId, workspaceId: source.id },
  orderBy: [{ createdAt: 'asc' as const }, { id: 'asc' as const }],
})

/** Installs the same extensions. */
export async function copyExtensions(copy: Copy): Promise<Copied> {
  const rows = await copy.tx.extensionInstallation.findMany(inside(copy))
  const copies = rows.map((row) => {
    const { config, ...columns } = copiedOf('ExtensionInstallation', row)
    return { ...placeOf(copy), ...columns, config: config as Prisma.InputJsonObject }
  })
  await copy.tx.extensionInstallation.createMany({
    data: copies.map((row) => ({ ...row, installedById: copy.viewer.userId })),
  })
  return {
    names: copies.map(({ key }) => key),
    events: copies.map(({ id, organizationId: _o, workspaceId: _w, ...columns }) =>
      eventOf(
        copy,
        'extension.installed',
        { type: 'ExtensionInstallation', id },
        changesBetween({}, columns),
      ),
    ),
  }
}

/** Registers the same capabilities. */
export async function copyCapabilities(copy: Copy): Promise<Copied> {
  const rows = await copy.tx.capability.findMany(inside(copy))
  const copies = rows.map((row) => {
    const { metadata, ...columns } = copiedOf('Capability', row)
    return { ...placeOf(copy), ...columns, metadata: metadata as Prisma.InputJsonObject }
  })
  await copy.tx.capability.createMany({
    data: copies.map((row) => ({ ...row, registeredById: copy.viewer.userId })),
  })
  return {
    names: copies.map(({ name }) => name),
    events: copies.map(({ id, organizationId: _o, workspaceId: _w, ...columns }) =>
      eventOf(copy, 'capability.registered', { type: 'Capability', id }, changesBetween({}, columns)),
    ),
  }
}

/**
 * Subscribes the same addresses, each with a new secret, because the receiver must be able to tell the two workspaces apart.
 *
 * @returns the secrets too: they are answered once, and stored sealed
 */
export async function copySubscriptions(
  copy: Copy,
): Promise<Copied & { subscriptions: { subscriptionId: string; secret: string }[] }> {
  const { tx, caller, viewer } = copy
  const rows = await tx.eventSubscription.findMany(inside(copy))
  const copies = rows.map((row) => ({
    ...placeOf(copy),
    ...copiedOf('EventSubscription', row),
    secret: newSigningSecret(),
  }))
  await tx.eventSubscription.createMany({
    data: copies.map(({ secret, ...row }) => ({
      ...row,
      createdById: viewer.userId,
      sealedSecret: caller.secrets.seal(secret),
    })),
  })
  return {
    names: copies.map(({ url }) => url),
    subscriptions: copies.map(({ id, secret }) => ({ subscriptionId: id, secret })),
    events: copies.map(({ id, organizationId: _o, workspaceId: _w, secret: _s, ...columns }) =>
      eventOf(copy, 'subscription.created', { type: 'EventSubscription', id }, changesBetween({}, columns)),
    ),
  }
}
