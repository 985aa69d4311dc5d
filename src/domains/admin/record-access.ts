import { type Caller, signedIn } from '../../access/caller.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'

/**
 * Writes into the log of the platform that an administrator looks at something of a tenant (access.md: "always in the
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
  await inTransaction(caller.db, (tx) =>
    appendEvents(tx, caller, [
      {
        organizationId: null,
        type: 'admin.accessed',
        subject: subject ?? { type: 'User', id: userId },
        changes: { field: { after: field } },
      },
    ]),
  )
}
