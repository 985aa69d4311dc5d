import { type Caller, signedIn } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'

/**
 * Writes into the log of the platform, and of the organization that it concerns, that an administrator looks at something of a tenant (access.md: "always in the
 * audit log"). It is written before anything is shown: without the entry there is no answer.
 *
 * @param field what was asked, as in `Admin.workspace`
 * @param subject the row; absent for a list, where the administrator stands in for it
 */
export async function recordAccess(
  caller: Caller,
  field: string,
  subject?: NewEvent['subject'],
): Promise<void> {
  const { userId } = signedIn(caller)
  const place = subject && (await placeOf(caller, subject))
  const event: NewEvent = {
    organizationId: null,
    type: 'admin.accessed',
    subject: subject ?? { type: 'User', id: userId },
    changes: { field: { after: field } },
  }
  await inTransaction(caller.db, (tx) =>
    appendEvents(tx, caller, [event, ...(place ? [{ ...event, ...place }] : [])]),
  )
}

/** Whose log it concerns; null where there is no such row. */
async function placeOf(
  { db }: Caller,
  { type, id }: NewEvent['subject'],
): Promise<Pick<NewEvent, 'organizationId' | 'workspaceId'> | null> {
  if (type === 'Workspace') {
    const row = await db.workspace.findUnique({ where: { id }, select: { organizationId: true } })
    return row && { ...row, workspaceId: id }
  }
  if (type !== 'Organization') return null
  const row = await db.organization.findUnique({ where: { id }, select: { id: true } })
  return row && { organizationId: row.id }
}
