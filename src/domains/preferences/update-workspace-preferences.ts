import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, changesBetween } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import { type PreferencePatch, preferencePatch, preferenceSelection } from './preference-fields.ts'

/**
 * Changes what a workspace prefers (S4): an absent value stays, null takes it away. A change that changes nothing appends no
 * event.
 *
 * @throws {ValidationError}
 */
export async function updateWorkspacePreferences(
  caller: Caller,
  { workspaceId, ...given }: { workspaceId: string } & PreferencePatch,
): Promise<{ workspaceId: string }> {
  const viewer = signedIn(caller)
  const patch = parseInput(preferencePatch, given)
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { scope } = await enterPermitted(tx, viewer, target, 'preferences:write')
    const { organizationId } = scope
    const before = await tx.workspacePreferences.findUnique({
      where: { workspaceId },
      select: preferenceSelection,
    })
    const changes = preferenceChanges(before, patch)
    if (Object.keys(changes).length === 0) return { workspaceId }
    await tx.workspacePreferences.upsert({
      where: { workspaceId },
      create: { workspaceId, organizationId, ...patch },
      update: patch,
      select: { workspaceId: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'workspace.preferences_updated',
        subject: { type: 'Workspace', id: workspaceId },
        changes,
      },
    ])
    return { workspaceId }
  })
}

/** @param before null when there is no row yet: then nothing is preferred */
export function preferenceChanges(before: object | null, patch: object) {
  const nothing = Object.fromEntries(Object.keys(preferenceSelection).map((name) => [name, null]))
  return changesBetween({ ...nothing, ...before }, { ...patch })
}
