import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { allPermissions } from '../../access/permissions.ts'
import { policiesOf, storedSettings } from '../../access/policies.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import { writeSecrets } from '../settings/integration-secrets.ts'
import { settingsChanges, withInput } from '../settings/own-settings.ts'
import { isUnlocked, mostOpen, refuseSelfGrant } from '../settings/refuse-self-grant.ts'
import { locksInput, type SettingsMode, settingsInput } from '../settings/settings-input.ts'
import { VersionConflict } from '../workspace/errors.ts'

const input = z.object({ settings: settingsInput.nullish(), locks: locksInput.nullish() })

/** What `updateOrganizationSettings` takes. */
export type OrganizationSettingsUpdate = z.input<typeof input> & {
  organizationId: string
  mode?: SettingsMode | null
  expectedVersion?: number | null
}

/**
 * Changes what an organization sets for all of its workspaces, and which of it they can't change (S3). Locks that are given
 * replace the present ones, in either mode; null takes all away.
 *
 * @param expectedVersion the version that the caller has read (W16)
 * @throws {ValidationError}
 * @throws {VersionConflict}
 * @throws {CodedError} FORBIDDEN when a policy would give the caller a permission that they do not hold
 */
export async function updateOrganizationSettings(
  caller: Caller,
  { organizationId, mode, expectedVersion, ...given }: OrganizationSettingsUpdate,
): Promise<{ organizationId: string }> {
  const viewer = signedIn(caller)
  const { settings: wanted, locks } = parseInput(input, given)
  return inTransaction(caller.db, async (tx) => {
    // Whoever writes the settings of a workspace shares this lock, so none can slip past a value that is being locked.
    const target = { kind: 'Organization', id: organizationId } as const
    const { standing } = await enterPermitted(tx, viewer, target, 'organization:settings')
    const row = await tx.organization.findUniqueOrThrow({
      where: { id: organizationId },
      select: { version: true, settings: true },
    })
    if (expectedVersion != null && expectedVersion !== row.version) throw new VersionConflict(row.version)
    const before = storedSettings(row.settings)
    const own = wanted ? withInput(before, wanted, mode ?? 'MERGE') : before
    const after = locks === undefined ? own : { ...own, locks: locks ?? [] }
    refuseSelfGrant(standing, allPermissions, {
      before: policiesOf(before),
      after: mostOpen(policiesOf(after), isUnlocked(before.locks, after.locks)),
    })
    const update = { input: wanted ?? {}, mode: mode ?? 'MERGE', after }
    const secrets = await writeSecrets(tx, caller, { organizationId, workspaceId: null }, update)
    const changes = { ...settingsChanges(before, after), ...secrets }
    if (Object.keys(changes).length === 0) return { organizationId }
    await tx.organization.update({
      where: { id: organizationId },
      data: { settings: after as Prisma.InputJsonObject, version: { increment: 1 } },
      select: { id: true },
    })
    const type = 'organization.settings_updated'
    const subject = { type: 'Organization', id: organizationId } as const
    await appendEvents(tx, caller, [{ organizationId, type, subject, changes }])
    return { organizationId }
  })
}
