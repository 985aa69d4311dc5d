import pg from 'pg'
import { Prisma } from '../generated/prisma/client.ts'
import { batchesOf, type EventOrigin, type NewEvent, partOf } from './events.ts'
import { isDatabaseOutage } from './outage.ts'
import type { Ask, Asked } from './reading/ask.ts'
import { BoundedMap } from './reading/bounded-map.ts'

/** One row that is to be written. */
export interface Write {
  id: string
  /**
   * Writes once for each row of `from`, a table expression with the alias `given`, and returns the column `id` of what it wrote.
   * Each value stands in front of its type (`${id}::uuid`), or is a text.
   */
  statement: (from: Prisma.Sql) => Prisma.Sql
}

/** The `from` of who writes alone. */
export const ONCE = Prisma.sql`(SELECT true) given`

/** What has to hold behind the locks that it takes, so that something is written. */
export interface Guard {
  /** A boolean over a row `given` of what is asked. */
  call: string
  /** What is asked, with types: `person uuid, sequence bigint`. */
  columns: string
  asked: Asked
  /** The organization to which all of it belongs, and in whose log it is told. No two that share may have the same. */
  organizationId: string
}

/**
 * Carries out writes and appends what they tell. Requests of one moment that write the same kind of thing share one statement, and so
 * one transaction, with its locks, its wait for the disk and its wake-up: one of them costs little more than one row.
 *
 * Of each request all of it is written or nothing. What fails, fails for one: the others are carried out again without it. So that
 * nobody waits for somebody else's lock, `guard` should refuse where a lock is taken.
 *
 * @param share of {@link createAsk}, with {@link mayBeCommitted} for what can't be carried out again
 * @returns false when the guard does not hold or a row was not written, or when there are events of another log: then nothing of
 *   this request is kept
 * @throws {pg.DatabaseError} what the database has refused; nothing is kept, unless {@link mayBeCommitted}
 */
export async function writeTogether(
  share: Ask,
  guard: Guard,
  writes: readonly Write[],
  origin: EventOrigin,
  events: NewEvent[],
): Promise<boolean> {
  const [first, ...rest] = batchesOf(origin, events)
  if (!first || rest.length > 0) return false
  const [log, entries] = first
  if (log !== guard.organizationId) return false
  const statements = writes.map(({ statement }) => statement(HELD))
  // V8 makes a new shape for an object with each name that it gets in a loop. One without a prototype starts as a hash table.
  const asked = Object.create(null) as Record<string, unknown>
  for (const [nth, { values }] of statements.entries()) {
    asked[idName(nth)] = writes[nth]?.id
    for (const [at, value] of values.entries()) asked[valueName(nth, at)] = value
  }
  const actor = origin.viewer?.userId ?? null
  Object.assign(asked, guard.asked, { log, actor, request: origin.requestId, entries })
  return (await share(textOf(guard, statements), asked)) === true
}

/** Whether a statement that failed may have been carried out all the same: the connection has ended before the answer came. */
export const mayBeCommitted = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || isDatabaseOutage(error)

const HELD = Prisma.sql`held given`
const MOST_TEXTS = 1_000
const texts = new BoundedMap<string, string>(MOST_TEXTS)

const idName = (nth: number) => `id${nth}`
const valueName = (nth: number, at: number) => `v${nth}_${at}`

function textOf(guard: Guard, statements: readonly Prisma.Sql[]): string {
  const key = [guard.call, guard.columns, ...statements.map(({ strings }) => strings.join('\0'))].join('\0\0')
  const text = texts.get(key) ?? composed(guard, statements)
  texts.set(key, text)
  return text
}

/** All parts are carried out before the first event is appended, and logs are locked in the order of their ids. */
function composed({ call, columns }: Guard, statements: readonly Prisma.Sql[]): string {
  const parts = statements.map(fromGiven)
  const names = parts.map((_part, nth) => partOf(nth).sql)
  const given = [
    'nth int, log uuid, actor uuid, request text, entries jsonb',
    columns,
    ...parts.flatMap((part, nth) => [`${idName(nth)} uuid`, ...part.columns]),
  ].join(', ')
  const isWritten = names.map((name, nth) => `given.${idName(nth)} = ANY (w.${name})`)
  return `
    WITH asked AS MATERIALIZED (
      SELECT given.*, ${call} AS holds
      FROM (SELECT * FROM json_to_recordset($1) r (${given}) ORDER BY log OFFSET 0) given),
    held AS (SELECT * FROM asked WHERE holds),
    ${parts.map(({ text }, nth) => `${names[nth]} AS (${text})`).join(', ')},
    written AS MATERIALIZED (SELECT ${names.map((name) => `(SELECT array_agg(id) FROM ${name}) AS ${name}`).join(', ')})
    SELECT given.nth, CASE
      WHEN ${isWritten.join(' AND ')}
      THEN append_events(given.log, given.log, given.actor, given.request, given.entries)::text || 'true'
      WHEN ${isWritten.join(' OR ')} THEN undo_write() END
    FROM asked given CROSS JOIN written w`
}

/** A statement whose values are read from the row `given`. JSON travels as text, which the statement makes JSON of by its cast. */
function fromGiven({ strings }: Prisma.Sql, nth: number): { text: string; columns: string[] } {
  const columns = strings.slice(1).map((behind, at) => {
    const type = /^::(\w+(?:\[\])?)/.exec(behind)?.[1] ?? 'text'
    return `${valueName(nth, at)} ${/^jsonb?$/.test(type) ? 'text' : type}`
  })
  const text = strings
    .map((string, at) => (at === 0 ? string : `given.${valueName(nth, at - 1)}${string}`))
    .join('')
  return { text, columns }
}
