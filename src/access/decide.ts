import { type PlatformRole, Prisma } from '../generated/prisma/client.ts'
import { inSqlTransaction, type SqlTx, WriteConflict } from '../platform/db.ts'
import { type EventOrigin, type NewEvent, writeAll, writeAndAppend } from '../platform/events.ts'
import type { Asked } from '../platform/reading/ask.ts'
import { BoundedMap } from '../platform/reading/bounded-map.ts'
import { type Guard, mayBeCommitted, ONCE, type Write, writeTogether } from '../platform/write-together.ts'
import type { Caller } from './caller.ts'

/** Two functions of the database that tell what a write in a scope is decided by. */
export interface EnterFunctions {
  /** For any number of those who only look. */
  look: string
  /** Behind the lock, for one: a call over a row `a` of what is asked. */
  enter: Prisma.Sql
  columns: Prisma.Sql
}

/**
 * @param name behind `look_` and `enter_`
 * @param columns what is asked, in the order of the functions' arguments: `person uuid, about uuid`
 */
export function enterFunctions(name: string, columns: string): EnterFunctions {
  const given = columns.split(', ').map((column) => `a.${column.split(' ')[0]}`)
  const call = `${name}(${given.join(', ')})`
  return {
    look: `SELECT a.nth, l.found::text FROM json_to_recordset($1) a (nth int, ${columns}), look_${call} AS l (found)`,
    enter: Prisma.raw(`enter_${call}`),
    columns: Prisma.raw(columns),
  }
}

/** By what it is known later whether what was read of a scope still holds. */
export interface Seen {
  organizationId: string
  /** Of the organization's log, at the moment of which all else is told. */
  sequence: number
  /** Whose standing decides. */
  person: { id: string; platformRole: PlatformRole; suspendedAt: string | null } | null
  workspace: { id: string } | null
}

/** What such a function answers: the rest is for whoever called it. */
export interface EnteredScope {
  entered: Seen | null
}

/** A call that looks at what a write is decided by, and how its answer is read. */
export interface Looking<Entered> {
  by: Pick<EnterFunctions, 'look'>
  asked: Asked
  /** @throws whatever refuses the write for good, such as NOT_FOUND for a scope that there is not */
  read(row: EnteredScope | null): Entered
}

/** The same, where one may also look behind the lock. */
export interface Entering<Entered> extends Looking<Entered> {
  by: EnterFunctions
}

/** What is to be written, as decided by what was read. */
export interface Decision<Answer> {
  answer: Answer
  /** All of them or none. Empty to leave everything as it is. */
  writes: readonly Write[]
  events: NewEvent[]
  /** Asks for more in the transaction of the write, behind it. */
  check?: (tx: SqlTx) => Promise<void>
}

/** Where somebody else was faster, others are likely to be so for a while: milliseconds. */
const CONTESTED_MS = 100
/** Where the database has refused it or waited for a lock in vain, those who would share the next one are spared that: milliseconds. */
const REFUSED_MS = 5_000
const MOST_CONTESTED = 1_000

/** Organizations in which it was decided in vain, and until when it is decided behind the lock only. */
const contested = new BoundedMap<string, number>(MOST_CONTESTED)

/** Organizations to which this process is writing: a second write there would be decided by what the first one changes. */
const underWay = new Set<string>()

const isContested = ({ organizationId }: Seen) =>
  underWay.has(organizationId) || (contested.get(organizationId) ?? 0) > performance.now()

/**
 * Writes what `decide` makes of a scope: before its lock ({@link decidedBeforeLock}) where that can be, else behind it
 * ({@link decideIn}).
 *
 * @param decide has no effect of its own, and throws what refuses the write
 */
export async function decided<Entered, Answer>(
  caller: Caller,
  entering: Entering<Entered>,
  decide: (entered: Entered) => Decision<Answer>,
): Promise<Answer> {
  const before = await decidedBeforeLock(caller, entering, 'UPDATE', decide)
  return before ? before.answer : inSqlTransaction(caller.sql, (tx) => decideIn(tx, caller, entering, decide))
}

/**
 * Writes what `decide` makes of what can be seen of a scope without a lock. One statement, which requests share, locks the scope,
 * and writes where nothing has changed since, so that the lock is held for as long as that takes and no longer.
 *
 * @param lock `SHARE` for whoever puts something into the scope, `UPDATE` for whoever changes it
 * @param decide has no effect of its own, and throws what refuses the write
 * @returns null where it has to be decided behind the lock: something has changed, a row was in the way, or it is refused by what
 *   was seen. Nothing was written then
 */
export async function decidedBeforeLock<Entered, Answer>(
  caller: Caller,
  looking: Looking<Entered>,
  lock: 'SHARE' | 'UPDATE',
  decide: (entered: Entered) => Decision<Answer>,
): Promise<{ answer: Answer } | null> {
  const { ask, share } = caller
  if (!ask || !share) return null
  const row = (await ask(looking.by.look, looking.asked)) as EnteredScope | null
  if (!row?.entered || isContested(row.entered)) return null
  const decision = unlessRefused(() => decide(looking.read(row)))
  if (!decision || decision.check) return null
  const { answer, writes, events } = decision
  if (writes.length === 0) return { answer }
  const { organizationId } = row.entered
  let pause = CONTESTED_MS
  underWay.add(organizationId)
  try {
    if (await writeTogether(share, unchanged(lock, row.entered), writes, caller, events)) return { answer }
  } catch (error) {
    // Of what is decided behind the lock the answer is the plain one, also where it is refused again.
    if (mayBeCommitted(error)) throw error
    caller.log.debug({ err: error, organizationId }, 'decided anew behind the lock')
    pause = REFUSED_MS
  } finally {
    underWay.delete(organizationId)
  }
  contested.set(organizationId, performance.now() + pause)
  return null
}

function unlessRefused<T>(decide: () => T): T | null {
  try {
    return decide()
  } catch {
    return null
  }
}

/** {@link decided} inside of a transaction that the caller has opened, as its last step. */
export async function decideIn<Entered, Answer>(
  tx: SqlTx,
  origin: EventOrigin,
  { by: { enter, columns }, asked, read }: Entering<Entered>,
  decide: (entered: Entered) => Decision<Answer> | Promise<Decision<Answer>>,
): Promise<Answer> {
  const [entered] = await tx.$queryRaw<{ row: EnteredScope | null }[]>`
    SELECT ${enter} AS row FROM json_to_record(${JSON.stringify(asked)}::json) a (${columns})`
  const { answer, writes, events, check } = await decide(read(entered?.row ?? null))
  if (writes.length === 0) return answer
  const write = writeAll(writes.map(({ statement }) => statement(ONCE)))
  // What was read is from behind the lock, so that a row is there which no lock of this scope keeps: it is seen next time.
  if (!(await writeAndAppend(tx, write, origin, events))) throw new WriteConflict()
  await check?.(tx)
  return answer
}

const unchanged = (lock: string, { organizationId, sequence, person, workspace }: Seen): Guard => ({
  organizationId,
  call: 'enter_unchanged(given.lock, given.log, given.workspace, given.person, given.had_role, given.sequence)',
  columns: 'lock text, workspace uuid, person uuid, had_role platform_role, sequence bigint',
  asked: {
    lock,
    workspace: workspace?.id ?? null,
    person: person?.id ?? null,
    had_role: person?.platformRole ?? null,
    sequence,
  },
})
