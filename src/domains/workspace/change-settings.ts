import type { Standing } from '../../access/access.ts'
import type { Caller } from '../../access/caller.ts'
import { workspacePermissions } from '../../access/permissions.ts'
import { policiesOf, storedSettings } from '../../access/policies.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'
import { writeSecrets } from '../settings/integration-secrets.ts'
import { refuseLocked, settingsChanges, withInput } from '../settings/own-settings.ts'
import { refuseSelfGrant } from '../settings/refuse-self-grant.ts'
import type { SettingsInput, SettingsMode } from '../settings/settings-input.ts'

/**
 * Writes the own settings of a workspace that the caller has locked, or has just inserted (S1, S3).
 *
 * @param standing the caller's; null for whoever creates the workspace and owns it
 * @returns the event to append, none when nothing changes
 * @throws {ValidationError} when there would be too many
 * @throws {SettingLocked} when the organization has locked a value that is given
 * @throws {CodedError} FORBIDDEN when a policy would give the caller a permission that they do not hold
 */
export async function changeSettings(
  tx: Tx,
  caller: Caller,
  workspaceId: string,
  standing: Standing | null,
  { input, mode }: { input: SettingsInput; mode: SettingsMode },
): Promise<NewEvent[]> {
  const { organizationId, settings, organization } = await tx.workspace.findUniqueOrThrow({
    where: { id: workspaceId },
    select: { organizationId: true, settings: true, organization: { select: { settings: true } } },
  })
  refuseLocked(storedSettings(organization.settings), input)
  const before = storedSettings(settings)
  const after = withInput(before, input, mode)
  if (standing) {
    refuseSelfGrant(standing, workspacePermissions, {
      before: policiesOf(organization.settings, before),
      after: policiesOf(organization.settings, after),
    })
  }
  const secrets = await writeSecrets(tx, caller, { organizationId, workspaceId }, { input, mode, after })
  const changes = { ...settingsChanges(before, after), ...secrets }
  if (Object.keys(changes).length === 0) return []
  await tx.workspace.update({
    where: { id: workspaceId },
    data: { settings: after as Prisma.InputJsonObject },
    select: { id: true },
  })
  const type = 'workspace.settings_updated'
  return [{ organizationId, workspaceId, type, subject: { type: 'Workspace', id: workspaceId }, changes }]
}
