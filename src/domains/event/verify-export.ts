import { chainHash, digestOfShown, type ShownEntry } from '../../platform/event-chain.ts'

/** What an export turned out to be. */
export type Verdict =
  | { ok: true; entries: number; head: { sequence: number; hash: string } }
  /** `sequence` names the first entry that is not as it was written; `line` is where it stands, or should. */
  | { ok: false; sequence: number; line: number; what: 'changed' | 'dropped' | 'moved'; detail: string }

/** This is no export of an audit trail. */
export class NotAnExport extends Error {
  override name = 'NotAnExport'
}

interface Header {
  anchor: { sequence: number; hash: string }
  head: { sequence: number; hash: string }
}

type Entry = ShownEntry & { sequence: number; time: string; hash: string }

/**
 * Checks an export of an audit trail against its own chain (E2), without a database, line by line.
 *
 * @param lines the lines of the file
 * @throws {NotAnExport} when the first line is no header of an export
 */
export async function verifyExport(lines: AsyncIterable<string> | Iterable<string>): Promise<Verdict> {
  let header: Header | undefined
  let last = { sequence: 0, hash: '' }
  let line = 0
  let misplaced: Misplaced | undefined
  for await (const text of lines) {
    line++
    if (!header) {
      header = headerOf(text)
      last = header.anchor
      continue
    }
    if (text.trim() === '') continue
    const entry = entryOf(text)
    if (misplaced) {
      misplaced.following ??= entry?.sequence ?? 0
      if (entry?.sequence === misplaced.expected) misplaced.foundAt = line
      if (misplaced.foundAt) break
      continue
    }
    const expected = last.sequence + 1
    if (!entry) return refused(expected, line, 'changed', 'it can not be read')
    if (entry.sequence !== expected) {
      misplaced = { expected, sequence: entry.sequence, line }
      continue
    }
    const { sequence, time, hash, ...shown } = entry
    if (chainHash(last.hash, { sequence, time }, digestOfShown(shown)) !== hash)
      return refused(expected, line, 'changed', 'its hash does not fit what it says')
    last = { sequence, hash }
  }
  if (!header) throw new NotAnExport('The file is empty.')
  if (misplaced) return verdictOn(misplaced)
  if (last.sequence < header.head.sequence) {
    const missing = last.sequence + 1
    return refused(missing, line + 1, 'dropped', `the export ends before it, at ${last.sequence}`)
  }
  if (last.sequence !== header.head.sequence || last.hash !== header.head.hash)
    return refused(last.sequence, line, 'changed', 'the header names another last entry')
  return { ok: true, entries: last.sequence - header.anchor.sequence, head: last }
}

/** An entry that stands where another one is expected. */
interface Misplaced {
  expected: number
  sequence: number
  line: number
  /** The sequence on the next line. */
  following?: number
  /** The line on which the expected one was found after all. */
  foundAt?: number
}

function verdictOn({ expected, sequence, line, following, foundAt }: Misplaced): Verdict {
  if (sequence < expected)
    return refused(sequence, line, 'moved', `it stands where ${expected} is expected, or stands there twice`)
  if (following === expected)
    return refused(sequence, line, 'moved', `it stands where ${expected} is expected`)
  if (foundAt) return refused(expected, line, 'moved', `it stands on line ${foundAt}`)
  return refused(expected, line, 'dropped', `${sequence} stands in its place`)
}

const refused = (
  sequence: number,
  line: number,
  what: 'changed' | 'dropped' | 'moved',
  detail: string,
): Verdict => ({ ok: false, sequence, line, what, detail })

function headerOf(text: string): Header {
  const value = parsed(text) as Partial<Header & { format: string }> | null
  const isPlace = (place: unknown): place is Header['head'] => {
    const { sequence, hash } = (place ?? {}) as Partial<Header['head']>
    return Number.isSafeInteger(sequence) && typeof hash === 'string'
  }
  const { format, anchor, head } = value ?? {}
  if (format !== 'atrium-audit-1' || !isPlace(anchor) || !isPlace(head))
    throw new NotAnExport('The first line is no header of an audit export ("format": "atrium-audit-1").')
  return { anchor, head }
}

function entryOf(text: string): Entry | null {
  const value = parsed(text) as Partial<Entry> | null
  if (!value || !Number.isSafeInteger(value.sequence)) return null
  return typeof value.time === 'string' && typeof value.hash === 'string' ? (value as Entry) : null
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}
