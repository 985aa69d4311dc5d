import type { Db } from '../platform/db.ts'
import { inTransaction } from '../platform/db.ts'
import { appendEvents, type NewEvent, SUBJECT_TYPES, type SubjectType } from '../platform/events.ts'
import { unauthenticated } from '../platform/refusal.ts'
import type { Caller } from './caller.ts'

type Looker = Pick<Caller, 'db' | 'viewer' | 'requestId'>

/** What was looked at: the type as the API calls it, and the row id. */
export interface Looked {
  type: string
  id: string
}

/**
 * Writes that a platform administrator looks at something of a tenant (access.md: "always in the audit log"): into the log
 * of the platform, and into that of the organization that it concerns. It is written before anything is shown: without the
 * entry there is no answer.
 *
 * @param field what was asked, as in `Admin.workspace`
 * @param looked the row; absent for a list, where the administrator stands in for it
 */
export async function recordAccess(looker: Looker, field: string, looked?: Looked): Promise<void> {
  if (!looker.viewer) throw unauthenticated()
  const place = looked && (await placeOf(looker.db, looked))
  await append(looker, field, looked && subjectOf(looked, place), place)
}

/**
 * {@link recordAccess} for looks that take the same way as everybody's: those at organizations that the administrator is a
 * member of are no news.
 *
 * @param looks finds the rows, which is asked for administrators alone; of those that are of no organization nothing is written
 */
export async function recordLooks(
  looker: Looker,
  field: string,
  looks: () => readonly Looked[],
): Promise<void> {
  const { viewer, db } = looker
  if (viewer?.platformRole !== 'ADMIN') return
  for (const looked of looks()) {
    const place = await placeOf(db, looked)
    if (!place || viewer.organizations.has(place.organizationId)) continue
    await append(looker, field, subjectOf(looked, place), place)
  }
}

interface Place {
  organizationId: string
  workspaceId: string | null
}

async function append(
  looker: Looker,
  field: string,
  subject: NewEvent['subject'] | undefined,
  place: Place | null | undefined,
): Promise<void> {
  const event: NewEvent = {
    organizationId: null,
    type: 'admin.accessed',
    subject: subject ?? { type: 'User', id: String(looker.viewer?.userId) },
    changes: { field: { after: field } },
  }
  await inTransaction(looker.db, (tx) =>
    appendEvents(tx, looker, [event, ...(place ? [{ ...event, ...place }] : [])]),
  )
}

/** A row that no event is about by itself is told by its organization. */
function subjectOf({ type, id }: Looked, place: Place | null | undefined): NewEvent['subject'] {
  const isSubject = SUBJECT_TYPES.includes(type as SubjectType) && !id.includes('.')
  if (isSubject || !place) return { type: type as SubjectType, id }
  return { type: 'Organization', id: place.organizationId }
}

interface Delegate {
  findUnique(
    query: object,
  ): PromiseLike<{ organizationId: string | null; workspaceId?: string | null } | null>
}

/** Whose log it concerns; null where there is no such row, or it is of no organization. */
async function placeOf(db: Db, { type, id }: Looked): Promise<Place | null> {
  if (type === 'Organization') {
    const row = await db.organization.findUnique({ where: { id }, select: { id: true } })
    return row && { organizationId: row.id, workspaceId: null }
  }
  const delegate = tenantRows(db)[type] as Delegate | undefined
  const row = await delegate?.findUnique({ where: { id }, select: { organizationId: true } })
  if (!row?.organizationId) return null
  return { organizationId: row.organizationId, workspaceId: type === 'Workspace' ? id : null }
}

/** The rows of tenants that can be looked up by an id of their own. */
const tenantRows = (db: Db): Record<string, unknown> => ({
  Workspace: db.workspace,
  Role: db.role,
  Member: db.member,
  Invite: db.invite,
  Resource: db.resource,
  ExtensionInstallation: db.extensionInstallation,
  Capability: db.capability,
  EventSubscription: db.eventSubscription,
  DeliveryAttempt: db.deliveryAttempt,
  Event: db.logEntry,
})
