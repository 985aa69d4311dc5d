import { badInput } from '../../platform/refusal.ts'
import type { Secrets } from '../../platform/secrets.ts'
import type { Place } from './order.ts'

/** 128 bits are beyond guessing, and keep cursors short. */
const SIGNATURE = 22

const signature = (secrets: Secrets, bound: string, text: string) =>
  secrets.sign(`cursor ${bound} ${text}`).slice(0, SIGNATURE)

/** Where a page starts: behind a place in the list of one parent. */
export interface Start {
  parentId: string
  place: Place
}

/** BAD_USER_INPUT `CURSOR_MISMATCH` */
export const cursorMismatch = () =>
  badInput(
    'CURSOR_MISMATCH',
    'This cursor was not given by this list with these arguments. Start again without `after` and `before`.',
  )

/**
 * A cursor names a place in an order, signed for one list, parent, filter and order (P4): it can't be taken to another, nor
 * made up. It grants nothing: rows are filtered for the viewer as without it.
 *
 * @param bound the list, its filter and its order
 */
export function encodeCursor(secrets: Secrets, bound: string, { parentId, place }: Start): string {
  const values = place.map((value) => (value instanceof Date ? { t: value.getTime() } : value))
  const text = JSON.stringify([parentId, ...values])
  return Buffer.from(signature(secrets, bound, text) + text).toString('base64url')
}

/**
 * Whoever asks has to compare the parent: many parents share one query, which is planned before they are known.
 *
 * @throws {CodedError} BAD_USER_INPUT `CURSOR_MISMATCH` when a list with another filter or order gave it, or nobody
 */
export function decodeCursor(secrets: Secrets, bound: string, cursor: string): Start {
  const bytes = Buffer.from(cursor, 'base64url')
  const decoded = bytes.toString('utf8')
  const text = decoded.slice(SIGNATURE)
  const genuine = decoded.slice(0, SIGNATURE) === signature(secrets, bound, text)
  if (!genuine || bytes.toString('base64url') !== cursor) throw cursorMismatch()
  const [parentId, ...values] = JSON.parse(text) as [string, ...(Place[number] | { t: number })[]]
  return {
    parentId,
    place: values.map((value) =>
      typeof value === 'object' && value && 't' in value ? new Date(value.t) : value,
    ),
  }
}
