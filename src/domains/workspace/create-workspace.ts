import type { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { lockOrganization, standingNow } from '../../access/standing.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, changesBetween, type NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { forbidden, missing } from '../../platform/refusal.ts'
import { parseInput } from '../../platform/validation.ts'
import { grantRole } from '../member/grant-role.ts'
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
  return inTransaction(caller.db, async (tx) => {
    await lockOrganization(tx, id, 'SHARE')
    const standing = await standingNow(tx, viewer, { kind: 'Organization', id, organizationId: id })
    if (!standing.permissions.has('workspace:create')) throw forbidden('workspace:create')
    const ownerId = standing.memberId ? viewer.userId : null
    const { workspaceId, events } = await insertWorkspace(tx, id, ownerId, wanted, viewer.userId)
    const change = { input: settings ?? {}, mode: 'REPLACE' } as const
    const set = settings ? await changeSettings(tx, caller, workspaceId, null, change) : []
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
 * Inserts a workspace and its owner in an organization that the caller has locked.
 *
 * @param ownerId who becomes its owner; null for a platform administrator from outside of the organization
 * @returns the events to append last
 * @throws {KeyTaken}
 */
export async function insertWorkspace(
  tx: Tx,
  organizationId: string,
  ownerId: string | null,
  { key, boundingBox, ...fields }: z.output<typeof input>,
  createdById: string,
): Promise<{ workspaceId: string; events: NewEvent[] }> {
  const { slug } =
    (await tx.organization.findUnique({ where: { id: organizationId }, select: { slug: true } })) ?? missing()
  const data = {
    ...fields,
    id: newId(),
    organizationId,
    createdById,
    updatedById: createdById,
    ...(boundingBox ? { boundingBox: boundingBox as unknown as Prisma.InputJsonObject } : {}),
  }
  const workspace = await insertUnderFreeKey(tx, data, slug, key ?? null)
  const scope = { kind: 'Workspace', id: workspace.id, organizationId } as const
  const owner = ownerId
    ? await tx.role.findUniqueOrThrow({
        where: { organizationId_scope_key: { organizationId, scope: 'WORKSPACE', key: 'OWNER' } },
      })
    : null
  const granted = owner && ownerId ? await grantRole(tx, scope, ownerId, owner) : []
  const created: NewEvent = {
    organizationId,
    workspaceId: workspace.id,
    type: 'workspace.created',
    subject: { type: 'Workspace', id: workspace.id },
    changes: changesBetween({}, { ...fields, boundingBox, key: workspace.key }),
  }
  return { workspaceId: workspace.id, events: [created, ...granted] }
}

/** A unique index decides whether a key is free; a conflict inserts nothing, so the transaction goes on (lesson 14). */
async function insertUnderFreeKey(
  tx: Tx,
  data: Omit<Prisma.WorkspaceCreateManyInput, 'key' | 'databaseName'>,
  slug: string,
  wanted: string | null,
): Promise<{ id: string; key: string }> {
  const base = wanted ?? slugify(data.name, 'workspace')
  for (let attempt = 1; ; attempt++) {
    const key = wanted ?? alternative(base, attempt)
    const [row] = await tx.workspace.createManyAndReturn({
      data: [{ ...data, key, databaseName: databaseName(slug, key, wanted ? attempt : 1) }],
      skipDuplicates: true,
      select: { id: true, key: true },
    })
    if (row) return row
    if (wanted && (await keyExists(tx, data.organizationId, wanted))) throw new KeyTaken(wanted)
    if (attempt > 50) throw new Error(`No free key or database name for workspace "${key}" of ${slug}`)
  }
}

async function keyExists(tx: Tx, organizationId: string, key: string): Promise<boolean> {
  return (await tx.workspace.count({ where: { organizationId, key } })) > 0
}
