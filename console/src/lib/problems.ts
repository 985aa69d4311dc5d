import { type Problem, problemOf } from '@atrium/client'
import type { CombinedError } from 'urql'

const SENTENCES: Partial<Record<Problem['code'], string>> = {
  NETWORK: 'The service can not be reached. Check the connection, then try again.',
  NOT_FOUND: 'There is nothing here, or you may not see it.',
}

/** The problem of an answer, with a sentence for people. */
export function problemIn(error: CombinedError | undefined): Problem | null {
  const problem = problemOf(error)
  return problem && { ...problem, message: SENTENCES[problem.code] ?? problem.message }
}
