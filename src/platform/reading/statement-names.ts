import { BoundedMap } from './bounded-map.ts'

/** A statement is prepared when it has been sent so often, so that what is asked once costs no connection any memory. */
const WORTH_IT = 3
/** Every connection keeps each prepared statement until it closes. */
const MOST_NAMES = 1_000
const MOST_CANDIDATES = 2_000

/**
 * Names for statements that are sent again and again: a named one is parsed once per connection, and planned a few times.
 * Others stay nameless, and so do those that come when all names are given.
 */
export function createStatementNames(prefix: string): (text: string) => string | undefined {
  const names = new Map<string, string>()
  const seen = new BoundedMap<string, number>(MOST_CANDIDATES)
  return (text) => {
    const name = names.get(text)
    if (name !== undefined || names.size >= MOST_NAMES) return name
    const times = (seen.get(text) ?? 0) + 1
    seen.set(text, times)
    if (times < WORTH_IT) return undefined
    const given = `${prefix}${names.size}`
    names.set(text, given)
    return given
  }
}
