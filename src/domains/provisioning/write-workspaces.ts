import type { NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { databaseName } from '../workspace/workspace-key.ts'
import type { Columns, Writing } from './plan-item.ts'
import type { Run } from './run.ts'

/** Somebody else has taken a key since the state was read: the batch is planned anew. */
export class StateMoved extends Error {}

/** A writing with the id of its workspace, new or not. */
export interface Placed extends Writing {
  workspaceId: string
}

/**
 * Inserts the new workspaces of a batch with one statement. A name for the database that an organization of the past has left
 * behind is replaced by one with a hash, as in createWorkspace.
 *
 * @throws {StateMoved} when a key is taken by now
 */
export async function insertWorkspaces(run: Run, writings: readonly Writing[]): Promise<Placed[]> {
  const { tx, organization, viewer } = run
  const placed = writings.map((writing) => ({ ...writing, workspaceId: writing.existing?.id ?? newId() }))
  let missing = placed.filter(({ existing }) => !existing)
  for (let attempt = 1; missing.length > 0; attempt++) {
    if (attempt > 5) throw new Error(`No free database names in ${organization.slug}`)
    const names = missing.map(({ workspaceId, key, columns }) => ({
      id: workspaceId,
      key,
      database_name: databaseName(organization.slug, key, attempt),
      ...recordOf(columns),
    }))
    // One parameter for all rows: Prisma would take twenty times as long over thousands of them.
    const rows = await tx.$queryRaw<{ id: string }[]>`
      INSERT INTO workspace (id, organization_id, key, database_name, name, description, labels, bounding_box,
        default_coordinate_system, settings, created_by_id, updated_by_id, updated_at)
      SELECT v.id, ${organization.id}::uuid, v.key, v.database_name, v.name, v.description, v.labels, v.bounding_box,
        v.default_coordinate_system, v.settings, ${viewer.userId}::uuid, ${viewer.userId}::uuid, now()
      FROM jsonb_to_recordset(${JSON.stringify(names)}::jsonb) AS v (id uuid, key text, database_name text, name text,
        description text, labels text[], bounding_box jsonb, default_coordinate_system text, settings jsonb)
      ORDER BY v.key
      ON CONFLICT DO NOTHING
      RETURNING id`
    const made = new Set(rows.map(({ id }) => id))
    missing = missing.filter(({ workspaceId }) => !made.has(workspaceId))
    if (missing.length > 0) await refuseTakenKeys(run, missing)
  }
  return placed
}

/** As the statements here name the columns; null in JSON arrives as null. */
const recordOf = ({
  name,
  description,
  labels,
  boundingBox,
  defaultCoordinateSystem,
  settings,
}: Columns) => ({
  name,
  description,
  labels,
  bounding_box: boundingBox,
  default_coordinate_system: defaultCoordinateSystem,
  settings,
})

async function refuseTakenKeys({ tx, organization }: Run, missing: readonly Writing[]): Promise<void> {
  const taken = await tx.workspace.count({
    where: { organizationId: organization.id, key: { in: missing.map(({ key }) => key) } },
  })
  if (taken > 0) throw new StateMoved()
}

/** Brings existing workspaces to their new columns with one statement; an integration that is gone takes its secrets with it. */
export async function updateWorkspaces(run: Run, placed: readonly Placed[]): Promise<void> {
  const changed = placed.filter(
    ({ existing, changes }) =>
      existing && (Object.keys(changes.columns).length > 0 || Object.keys(changes.settings).length > 0),
  )
  if (changed.length === 0) return
  const rows = changed.map(({ workspaceId, columns }) => ({ id: workspaceId, ...recordOf(columns) }))
  await run.tx.$executeRaw`
    UPDATE workspace w SET
      name = v.name, description = v.description, labels = v.labels,
      bounding_box = v.bounding_box,
      default_coordinate_system = v.default_coordinate_system, settings = v.settings,
      version = w.version + 1, updated_by_id = ${run.viewer.userId}::uuid, updated_at = ${run.now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS v (id uuid, name text, description text, labels text[],
      bounding_box jsonb, default_coordinate_system text, settings jsonb)
    WHERE w.id = v.id`
  const reset = changed.filter(({ changes }) => Object.keys(changes.settings).length > 0)
  if (reset.length > 0) await removeOrphanedSecrets(run, reset)
}

async function removeOrphanedSecrets({ tx }: Run, placed: readonly Placed[]): Promise<void> {
  const gone = await tx.$queryRaw<{ workspace_id: string; integration: string; key: string; set_at: Date }[]>`
    DELETE FROM integration_secret s USING workspace w
    WHERE w.id = s.workspace_id AND w.id = ANY(${placed.map(({ workspaceId }) => workspaceId)}::uuid[])
      AND NOT coalesce(w.settings->'integrations' ? s.integration, false)
    RETURNING s.workspace_id, s.integration, s.key, s.set_at`
  for (const { workspace_id, integration, key, set_at } of gone) {
    const owner = placed.find(({ workspaceId }) => workspaceId === workspace_id)
    if (owner)
      owner.changes.settings[`integrations.${integration}.secrets.${key}`] = { before: { setAt: set_at } }
  }
}

/** Sets preferences with one statement, for new workspaces and old ones. */
export async function writePreferences({ tx, organization, now }: Run, placed: readonly Placed[]) {
  const changed = placed.filter(({ changes }) => Object.keys(changes.preferences).length > 0)
  if (changed.length === 0) return
  const rows = changed.map(({ workspaceId, preferences }) => ({
    workspace_id: workspaceId,
    locale: preferences.locale ?? null,
    time_zone: preferences.timeZone ?? null,
    theme: preferences.theme ?? null,
    week_start: preferences.weekStart ?? null,
    landing_page: preferences.landingPage ?? null,
  }))
  await tx.$executeRaw`
    INSERT INTO workspace_preferences AS p
      (workspace_id, organization_id, locale, time_zone, theme, week_start, landing_page, updated_at)
    SELECT v.workspace_id, ${organization.id}::uuid, v.locale, v.time_zone, v.theme, v.week_start, v.landing_page,
           ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS v (workspace_id uuid, locale text, time_zone text,
      theme theme, week_start week_start, landing_page text)
    ON CONFLICT (workspace_id) DO UPDATE SET locale = excluded.locale, time_zone = excluded.time_zone,
      theme = excluded.theme, week_start = excluded.week_start, landing_page = excluded.landing_page,
      updated_at = excluded.updated_at`
}

/** The events of what was written of the workspaces themselves. */
export function workspaceEvents({ organization }: Run, placed: readonly Placed[]): NewEvent[] {
  return placed.flatMap(({ workspaceId, existing, changes }) => {
    const event = (type: NewEvent['type'], of: NonNullable<NewEvent['changes']>): NewEvent[] => {
      const subject = { type: 'Workspace', id: workspaceId } as const
      const isTold = Object.keys(of).length > 0
      return isTold ? [{ organizationId: organization.id, workspaceId, type, subject, changes: of }] : []
    }
    return [
      ...event(existing ? 'workspace.updated' : 'workspace.created', changes.columns),
      ...event('workspace.settings_updated', changes.settings),
      ...event('workspace.preferences_updated', changes.preferences),
    ]
  })
}
