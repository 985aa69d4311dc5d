import { badInput } from '../../platform/refusal.ts'
import { builder } from '../builder.ts'

export const DEFAULT_PAGE = 50
export const LARGEST_PAGE = 1000

export interface PageArgs {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

export interface Page {
  size: number
  backward: boolean
  cursor: string | null
}

/**
 * Reads the four paging arguments (P1, P2): absent or 0 is a page of 50, more than 1,000 is 1,000.
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_PAGE` for a negative size or for both directions at once
 */
export function pageOf({ first, after, last, before }: PageArgs): Page {
  if ((first ?? 0) < 0 || (last ?? 0) < 0) {
    throw badInput(
      'INVALID_PAGE',
      '`first` and `last` take 0 (the default of 50) to 1000, not a negative number.',
    )
  }
  const backward = last != null || before != null
  if (backward && (first != null || after != null)) {
    throw badInput(
      'INVALID_PAGE',
      'Page forward with `first` and `after`, or backward with `last` and `before`, not both.',
    )
  }
  const asked = (backward ? last : first) || DEFAULT_PAGE
  return { size: Math.min(asked, LARGEST_PAGE), backward, cursor: (backward ? before : after) ?? null }
}

/** The paging arguments that every list takes. */
export const pageArgs = builder.args((t) => ({
  first: t.int({
    description:
      'So many rows from the start: 1 to 1000; absent or 0 is 50, more is taken as 1000, a negative number is refused. Not together with `last` or `before`.',
  }),
  after: t.string({
    description:
      'Only rows behind this cursor, which the same list gave with the same arguments; only the page size may differ.',
  }),
  last: t.int({
    description:
      'So many rows from the end, for paging backward, under the same limits as `first`. Not together with `first` or `after`. The rows are answered in the order of the list.',
  }),
  before: t.string({
    description:
      'Only rows in front of this cursor; without `last` the 50 rows next to it. Not together with `first` or `after`.',
  }),
}))
