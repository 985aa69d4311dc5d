import type { SqlTx } from './db.ts'
import { canonicalJson, digestOf } from './event-chain.ts'
import { newId } from './ids.ts'

/** The channel on which each commit to a log is told, with the log's id as the topic. */
export const EVENT_CHANNEL = 'atrium_events'

/** The log of what belongs to no organization: accounts, sessions, platform roles. */
export const PLATFORM_STREAM = '00000000-0000-0000-0000-000000000000'

/** What something can happen to. */
export const SUBJECT_TYPES = [
  'User',
  'Session',
  'AccessToken',
  'Organization',
  'Workspace',
  'Role',
  'Member',
  'Invite',
  'Resource',
  'ExtensionInstallation',
  'Capability',
  'EventSubscription',
  'Operation',
] as const

export type SubjectType = (typeof SUBJECT_TYPES)[number]

/** One fact for the log (E1). `changes` maps a field to what it was and what it is; never a secret. */
export interface NewEvent {
  /** Null for the platform's own log. */
  organizationId: string | null
  workspaceId?: string | null
  /** `<noun>.<past participle>`, such as `workspace.created`. */
  type: EventType
  subject: {
    type: SubjectType
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
  'subscription.disabled',
  'subscription.replayed',
  'subscription.secret_rotated',
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

const nouns = [...new Set(EVENT_TYPES.map((type) => type.slice(0, type.indexOf('.'))))]

/** How types of events are named: one by one, `member.*` for all about a noun, `*` for all. */
export const EVENT_PATTERNS: ReadonlySet<string> = new Set([
  ...EVENT_TYPES,
  ...nouns.map((noun) => `${noun}.*`),
  '*',
])

/** @returns the types that any of these patterns names; null for all of them */
export function typesNamedBy(patterns: readonly string[]): ReadonlySet<string> | null {
  if (patterns.includes('*')) return null
  const named = (type: string) =>
    patterns.some((pattern) =>
      pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern,
    )
  return new Set(EVENT_TYPES.filter(named))
}

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
export async function appendEvents(tx: SqlTx, origin: EventOrigin, events: NewEvent[]): Promise<void> {
  const streamOf = (event: NewEvent) => event.organizationId ?? PLATFORM_STREAM
  for (const streamId of [...new Set(events.map(streamOf))].sort()) {
    const ofStream = events.filter((event) => streamOf(event) === streamId)
    for (let start = 0; start < ofStream.length; start += MOST_AT_ONCE)
      await appendToStream(tx, streamId, origin, ofStream.slice(start, start + MOST_AT_ONCE))
  }
}

/** Entries of one statement: the text of a thousand is some hundred kilobytes. */
const MOST_AT_ONCE = 2000

async function appendToStream(
  tx: SqlTx,
  streamId: string,
  origin: EventOrigin,
  events: NewEvent[],
): Promise<void> {
  const actorId = origin.viewer?.userId ?? null
  const organizationId = streamId === PLATFORM_STREAM ? null : streamId
  const entries = events.map(({ type, subject, workspaceId = null, changes = {} }) => {
    const id = newId()
    const { requestId } = origin
    const digest = digestOf({ id, organizationId, workspaceId, type, actorId, subject, changes, requestId })
    return {
      id,
      workspace: workspaceId,
      type,
      subjectType: subject.type,
      subject: subject.id,
      changes,
      digest,
    }
  })
  await tx.$executeRaw`
    SELECT append_events(${streamId}::uuid, ${organizationId}::uuid, ${actorId}::uuid, ${origin.requestId},
                         ${JSON.stringify(entries)}::jsonb)`
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
    ([field, value]) => value !== undefined && canonicalJson(before[field] ?? null) !== canonicalJson(value),
  )
  return Object.fromEntries(changed.map(([field, value]) => [field, { before: before[field], after: value }]))
}
