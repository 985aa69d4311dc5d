import { Prisma } from '../generated/prisma/client.ts'
import type { Tx } from './db.ts'

/** The log of what belongs to no organization: accounts, sessions, platform roles. */
export const PLATFORM_STREAM = '00000000-0000-0000-0000-000000000000'

/** One fact for the log (E1). `changes` maps a field to what it was and what it is; never a secret. */
export interface NewEvent {
  /** Null for the platform's own log. */
  organizationId: string | null
  workspaceId?: string | null
  /** `<noun>.<past participle>`, such as `workspace.created`. */
  type: EventType
  subject: {
    type:
      | 'User'
      | 'Session'
      | 'AccessToken'
      | 'Organization'
      | 'Workspace'
      | 'Role'
      | 'Member'
      | 'Invite'
      | 'Resource'
      | 'ExtensionInstallation'
      | 'Capability'
      | 'EventSubscription'
      | 'Operation'
    id: string
  }
  changes?: Record<string, { before?: unknown; after?: unknown }>
}

/** Everything that the log can tell, by name: a webhook chooses among them. */
export const EVENT_TYPES = [
  'user.signed_up',
  'user.email_verified',
  'user.password_changed',
  'user.password_reset',
  'user.profile_updated',
  'user.created',
  'user.updated',
  'user.deleted',
  'user.linked',
  'token.created',
  'token.revoked',
  'session.created',
  'session.ended',
  'organization.created',
  'organization.updated',
  'organization.deleted',
  'organization.restored',
  'organization.purged',
  'organization.settings_updated',
  'workspace.created',
  'workspace.updated',
  'workspace.deleted',
  'workspace.restored',
  'workspace.purged',
  'workspace.settings_updated',
  'workspace.preferences_updated',
  'extension.installed',
  'extension.updated',
  'extension.uninstalled',
  'capability.registered',
  'capability.removed',
  'subscription.created',
  'subscription.updated',
  'subscription.deleted',
  'resource.registered',
  'resource.removed',
  'member.added',
  'member.role_changed',
  'member.removed',
  'member.preferences_updated',
  'invite.created',
  'invite.resent',
  'invite.accepted',
  'invite.declined',
  'invite.revoked',
  'role.created',
  'role.updated',
  'role.deleted',
  'operation.requested',
  'operation.finished',
  'operation.cancelled',
  'admin.accessed',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** Who wrote, and in which request: both become part of the event. */
export interface EventOrigin {
  viewer: { userId: string } | null
  requestId: string | null
}

/**
 * Appends events in the transaction of the write they tell of (E1).
 *
 * Call it last: it locks the head of each log until the transaction ends, which is what makes the order of a log the
 * order of its commits, without a gap. Logs are locked in the order of their ids, so that two writers never wait for
 * each other.
 */
export async function appendEvents(tx: Tx, origin: EventOrigin, events: NewEvent[]): Promise<void> {
  const streamOf = (event: NewEvent) => event.organizationId ?? PLATFORM_STREAM
  for (const streamId of [...new Set(events.map(streamOf))].sort()) {
    const ofStream = events.filter((event) => streamOf(event) === streamId)
    for (let start = 0; start < ofStream.length; start += MOST_AT_ONCE)
      await appendToStream(tx, streamId, origin, ofStream.slice(start, start + MOST_AT_ONCE))
  }
}

/** A statement takes 32,767 parameters, and an event needs eight. */
const MOST_AT_ONCE = 1000

async function appendToStream(
  tx: Tx,
  streamId: string,
  origin: EventOrigin,
  events: NewEvent[],
): Promise<void> {
  const rows = events.map(
    (event, index) => Prisma.sql`(
      ${index + 1}::bigint, ${event.organizationId}::uuid, ${event.workspaceId ?? null}::uuid, ${event.type},
      ${event.subject.type}, ${event.subject.id}::uuid, ${JSON.stringify(event.changes ?? {})}::jsonb)`,
  )
  await tx.$executeRaw`
    WITH head AS (
      INSERT INTO event_stream AS s (id, last_sequence) VALUES (${streamId}::uuid, ${events.length})
      ON CONFLICT (id) DO UPDATE SET last_sequence = s.last_sequence + excluded.last_sequence
      RETURNING last_sequence - ${events.length} AS before
    )
    INSERT INTO event (stream_id, sequence, organization_id, workspace_id, type, subject_type, subject_id, changes,
                       actor_id, request_id)
    SELECT ${streamId}::uuid, head.before + e.nth, e.organization_id, e.workspace_id, e.type, e.subject_type,
           e.subject_id, e.changes, ${origin.viewer?.userId ?? null}::uuid, ${origin.requestId}
    FROM head, (VALUES ${Prisma.join(rows)})
      AS e (nth, organization_id, workspace_id, type, subject_type, subject_id, changes)`
}

/**
 * The fields in which two states differ, in the form of {@link NewEvent.changes}.
 *
 * @param before the row as it was; a field that it has not was null, so that a new row tells only what is in it
 * @param after the fields that were written; those equal to the row are left out
 */
export function changesBetween(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, { before: unknown; after: unknown }> {
  const changed = Object.entries(after).filter(
    ([field, value]) => value !== undefined && canonical(before[field] ?? null) !== canonical(value),
  )
  return Object.fromEntries(changed.map(([field, value]) => [field, { before: before[field], after: value }]))
}

/** JSON with its keys in order: PostgreSQL keeps the keys of jsonb in an order of its own. */
export const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
