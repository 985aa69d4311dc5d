import type pg from 'pg'
import type { Ask } from './ask.ts'
import { BoundedMap } from './bounded-map.ts'
import { settleTogether, type Waiting } from './settle.ts'
import type { Statement } from './statement.ts'

/** Asks the database for one answer, decoded from JSON; null for a row that is not there. */
export type Send = (statement: Statement, values: readonly unknown[]) => Promise<unknown>

export interface Database {
  pool: pg.Pool
  /** For what several requests ask at the same moment. */
  ask: Ask
  nameOf: (text: string) => string | undefined
}

interface Asked extends Waiting {
  statement: Statement
  values: readonly unknown[]
}

/** More would be a statement that hardly anybody sends twice. */
const MOST_AT_ONCE = 8
const MOST_TEXTS = 1_000

/** The statement of a batch: alone, or for any number of requests that ask the same ({@link Ask}). */
interface Text {
  text: string
  isShared: boolean
}

/**
 * Sends what one request asks for at the same moment as one statement: three lists of the viewer are one round trip, not
 * three. Under load requests that ask the same share a statement too, where none of them can be much longer than the others.
 *
 * @returns a function for each request
 */
export function createBatches(database: Database): () => Send {
  const texts = new BoundedMap<string, Text>(MOST_TEXTS)
  const textOf = (batch: readonly Asked[]): Text => {
    const key = batch.map(({ statement }) => statement.json).join('\0')
    const text = texts.get(key) ?? textOfAll(batch.map(({ statement }) => statement))
    texts.set(key, text)
    return text
  }
  const send = async (batch: readonly Asked[]): Promise<unknown[]> => {
    const { text, isShared } = textOf(batch)
    const values = batch.flatMap((one) => one.values)
    if (isShared) return (await database.ask(text, named(values))) as unknown[]
    const query = { name: database.nameOf(text), text, values, rowMode: 'array' } as pg.QueryArrayConfig
    const { rows } = await database.pool.query<(string | null)[]>(query)
    return (rows[0] ?? []).map((json) => (json === null ? null : (JSON.parse(json) as unknown)))
  }
  return () => {
    let waiting: Asked[] = []
    const flushAll = () => {
      const all = waiting
      waiting = []
      for (let start = 0; start < all.length; start += MOST_AT_ONCE)
        void settleTogether(all.slice(start, start + MOST_AT_ONCE), send)
    }
    return (statement, values) =>
      new Promise((resolve, reject) => {
        waiting.push({ statement, values, resolve, reject })
        // After all that can go on without an answer has gone on.
        if (waiting.length === 1) void Promise.resolve().then(() => process.nextTick(flushAll))
      })
  }
}

function textOfAll(statements: readonly Statement[]): Text {
  const isShared = statements.every((statement) => statement.isShared)
  let before = 0
  const columns = statements.map(({ json, parameters }) => {
    const offset = before
    before += parameters.length
    return json.replace(/\$(\d+)/g, (_all, nth: string) => `${isShared ? 'a.p' : '$'}${Number(nth) + offset}`)
  })
  if (!isShared) return { isShared, text: `SELECT ${columns.map((json) => `${json}::text`).join(', ')}` }
  const types = statements.flatMap(({ parameters }) => parameters.map(({ type }) => type))
  const asked = ['nth int', ...types.map((type, at) => `p${at + 1} ${type}`)].join(', ')
  return {
    isShared,
    text: `SELECT a.nth, json_build_array(${columns.join(', ')})::text FROM json_to_recordset($1) a (${asked})`,
  }
}

const named = (values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(values.map((value, at) => [`p${at + 1}`, value]))
