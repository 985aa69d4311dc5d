/** What every mutation of this API answers: one root field, whose value says by its `__typename` what happened. */
type Named = { __typename: string }
type RootField<Data> = Data extends object ? NonNullable<Data[keyof Data]> : never

/** The member of a result union that says that it worked. */
export type PayloadOf<Result> = Extract<Result, { __typename: `${string}Payload` }>
/** The members of a result union that say why it was refused. */
export type RefusalOf<Result> = Exclude<Result, { __typename: `${string}Payload` } | null | undefined>

/** The codes of `errors[].extensions.code`. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'ACCOUNT_NOT_VERIFIED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'INTERNAL_SERVER_ERROR'
  /** No answer came: the network, a proxy, or the service is down. */
  | 'NETWORK'

/** An error that is no business refusal: who may what, what does not exist, and what broke. */
export interface Problem {
  code: ErrorCode
  /** A sentence that can be shown to the person who asked. */
  message: string
  /** FORBIDDEN: the permission that is missing, such as `workspace:update`. */
  permission?: string
  /** BAD_USER_INPUT: what exactly, such as INVALID_FILTER. */
  reason?: string
  /** RATE_LIMITED: seconds until the next attempt. */
  retryAfter?: number
  /** INTERNAL_SERVER_ERROR: what the log calls this request. */
  requestId?: string
  /** The field of the operation. */
  path?: readonly (string | number)[]
}

/** What came of a mutation: exactly one of the three is not null. */
export type Settled<Result> =
  | { payload: PayloadOf<Result>; refusal: null; problem: null }
  | { payload: null; refusal: RefusalOf<Result>; problem: null }
  | { payload: null; refusal: null; problem: Problem }

/** Whether a result says that it worked. */
export function isPayload<Result extends Named>(
  result: Result | null | undefined,
): result is PayloadOf<Result> {
  return typeof result?.__typename === 'string' && result.__typename.endsWith('Payload')
}

/** Whether a result says why it was refused. */
export function isRefusal<Result extends Named>(
  result: Result | null | undefined,
): result is RefusalOf<Result> {
  return typeof result?.__typename === 'string' && !result.__typename.endsWith('Payload')
}

/** The shape of errors that urql's results and {@link AtriumError} share. */
interface WithErrors {
  message: string
  networkError?: Error | undefined
  graphQLErrors?: readonly {
    message: string
    path?: readonly (string | number)[] | undefined
    extensions?: Record<string, unknown> | undefined
  }[]
}

/**
 * The coded errors of an answer, in its order.
 *
 * @param error the `error` of an urql result, or what the fetch client threw
 * @returns none without an error, one with the code NETWORK when no answer came
 */
export function problemsOf(error: WithErrors | null | undefined): Problem[] {
  if (!error) return []
  const coded = error.graphQLErrors ?? []
  if (coded.length === 0) {
    return [{ code: 'NETWORK', message: error.networkError?.message || error.message }]
  }
  return coded.map(({ message, path, extensions }) => ({
    ...(extensions as Partial<Problem> | undefined),
    code: (extensions?.code as ErrorCode | undefined) ?? 'INTERNAL_SERVER_ERROR',
    message,
    ...(path ? { path } : {}),
  }))
}

/** The first coded error of an answer; null without one. */
export function problemOf(error: WithErrors | null | undefined): Problem | null {
  return problemsOf(error)[0] ?? null
}

/**
 * Reads the answer of a mutation: `const { payload, refusal, problem } = settled(await createWorkspace({ input }))`.
 * All three are narrowed by whichever is not null, and a refusal further by its `__typename`.
 *
 * @param answer an urql result of an operation with one root field
 */
export function settled<Data>(answer: {
  data?: Data | null | undefined
  error?: WithErrors | null | undefined
}): Settled<RootField<Data>> {
  const problem = problemOf(answer.error)
  if (problem) return { payload: null, refusal: null, problem }
  const fields: [string, unknown][] = Object.entries(answer.data ?? {})
  const result = fields.find(([name]) => name !== '__typename')?.[1] as Named | null | undefined
  if (isPayload(result)) {
    return { payload: result as unknown as PayloadOf<RootField<Data>>, refusal: null, problem: null }
  }
  if (isRefusal(result)) {
    return { payload: null, refusal: result as unknown as RefusalOf<RootField<Data>>, problem: null }
  }
  return { payload: null, refusal: null, problem: { code: 'NETWORK', message: 'The answer was empty.' } }
}

/** What is wrong with each field of a form, by its path, out of a ValidationError; empty for anything else. */
export function issuesOf(refusal: object | null | undefined): Record<string, string> {
  if (!refusal || !('issues' in refusal) || !Array.isArray(refusal.issues)) return {}
  const issues = refusal.issues as { path: string; message: string }[]
  return Object.fromEntries(issues.map(({ path, message }) => [path, message]))
}
