import { createHash } from 'node:crypto'
import { encodeId } from './ids.ts'

/**
 * The chain of a log (E2). Each entry has a digest, SHA-256 over its canonical JSON, and a hash over the hash of the entry
 * before it, its own place and time, and that digest. Whoever changes, drops or moves an entry breaks every hash behind it.
 */

/** What the first entry of a log is chained to. */
export const FIRST_HASH = '0'.repeat(64)

/** An entry of a log, by row ids. */
export interface EntryContent {
  id: string
  organizationId: string | null
  workspaceId: string | null
  type: string
  actorId: string | null
  subject: { type: string; id: string }
  changes: unknown
  requestId: string | null
}

/** An entry as it leaves the service: with the ids of the API. */
export function shownEntry(entry: EntryContent) {
  const idOf = (typename: string, id: string | null) => (id === null ? null : encodeId(typename, id))
  const { type, subject, changes, requestId } = entry
  return {
    id: encodeId('Event', entry.id),
    type,
    organizationId: idOf('Organization', entry.organizationId),
    workspaceId: idOf('Workspace', entry.workspaceId),
    actorId: idOf('User', entry.actorId),
    subject: { type: subject.type, id: encodeId(subject.type, subject.id) },
    changes,
    requestId,
  }
}

export type ShownEntry = ReturnType<typeof shownEntry>

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** The digest of an entry that is given by row ids. */
export const digestOf = (entry: EntryContent): string => digestOfShown(shownEntry(entry))

/** The digest of an entry as it leaves the service, without its sequence, time and hash. */
export const digestOfShown = (entry: ShownEntry): string => sha256(canonicalJson(entry))

/**
 * The hash of an entry. The function `append_events` in the database makes the same.
 *
 * @param previous the hash of the entry before it
 * @param time RFC 3339 in UTC with milliseconds
 */
export const chainHash = (
  previous: string,
  place: { sequence: string | number | bigint; time: string },
  digest: string,
): string => sha256(`${previous}\n${place.sequence}\n${place.time}\n${digest}`)

/**
 * JSON in the canonical form of RFC 8785: keys in the order of their UTF-16 code units, no white space. What JSON can't
 * hold is left out, as JSON.stringify does.
 */
export const canonicalJson = (value: unknown): string => canonical(value) ?? 'null'

/** @returns undefined for what JSON can't hold */
function canonical(value: unknown): string | undefined {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) as string | undefined
  if ('toJSON' in value) {
    const text = JSON.stringify(value) as string | undefined
    return text === undefined ? text : canonical(JSON.parse(text))
  }
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(',')}]`
  let fields = ''
  for (const key of Object.keys(value).sort()) {
    const text = canonical((value as Record<string, unknown>)[key])
    if (text !== undefined) fields += `${fields && ','}${quoted(key)}:${text}`
  }
  return `{${fields}}`
}

/** ASCII without what JSON escapes: nearly all that is told. */
const PLAIN = /^[ !#-[\]-~]*$/

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))
