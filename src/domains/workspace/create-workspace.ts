import type { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/standing.ts'
import type { Viewer } from '../../access/viewer.ts'
import { inSqlTransaction, inTransaction, type SqlTx } from '../../platform/db.ts'
import { appendEvents, changesBetween, type NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { parseInput } from '../../platform/validation.ts'
import { memberEvent } from '../role/member-event.ts'
import { settingsInput } from '../settings/settings-input.ts'
import { changeSettings } from './change-settings.ts'
import { KeyTaken, OrganizationRequired } from './errors.ts'
import { workspaceFields } from './workspace-fields.ts'
import { alternative, databaseName, slugify, workspaceKeyField } from './workspace-key.ts'

const input = workspaceFields.partial().required({ name: true }).extend({ key: workspaceKeyField.nullish() })

const inputWithSettings = input.extend({ settings: settingsInput.nullish() })

export type NewWorkspace = z.input<typeof inputWithSettings>

/**
 * Creates a workspace (O1). The creator becomes its owner (access.md, rule 7).
 *
 * @param organizationId where; absent, the caller's only organization (O2)
 * @throws {ValidationError} names every field that is wrong
 * @throws {KeyTaken} when a given key is taken: it is never silently changed
 * @throws {SettingLocked} when the organization has locked a setting that is given
 * @throws {OrganizationRequired} when no organization is named and the caller is not in exactly one
 */
export async function createWorkspace(
  caller: Caller,
  { organizationId, ...fields }: NewWorkspace & { organizationId?: string | null },
): Promise<{ workspaceId: string }> {
  const viewer = signedIn(caller)
  const { settings, ...wanted } = parseInput(inputWithSettings, fields)
  const id = organizationId ?? onlyOrganization(viewer)
  const create = async (tx: SqlTx) => {
    const target = { kind: 'Organization', id } as const
    const { slug, standing } = await enterPermitted(tx, viewer, target, 'workspace:create', 'SHARE')
    const ownerId = standing.memberId ? viewer.userId : null
    return insertWorkspace(tx, { id, slug }, ownerId, wanted, viewer.userId)
  }
  if (!settings)
    return inSqlTransaction(caller.sql, async (tx) => {
      const { workspaceId, events } = await create(tx)
      await appendEvents(tx, caller, events)
      return { workspaceId }
    })
  return inTransaction(caller.db, async (tx) => {
    const { workspaceId, events } = await create(tx)
    const change = { input: settings, mode: 'REPLACE' } as const
    const set = await changeSettings(tx, caller, workspaceId, null, change)
    await appendEvents(tx, caller, [...events, ...set])
    return { workspaceId }
  })
}

function onlyOrganization(viewer: Viewer): string {
  const [first, ...more] = viewer.organizations.keys()
  if (!first || more.length > 0) throw new OrganizationRequired(viewer.organizations.size)
  return first
}

/**
 * Inserts a workspace and its owner in an organization that the caller has locked, and that the owner is a member of. A
 * unique index decides whether a key is free; a conflict inserts nothing, so the transaction goes on (lesson 14).
 *
 * @param ownerId who becomes its owner; null for a platform administrator from outside of the organization
 * @returns the events to append last
 * @throws {KeyTaken}
 */
export async function insertWorkspace(
  tx: SqlTx,
  organization: { id: string; slug: string },
  ownerId: string | null,
  { key: wanted, ...fields }: z.output<typeof input>,
  createdById: string,
): Promise<{ workspaceId: string; events: NewEvent[] }> {
  const base = wanted ?? slugify(fields.name, 'workspace')
  for (let attempt = 1; attempt <= 50; attempt++) {
    const key = wanted ?? alternative(base, attempt)
    const name = databaseName(organization.slug, key, wanted ? attempt : 1)
    const row = {
      ...fields,
      id: newId(),
      organizationId: organization.id,
      key,
      databaseName: name,
      createdById,
    }
    const grantId = newId()
    if (await insertRows(tx, row, ownerId, grantId)) {
      const scope = { kind: 'Workspace', id: row.id, organizationId: organization.id } as const
      const created: NewEvent = {
        organizationId: organization.id,
        workspaceId: row.id,
        type: 'workspace.created',
        subject: { type: 'Workspace', id: row.id },
        changes: changesBetween({}, { ...fields, key }),
      }
      const owner = { key: 'OWNER' }
      const granted = ownerId ? [memberEvent('member.added', scope, grantId, ownerId, null, owner)] : []
      return { workspaceId: row.id, events: [created, ...granted] }
    }
    if (wanted && (await keyExists(tx, organization.id, wanted))) throw new KeyTaken(wanted)
  }
  throw new Error(`No free key or database name for workspace "${base}" of ${organization.slug}`)
}

interface NewRow extends Omit<z.output<typeof input>, 'key'> {
  id: string
  organizationId: string
  key: string
  databaseName: string
  createdById: string
}

/** @returns whether both names were free */
async function insertRows(tx: SqlTx, row: NewRow, ownerId: string | null, grantId: string): Promise<boolean> {
  const { labels = [], boundingBox, defaultCoordinateSystem = null } = row
  const made = await tx.$queryRaw<unknown[]>`
    WITH made AS (
      INSERT INTO workspace (id, organization_id, key, database_name, name, description, labels, bounding_box,
        default_coordinate_system, created_by_id, updated_by_id, created_at, updated_at)
      VALUES (${row.id}::uuid, ${row.organizationId}::uuid, ${row.key}, ${row.databaseName}, ${row.name},
        ${row.description ?? ''}, ${labels}::text[], ${boundingBox ? JSON.stringify(boundingBox) : null}::jsonb,
        ${defaultCoordinateSystem}, ${row.createdById}::uuid, ${row.createdById}::uuid, clock_timestamp(), clock_timestamp())
      ON CONFLICT DO NOTHING
      RETURNING id, organization_id, created_at
    ), owner AS (
      INSERT INTO workspace_member (id, organization_id, workspace_id, user_id, role_id, created_at, updated_at)
      SELECT ${grantId}::uuid, made.organization_id, made.id, ${ownerId}::uuid, r.id, made.created_at, made.created_at
      FROM made JOIN role r
        ON r.organization_id = made.organization_id AND r.scope = 'WORKSPACE' AND r.key = 'OWNER'
      WHERE ${ownerId}::uuid IS NOT NULL
    )
    SELECT FROM made`
  return made.length > 0
}

async function keyExists(tx: SqlTx, organizationId: string, key: string): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>`
    SELECT FROM workspace WHERE organization_id = ${organizationId}::uuid AND key = ${key}`
  return found.length > 0
}
