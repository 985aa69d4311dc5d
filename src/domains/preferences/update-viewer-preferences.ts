import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { parseInput } from '../../platform/validation.ts'
import { NotAMember } from '../member/errors.ts'
import { type PreferencePatch, preferencePatch, preferenceSelection } from './preference-fields.ts'
import { preferenceChanges } from './update-workspace-preferences.ts'

/**
 * Changes what the caller prefers in a workspace, for themselves alone (S4): an absent value stays, null takes it away, so
 * that the workspace's counts. It falls with the membership.
 *
 * @throws {ValidationError}
 * @throws {NotAMember} for a platform administrator from outside: nothing would keep it
 */
export async function updateViewerPreferences(
  caller: Caller,
  { workspaceId, ...given }: { workspaceId: string } & PreferencePatch,
): Promise<{ workspaceId: string }> {
  const viewer = signedIn(caller)
  const { userId } = viewer
  const patch = parseInput(preferencePatch, given)
  return inTransaction(caller.db, async (tx) => {
    const target = { kind: 'Workspace', id: workspaceId } as const
    const { scope, standing } = await enterPermitted(tx, viewer, target, 'workspace:read')
    const { organizationId } = scope
    if (!standing.memberId) throw new NotAMember()
    const where = { workspaceId_userId: { workspaceId, userId } }
    const before = await tx.viewerPreferences.findUnique({ where, select: preferenceSelection })
    const changes = preferenceChanges(before, patch)
    if (Object.keys(changes).length === 0) return { workspaceId }
    await tx.viewerPreferences.upsert({
      where,
      create: { workspaceId, organizationId, userId, ...patch },
      update: patch,
      select: { userId: true },
    })
    await appendEvents(tx, caller, [
      {
        organizationId,
        workspaceId,
        type: 'member.preferences_updated',
        subject: { type: 'User', id: userId },
        changes,
      },
    ])
    return { workspaceId }
  })
}
