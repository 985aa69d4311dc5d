import type { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { decidedBeforeLock } from '../../access/decide.ts'
import { type Entered, enterPermitted, lookPermitted } from '../../access/enter.ts'
import type { Viewer } from '../../access/viewer.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { inSqlTransaction, inTransaction, type SqlTx } from '../../platform/db.ts'
import {
  appendEvents,
  changesBetween,
  type NewEvent,
  partOf,
  writeAll,
  writeAndAppend,
} from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { parseInput } from '../../platform/validation.ts'
import { ONCE, type Write } from '../../platform/write-together.ts'
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
  const target = { kind: 'Organization', id } as const
  const ownerIn = ({ standing }: Entered) => (standing?.memberId ? viewer.userId : null)
  const create = async (tx: SqlTx, insert: Insert) => {
    const entered = await enterPermitted(tx, viewer, target, 'workspace:create', 'SHARE')
    return insertWorkspace(tx, { id, slug: entered.slug }, ownerIn(entered), wanted, viewer.userId, insert)
  }
  if (!settings) {
    const seen = lookPermitted(viewer, id, 'workspace:create')
    const made = await decidedBeforeLock(caller, seen, 'SHARE', (entered) => {
      const organization = { id, slug: entered.slug }
      const planned = plannedWorkspace(organization, ownerIn(entered), wanted, viewer.userId)
      const { workspaceId, writes, events } = planned
      return { answer: { workspaceId }, writes, events }
    })
    if (made) return made.answer
    return inSqlTransaction(caller.sql, async (tx) => {
      const { workspaceId } = await create(tx, (write, events) => writeAndAppend(tx, write, caller, events))
      return { workspaceId }
    })
  }
  return inTransaction(caller.db, async (tx) => {
    const { workspaceId, events } = await create(tx, insertAlone(tx))
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
 * @param insert carries out the write; absent, the events are left to the caller
 * @returns the events, to append last
 * @throws {KeyTaken}
 */
export async function insertWorkspace(
  tx: SqlTx,
  organization: { id: string; slug: string },
  ownerId: string | null,
  { key: wanted, ...fields }: z.output<typeof input>,
  createdById: string,
  insert: Insert = insertAlone(tx),
): Promise<{ workspaceId: string; events: NewEvent[] }> {
  for (let attempt = 1; attempt <= 50; attempt++) {
    const planned = plannedWorkspace(organization, ownerId, { key: wanted, ...fields }, createdById, attempt)
    const { workspaceId, writes, events } = planned
    const write = writeAll(writes.map(({ statement }) => statement(ONCE)))
    if (await insert(write, events)) return { workspaceId, events }
    if (wanted && (await keyExists(tx, organization.id, wanted))) throw new KeyTaken(wanted)
  }
  throw new Error(`No free key or database name for workspace "${fields.name}" of ${organization.slug}`)
}

/** Carries out what inserts a workspace; what it tells can be appended with it. */
type Insert = (write: Prisma.Sql, events: NewEvent[]) => Promise<boolean>

const insertAlone =
  (tx: SqlTx): Insert =>
  async (write) =>
    (await tx.$queryRaw<unknown[]>`WITH ${write} SELECT FROM written`).length > 0

type Fields = Omit<z.output<typeof input>, 'key'>

interface NewRow {
  id: string
  organizationId: string
  key: string
  databaseName: string
  createdById: string
}

interface NewOwner {
  grantId: string
  userId: string
}

/**
 * A workspace as it is inserted unless both of its names are taken.
 *
 * @param attempt counts from 1: each one tries another name
 */
function plannedWorkspace(
  organization: { id: string; slug: string },
  ownerId: string | null,
  { key: wanted, ...fields }: z.output<typeof input>,
  createdById: string,
  attempt = 1,
): { workspaceId: string; writes: Write[]; events: NewEvent[] } {
  const key = wanted ?? alternative(slugify(fields.name, 'workspace'), attempt)
  const row = {
    id: newId(),
    organizationId: organization.id,
    key,
    databaseName: databaseName(organization.slug, key, wanted ? attempt : 1),
    createdById,
  }
  const owner = ownerId ? { grantId: newId(), userId: ownerId } : null
  const writes = [insertOf(row, fields), ...(owner ? [ownershipOf(row, owner)] : [])]
  return { workspaceId: row.id, writes, events: eventsOf(row, fields, owner) }
}

const insertOf = (
  row: NewRow,
  { labels = [], boundingBox, defaultCoordinateSystem = null, ...fields }: Fields,
): Write => ({
  id: row.id,
  statement: (from) => Prisma.sql`
    INSERT INTO workspace (id, organization_id, key, database_name, name, description, labels, bounding_box,
      default_coordinate_system, created_by_id, updated_by_id, created_at, updated_at)
    SELECT ${row.id}::uuid, ${row.organizationId}::uuid, ${row.key}, ${row.databaseName}, ${fields.name},
      ${fields.description ?? ''}, ${labels}::text[], ${boundingBox ? JSON.stringify(boundingBox) : null}::jsonb,
      ${defaultCoordinateSystem}, ${row.createdById}::uuid, ${row.createdById}::uuid, clock_timestamp(), clock_timestamp()
    FROM ${from}
    ON CONFLICT DO NOTHING
    RETURNING id, organization_id, created_at`,
})

/** Behind the workspace, as the next part of its statement. */
const ownershipOf = ({ id }: NewRow, { grantId, userId }: NewOwner): Write => ({
  id: grantId,
  statement: (from) => Prisma.sql`
    INSERT INTO workspace_member (id, organization_id, workspace_id, user_id, role_id, created_at, updated_at)
    SELECT ${grantId}::uuid, w.organization_id, w.id, ${userId}::uuid, r.id, w.created_at, w.created_at
    FROM ${from} JOIN ${partOf(0)} w ON w.id = ${id}::uuid
    JOIN role r ON r.organization_id = w.organization_id AND r.scope = 'WORKSPACE' AND r.key = 'OWNER'
    RETURNING id`,
})

function eventsOf({ id, organizationId, key }: NewRow, fields: Fields, owner: NewOwner | null): NewEvent[] {
  const scope = { kind: 'Workspace', id, organizationId } as const
  const created: NewEvent = {
    organizationId,
    workspaceId: id,
    type: 'workspace.created',
    subject: { type: 'Workspace', id },
    changes: changesBetween({}, { ...fields, key }),
  }
  if (!owner) return [created]
  return [created, memberEvent('member.added', scope, owner.grantId, owner.userId, null, { key: 'OWNER' })]
}

async function keyExists(tx: SqlTx, organizationId: string, key: string): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>`
    SELECT FROM workspace WHERE organization_id = ${organizationId}::uuid AND key = ${key}`
  return found.length > 0
}
