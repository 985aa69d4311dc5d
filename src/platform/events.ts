import { Prisma } from '../generated/prisma/client.ts'
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
  for (const [streamId, entries] of batchesOf(origin, events))
    await tx.$executeRaw`SELECT ${append(origin, streamId, entries)}`
}

/**
 * {@link appendEvents} in the same statement as the last write of the transaction, which is a round trip less.
 *
 * @param write common table expressions: `written AS (… RETURNING …)`, and more if need be. Without a row in `written`
 *   nothing is appended
 * @returns whether there was one
 */
export async function writeAndAppend(
  tx: SqlTx,
  write: Prisma.Sql,
  origin: EventOrigin,
  events: NewEvent[],
): Promise<boolean> {
  const [first, ...rest] = batchesOf(origin, events)
  const appended = first ? append(origin, ...first) : Prisma.sql`true`
  const rows = await tx.$queryRaw<unknown[]>`WITH ${write} SELECT ${appended}::text FROM written`
  if (rows.length === 0) return false
  for (const [streamId, entries] of rest) await tx.$executeRaw`SELECT ${append(origin, streamId, entries)}`
  return true
}

/**
 * Statements that return rows, as the `write` of {@link writeAndAppend}: without a row of each of them nothing is appended. What
 * one of them returns is read by the next ones from {@link partOf} its number.
 */
export function writeAll(statements: readonly Prisma.Sql[]): Prisma.Sql {
  const named = statements.map((statement, nth) => Prisma.sql`${partOf(nth)} AS (${statement})`)
  const parts = statements.map((_statement, nth) => partOf(nth))
  // One after the other: a join would begin with any of them, and some read what the ones before have written.
  const counted = parts.map((part) => Prisma.sql`(SELECT count(*) FROM ${part}) AS ${part}`)
  const isThere = parts.map((part) => Prisma.sql`c.${part} > 0`)
  return Prisma.sql`${Prisma.join(named)}, written AS (
    SELECT FROM (SELECT ${Prisma.join(counted)} OFFSET 0) c WHERE ${Prisma.join(isThere, ' AND ')})`
}

/** The rows of a statement of {@link writeAll}, the first being 0. */
export const partOf = (nth: number): Prisma.Sql => Prisma.raw(`part${nth}`)

/** Entries of one statement: the text of a thousand is some hundred kilobytes. */
const MOST_AT_ONCE = 2000

/** Events by log, in the order of the logs, as much as one statement takes. */
export function batchesOf(origin: EventOrigin, events: NewEvent[]): [streamId: string, entries: object[]][] {
  const streamOf = (event: NewEvent) => event.organizationId ?? PLATFORM_STREAM
  return [...new Set(events.map(streamOf))].sort().flatMap((streamId) => {
    const entries = events
      .filter((event) => streamOf(event) === streamId)
      .map((event) => entryOf(origin, event))
    const starts = Array.from(
      { length: Math.ceil(entries.length / MOST_AT_ONCE) },
      (_, nth) => nth * MOST_AT_ONCE,
    )
    return starts.map((start): [string, object[]] => [streamId, entries.slice(start, start + MOST_AT_ONCE)])
  })
}

function entryOf(
  { viewer, requestId }: EventOrigin,
  { organizationId, workspaceId = null, type, subject, changes = {} }: NewEvent,
) {
  const id = newId()
  const actorId = viewer?.userId ?? null
  const digest = digestOf({ id, organizationId, workspaceId, type, actorId, subject, changes, requestId })
  return { id, workspace: workspaceId, type, subjectType: subject.type, subject: subject.id, changes, digest }
}

function append({ viewer, requestId }: EventOrigin, streamId: string, entries: object[]): Prisma.Sql {
  const organizationId = streamId === PLATFORM_STREAM ? null : streamId
  return Prisma.sql`append_events(${streamId}::uuid, ${organizationId}::uuid, ${viewer?.userId ?? null}::uuid, ${requestId},
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
