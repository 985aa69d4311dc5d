import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { workspacePermissions } from '../../access/permissions.ts'
import { policiesOf, storedSettings } from '../../access/policies.ts'
import { lockWorkspace, permittedNow } from '../../access/standing.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import { writeSecrets } from '../settings/integration-secrets.ts'
import { refuseLocked, settingsChanges, withInput } from '../settings/own-settings.ts'
import { refuseSelfGrant } from '../settings/refuse-self-grant.ts'
import { type SettingsMode, settingsInput } from '../settings/settings-input.ts'
import { VersionConflict } from './errors.ts'

const input = z.object({ settings: settingsInput })

/** What `updateWorkspaceSettings` takes. */
export type WorkspaceSettingsUpdate = z.input<typeof input> & {
  workspaceId: string
  mode?: SettingsMode | null
  expectedVersion?: number | null
}

/**
 * Changes the own settings of a workspace (S1, S3): MERGE those that are given, REPLACE all. A change that changes nothing
 * appends no event and keeps the version.
 *
 * @param expectedVersion the version that the caller has read (W16)
 * @throws {ValidationError}
 * @throws {VersionConflict}
 * @throws {SettingLocked} when the organization has locked a value that is given
 * @throws {CodedError} FORBIDDEN when a policy would give the caller a permission that they do not hold
 */
export async function updateWorkspaceSettings(
  caller: Caller,
  { workspaceId, mode, expectedVersion, ...given }: WorkspaceSettingsUpdate,
): Promise<{ workspaceId: string }> {
  const viewer = signedIn(caller)
  const wanted = parseInput(input, given).settings
  return inTransaction(caller.db, async (tx) => {
    const { organizationId } = await lockWorkspace(tx, workspaceId)
    const scope = { kind: 'Workspace', id: workspaceId, organizationId } as const
    const standing = await permittedNow(tx, viewer, scope, 'settings:write')
    const { version, settings, organization } = await tx.workspace.findUniqueOrThrow({
      where: { id: workspaceId },
      select: { version: true, settings: true, organization: { select: { settings: true } } },
    })
    if (expectedVersion != null && expectedVersion !== version) throw new VersionConflict(version)
    refuseLocked(storedSettings(organization.settings), wanted)
    const before = storedSettings(settings)
    const after = withInput(before, wanted, mode ?? 'MERGE')
    refuseSelfGrant(standing, workspacePermissions, {
      before: policiesOf(organization.settings, before),
      after: policiesOf(organization.settings, after),
    })
    const owner = { organizationId, workspaceId }
    const secrets = await writeSecrets(tx, caller, owner, { input: wanted, mode: mode ?? 'MERGE', after })
    const changes = { ...settingsChanges(before, after), ...secrets }
    if (Object.keys(changes).length === 0) return { workspaceId }
    await tx.workspace.update({
      where: { id: workspaceId },
      data: {
        settings: after as Prisma.InputJsonObject,
        updatedById: viewer.userId,
        version: { increment: 1 },
      },
      select: { id: true },
    })
    const type = 'workspace.settings_updated'
    const subject = { type: 'Workspace', id: workspaceId } as const
    await appendEvents(tx, caller, [{ organizationId, workspaceId, type, subject, changes }])
    return { workspaceId }
  })
}
