import type pg from 'pg'
import { BoundedMap } from './bounded-map.ts'
import type { Statement } from './statement.ts'

/** Asks the database for one answer, as JSON; null for a row that is not there. */
export type Send = (statement: Statement, values: readonly unknown[]) => Promise<string | null>

export interface Database {
  pool: pg.Pool
  nameOf: (text: string) => string | undefined
}

interface Waiting {
  statement: Statement
  values: readonly unknown[]
  resolve(json: string | null): void
  reject(error: unknown): void
}

/** More would be a statement that hardly anybody sends twice. */
const MOST_AT_ONCE = 8
const MOST_TEXTS = 1_000

/**
 * Sends what one request asks for at the same moment as one statement: three lists of the viewer are one round trip, not
 * three. Never of two requests, so that nobody's error is somebody else's.
 *
 * @returns a function for each request
 */
export function createBatches(database: Database): () => Send {
  const texts = new BoundedMap<string, string>(MOST_TEXTS)
  const textOf = (batch: readonly Waiting[]): string => {
    const key = batch.map(({ statement }) => statement.json).join('\0')
    const known = texts.get(key)
    if (known !== undefined) return known
    let before = 0
    const columns = batch.map(({ statement: { json, parameters } }) => {
      const offset = before
      before += parameters.length
      return `${json.replace(/\$(\d+)/g, (_all, nth: string) => `$${Number(nth) + offset}`)}::text`
    })
    const text = `SELECT ${columns.join(', ')}`
    texts.set(key, text)
    return text
  }
  const ask = async (batch: readonly Waiting[]): Promise<(string | null)[]> => {
    const text = textOf(batch)
    const name = database.nameOf(text)
    const values = batch.flatMap((one) => one.values)
    const query = { ...(name ? { name } : {}), text, values, rowMode: 'array' as const }
    const { rows } = await database.pool.query<(string | null)[]>(query)
    return rows[0] ?? []
  }
  const flush = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const answers = await ask(batch)
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] ?? null)
    } catch (error) {
      const [only, ...more] = batch
      if (more.length === 0) return only?.reject(error)
      // One of them is wrong: the others have an answer.
      await Promise.all(batch.map((one) => flush([one])))
    }
  }
  return () => {
    let waiting: Waiting[] = []
    const flushAll = () => {
      const all = waiting
      waiting = []
      for (let start = 0; start < all.length; start += MOST_AT_ONCE)
        void flush(all.slice(start, start + MOST_AT_ONCE))
    }
    return (statement, values) =>
      new Promise((resolve, reject) => {
        waiting.push({ statement, values, resolve, reject })
        // After all that can go on without an answer has gone on.
        if (waiting.length === 1) void Promise.resolve().then(() => process.nextTick(flushAll))
      })
  }
}
