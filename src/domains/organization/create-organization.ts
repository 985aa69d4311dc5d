import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { nameField, parseInput } from '../../platform/validation.ts'
import { grantRole } from '../member/grant-role.ts'
import { createBuiltInRoles } from '../role/create-built-in-roles.ts'
import { insertWorkspace } from '../workspace/create-workspace.ts'
import { alternative, slugify } from '../workspace/workspace-key.ts'
import { SlugTaken } from './errors.ts'
import { slugField } from './slug.ts'

const input = z.object({
  name: nameField(),
  slug: slugField.nullish(),
  workspaceName: nameField('The name of the workspace').nullish(),
})

export type NewOrganization = z.input<typeof input>

/**
 * Creates an organization with its roles and a first workspace (O17). The caller becomes the owner of both (access.md,
 * rule 7).
 *
 * @throws {ValidationError}
 * @throws {SlugTaken} when a given slug is taken: it is never silently changed
 */
export async function createOrganization(
  caller: Caller,
  wanted: NewOrganization,
): Promise<{ organizationId: string; workspaceId: string }> {
  const { userId } = signedIn(caller)
  return inTransaction(caller.db, (tx) =>
    createOrganizationIn(tx, { userId, requestId: caller.requestId }, wanted),
  )
}

/**
 * {@link createOrganization} inside of a transaction that the caller has opened: sign-up creates the user in it too.
 *
 * @param origin who becomes the owner, and the request that the events name
 */
export async function createOrganizationIn(
  tx: Tx,
  origin: { userId: string; requestId: string | null },
  wanted: NewOrganization,
): Promise<{ organizationId: string; workspaceId: string }> {
  const { name, slug, workspaceName } = parseInput(input, wanted)
  const organization = await insertUnderFreeSlug(tx, { name, createdById: origin.userId }, slug ?? null)
  const scope = { kind: 'Organization', id: organization.id, organizationId: organization.id } as const
  const roles = await createBuiltInRoles(tx, organization.id)
  const owner = roles.find((role) => role.scope === 'ORGANIZATION' && role.key === 'OWNER')
  if (!owner) throw new Error('The built-in owner role is missing')
  const granted = await grantRole(tx, scope, origin.userId, owner, null)
  const first = await insertWorkspace(
    tx,
    organization,
    origin.userId,
    { name: workspaceName ?? 'General' },
    origin.userId,
  )
  const created: NewEvent = {
    organizationId: organization.id,
    type: 'organization.created',
    subject: { type: 'Organization', id: organization.id },
    changes: { name: { after: name }, slug: { after: organization.slug } },
  }
  await appendEvents(tx, { viewer: { userId: origin.userId }, requestId: origin.requestId }, [
    created,
    ...granted,
    ...first.events,
  ])
  return { organizationId: organization.id, workspaceId: first.workspaceId }
}

/** As with workspace keys, the unique index alone decides (lesson 14). */
async function insertUnderFreeSlug(
  tx: Tx,
  data: { name: string; createdById: string },
  wanted: string | null,
): Promise<{ id: string; slug: string }> {
  const base = (wanted ?? slugify(data.name, 'organization')).replace(/-{2,}/g, '-')
  for (let attempt = 1; attempt <= 50; attempt++) {
    const slug = wanted ?? alternative(base, attempt)
    const [row] = await tx.organization.createManyAndReturn({
      data: [{ ...data, id: newId(), slug }],
      skipDuplicates: true,
      select: { id: true, slug: true },
    })
    if (row) return row
    if (wanted) throw new SlugTaken(wanted)
  }
  throw new Error(`No free slug for organization "${data.name}"`)
}
