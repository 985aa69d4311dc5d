import { type Access, createAccess } from '../../access/access.ts'
import { recordLooks } from '../../access/record-access.ts'
import type { Viewer } from '../../access/viewer.ts'
import { idOf } from '../../graphql/ids.ts'
import type { Db } from '../../platform/db.ts'
import { type EntryContent, FIRST_HASH, shownEntry } from '../../platform/event-chain.ts'
import { encodeId } from '../../platform/ids.ts'
import { forbidden, notFound, notVerified, unauthenticated } from '../../platform/refusal.ts'
import { ORGANIZATION_LOG } from './policy.ts'

const PAGE = 500

interface ExportOptions {
  db: Db
  /** A global id, as it stands in the address. */
  organization: string
  now: Date
  /** Who asks, read anew: what has changed since the last page counts for the next one. */
  viewer(): Promise<Viewer | null>
}

/**
 * The log of an organization as JSON Lines (E2): a header with the anchor, which the first entry is chained to, and the
 * head, with which it ends; then every entry up to that head. One page is in memory at a time, and each is asked for again
 * whether the viewer may still read it.
 *
 * @throws {CodedError} UNAUTHENTICATED, ACCOUNT_NOT_VERIFIED, NOT_FOUND, FORBIDDEN; before the first line only
 */
export async function exportLog(options: ExportOptions): Promise<AsyncIterable<string>> {
  const organizationId = idOf(options.organization, 'Organization')
  const viewer = await permitted(options, organizationId)
  const { db } = options
  await recordLooks({ db, viewer, requestId: null }, 'audit.jsonl', () => [
    { type: 'Organization', id: organizationId },
  ])
  const stream = await db.eventStream.findUnique({ where: { id: organizationId } })
  const anchor = { sequence: Number(stream?.anchorSequence ?? 0), hash: stream?.anchorHash ?? FIRST_HASH }
  const head = { sequence: Number(stream?.lastSequence ?? 0), hash: stream?.lastHash ?? FIRST_HASH }
  return lines(options, organizationId, anchor, head)
}

async function permitted({ db, viewer: read }: ExportOptions, organizationId: string): Promise<Viewer> {
  const viewer = await read()
  if (!viewer) throw unauthenticated()
  if (!viewer.emailVerified) throw notVerified()
  const access: Access = createAccess(db, viewer)
  const standing = await access.onOrganization(organizationId)
  if (!standing) throw notFound()
  if (!standing.permissions.has(ORGANIZATION_LOG)) throw forbidden(ORGANIZATION_LOG)
  return viewer
}

interface Place {
  sequence: number
  hash: string
}

async function* lines(
  options: ExportOptions,
  organizationId: string,
  anchor: Place,
  head: Place,
): AsyncGenerator<string> {
  yield line({
    format: 'atrium-audit-1',
    organizationId: encodeId('Organization', organizationId),
    exportedAt: options.now.toISOString(),
    anchor,
    head,
  })
  let last = anchor.sequence
  while (last < head.sequence) {
    if (last > anchor.sequence) await permitted(options, organizationId)
    const rows = await options.db.event.findMany({
      where: { streamId: organizationId, sequence: { gt: last, lte: head.sequence } },
      orderBy: { sequence: 'asc' },
      take: PAGE,
    })
    const [first] = rows
    if (Number(first?.sequence) !== last + 1) throw new Error('The log was shortened while it was exported')
    last += rows.length
    yield rows.map(lineOf).join('')
  }
}

const line = (value: unknown) => `${JSON.stringify(value)}\n`

function lineOf(row: Omit<EntryContent, 'subject'> & EntryRow): string {
  const { sequence, createdAt, subjectType, subjectId, hash, ...entry } = row
  const subject = { type: subjectType, id: subjectId }
  return line({
    sequence: Number(sequence),
    time: createdAt.toISOString(),
    ...shownEntry({ ...entry, subject }),
    hash,
  })
}

interface EntryRow {
  sequence: bigint
  createdAt: Date
  subjectType: string
  subjectId: string
  hash: string
}
