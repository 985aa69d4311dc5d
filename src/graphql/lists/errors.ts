import { badInput, type CodedError } from '../../platform/refusal.ts'

/**
 * BAD_USER_INPUT `INVALID_FILTER`: what is wrong, and where. Positions count characters as a person does, from 1.
 *
 * @param offset in UTF-16 units, as JavaScript counts
 * @param expected what could have stood there
 */
export function invalidFilter(
  source: string,
  offset: number,
  problem: string,
  expected: readonly string[] = [],
): CodedError {
  const position = [...source.slice(0, offset)].length + 1
  return badInput('INVALID_FILTER', `The filter can't be read at character ${position}. ${problem}`, {
    position,
    ...(expected.length ? { expected } : {}),
  })
}

/** The same for the typed twin `where`, whose places have names. */
export const invalidWhere = (path: string, problem: string): CodedError =>
  badInput('INVALID_FILTER', `\`${path}\` can't be used. ${problem}`, { path })

/** BAD_USER_INPUT `INVALID_ORDER`, with everything that the list can be ordered by. */
export const invalidOrder = (problem: string, known: readonly string[]): CodedError =>
  badInput('INVALID_ORDER', `${problem} This list can be ordered by ${known.join(', ')}.`, { fields: known })
