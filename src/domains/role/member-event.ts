import type { StoredRole } from '../../access/permissions.ts'
import type { ScopeRef } from '../../access/standing.ts'
import type { NewEvent } from '../../platform/events.ts'

/** The event of a change of one person's role in a scope. */
export function memberEvent(
  type: 'member.added' | 'member.role_changed' | 'member.removed',
  scope: ScopeRef,
  id: string,
  userId: string,
  before: Pick<StoredRole, 'key'> | null,
  after: Pick<StoredRole, 'key'> | null,
): NewEvent {
  return {
    organizationId: scope.organizationId,
    workspaceId: scope.kind === 'Workspace' ? scope.id : null,
    type,
    subject: { type: 'Member', id },
    changes: {
      userId: { [after ? 'after' : 'before']: userId },
      role: { ...(before ? { before: before.key } : {}), ...(after ? { after: after.key } : {}) },
    },
  }
}
