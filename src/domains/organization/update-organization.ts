import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction, violates } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { nameField, parseInput } from '../../platform/validation.ts'
import { VersionConflict } from '../workspace/errors.ts'
import { SlugTaken } from './errors.ts'
import { slugField } from './slug.ts'

const patch = z.object({ name: nameField(), slug: slugField }).partial()

export type OrganizationPatch = z.input<typeof patch>

/**
 * Changes the given fields of an organization; an absent one stays. The database names of its workspaces stay too, also
 * with another slug (W3). A change that changes nothing appends no event and keeps the version.
 *
 * @param expectedVersion the version that the caller has read (W16)
 * @throws {ValidationError}
 * @throws {VersionConflict}
 * @throws {SlugTaken}
 */
export async function updateOrganization(
  caller: Caller,
  input: { organizationId: string; expectedVersion?: number | null } & OrganizationPatch,
): Promise<{ organizationId: string }> {
  const viewer = signedIn(caller)
  const { organizationId, expectedVersion, ...given } = input
  const fields = parseInput(patch, given)
  const work = inTransaction(caller.db, async (tx) => {
    await enterPermitted(tx, viewer, { kind: 'Organization', id: organizationId }, 'organization:settings')
    const before = await tx.organization.findUniqueOrThrow({ where: { id: organizationId } })
    if (expectedVersion != null && expectedVersion !== before.version)
      throw new VersionConflict(before.version)
    const changes = changesBetween(before, fields)
    if (Object.keys(changes).length === 0) return { organizationId }
    await tx.organization.update({
      where: { id: organizationId },
      data: { ...fields, version: { increment: 1 } },
      select: { id: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId,
        type: 'organization.updated',
        subject: { type: 'Organization', id: organizationId },
        changes,
      },
    ])
    return { organizationId }
  })
  return work.catch((error: unknown) => {
    // The unique index alone decides (lesson 14).
    if (fields.slug !== undefined && violates(error, 'organization_slug_key'))
      throw new SlugTaken(fields.slug)
    throw error
  })
}
