import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import { type SettingsMode, settingsInput } from '../settings/settings-input.ts'
import { changeSettings } from './change-settings.ts'
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
  const { settings } = parseInput(input, given)
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { standing } = await enterPermitted(tx, viewer, target, 'settings:write')
    const where = { id: workspaceId }
    const { version } = await tx.workspace.findUniqueOrThrow({ where, select: { version: true } })
    if (expectedVersion != null && expectedVersion !== version) throw new VersionConflict(version)
    const change = { input: settings, mode: mode ?? 'MERGE' }
    const events = await changeSettings(tx, caller, workspaceId, standing, change)
    if (events.length === 0) return { workspaceId }
    await tx.workspace.update({
      where,
      data: { updatedById: viewer.userId, version: { increment: 1 } },
      select: { id: true },
    })
    await appendEvents(tx, caller, events)
    return { workspaceId }
  })
}
