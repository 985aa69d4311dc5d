import { issuesOf, type Problem, type RefusalOf, type Settled, settled } from '@atrium/client'
import { useMemo, useState } from 'react'
import type { AnyVariables, OperationResult, UseMutationResponse } from 'urql'
import { problemIn } from './problems.ts'

type RootField<Data> = Data extends object ? NonNullable<Data[keyof Data]> : never

export interface Action<Data, Variables> {
  /** Runs the mutation. Its answer also stands in `refusal`, `problem` and `issues` until the next time. */
  run(variables: Variables): Promise<Settled<RootField<Data>>>
  busy: boolean
  refusal: RefusalOf<RootField<Data>> | null
  problem: Problem | null
  /** What is wrong with the fields of a form, by their names. */
  issues: Record<string, string>
  /** What to say when no field is to blame; null when all is well. */
  message: string | null
  clear(): void
}

/** A mutation behind a form or a button: what came of it, in the words of the API. */
export function useAction<Data, Variables extends AnyVariables>([{ fetching }, execute]: UseMutationResponse<
  Data,
  Variables
>): Action<Data, Variables> {
  const [answer, setAnswer] = useState<Settled<RootField<Data>> | null>(null)
  const run = async (variables: Variables) => {
    setAnswer(null)
    const result: OperationResult<Data, Variables> = await execute(variables)
    const next = settled<Data>(result)
    const problem = problemIn(result.error)
    setAnswer(problem ? { payload: null, refusal: null, problem } : next)
    return next
  }
  const refusal = (answer?.refusal ?? null) as RefusalOf<RootField<Data>> | null
  const problem = answer?.problem ?? null
  // The same object until there is another answer: a form shows new ones, also over a field that has been corrected.
  const issues = useMemo(() => fieldIssues(refusal), [refusal])
  const message = problem?.message ?? (Object.keys(issues).length ? null : messageOf(refusal))
  return { run, busy: fetching, refusal, problem, issues, message, clear: () => setAnswer(null) }
}

/** The path of an issue is that of the input; a field of a form has the name of its first step. */
function fieldIssues(refusal: object | null): Record<string, string> {
  const issues = Object.entries(issuesOf(refusal))
  return Object.fromEntries(issues.map(([path, message]) => [path.split('.')[0] ?? path, message]))
}

const messageOf = (refusal: unknown): string | null =>
  refusal && typeof refusal === 'object' && 'message' in refusal ? String(refusal.message) : null
