import type pg from 'pg'
import { BoundedMap } from './bounded-map.ts'
import { settleTogether, type Waiting } from './settle.ts'

/** What one of those says who ask the same: names and values, as JSON. */
export type Asked = Readonly<Record<string, unknown>>

/**
 * Asks the database for one JSON document. Whoever asks the same statement at the same moment is asked about together.
 *
 * @param text a statement over `$1`, a JSON array with an object for each who asks: what they say, and their
 *   number `nth`. It answers rows of that number and the document as text; nothing for those who have none
 * @returns null for no document
 */
export type Ask = (text: string, asked: Asked) => Promise<unknown>

/** Under load more would not be quicker: what comes meanwhile shares the next one, which costs little more than for one. */
const MOST_UNDER_WAY = 4
const MOST_TOGETHER = 16
const MOST_TEXTS = 1_000

const LONE = /(?<=(?<!\\)(?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g

/** Half of a character, as JSON writes it: PostgreSQL takes none. The driver writes U+FFFD in its place, and so does this. */
const wellFormed = (json: string): string => (json.includes('\\ud') ? json.replace(LONE, '\\ufffd') : json)

interface Asker extends Waiting {
  asked: Asked
}

/** Written beside its number: a copy of it that has one would cost more than writing it. */
const numbered = ({ asked }: Asker, nth: number): string => {
  const text = JSON.stringify(asked)
  return `{"nth":${nth}${text === '{}' ? '' : ','}${text.slice(1)}`
}

/**
 * @param nameOf the name under which a statement is prepared
 * @param isForAll whether the error of a shared statement is told to all who share it; absent, when the database is away
 */
export function createAsk(
  pool: pg.Pool,
  nameOf: (text: string) => string | undefined,
  isForAll?: (error: unknown) => boolean,
): Ask {
  const send = async (text: string, together: readonly Asker[]): Promise<unknown[]> => {
    const name = nameOf(text)
    const values = [wellFormed(`[${together.map(numbered).join()}]`)]
    const query = { name, text, values, rowMode: 'array' } as pg.QueryArrayConfig
    const { rows } = await pool.query<[number, string | null]>(query)
    const answers = new Map(rows)
    return together.map((_one, nth) => JSON.parse(answers.get(nth) ?? 'null') as unknown)
  }
  const gatherings = new BoundedMap<string, (one: Asker) => void>(MOST_TEXTS)
  return (text, asked) =>
    new Promise((resolve, reject) => {
      const join =
        gatherings.get(text) ??
        gathering((together) => settleTogether(together, (some) => send(text, some), isForAll))
      gatherings.set(text, join)
      join({ asked, resolve, reject })
    })
}

/** Whether no connection was to be had for as long as the pool waits for one: an error that takes a while to come. */
const isPatienceOver = (error: unknown): boolean =>
  error instanceof Error && /timeout exceeded when trying to connect|connection timeout/i.test(error.message)

/**
 * @param handOver says why the database could not be asked, if it could not
 * @returns takes what waits, and hands over together what came in one turn of the event loop or while others were under way
 */
function gathering(handOver: (together: readonly Asker[]) => Promise<unknown>): (one: Asker) => void {
  let waiting: Asker[] = []
  let underWay = 0
  let isPlanned = false
  const go = () => {
    isPlanned = false
    while (waiting.length > 0 && underWay < MOST_UNDER_WAY) {
      const together = waiting.slice(0, MOST_TOGETHER)
      waiting = waiting.slice(MOST_TOGETHER)
      underWay++
      void handOver(together).then((outage) => {
        underWay--
        // Whoever still waits would wait as long once more, one group after the other.
        if (isPatienceOver(outage)) for (const { reject } of waiting.splice(0)) reject(outage)
        go()
      })
    }
  }
  return (one) => {
    waiting.push(one)
    if (isPlanned || underWay >= MOST_UNDER_WAY) return
    isPlanned = true
    // Behind whatever else this turn of the event loop has read from its sockets.
    setImmediate(go)
  }
}
