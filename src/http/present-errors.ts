import type { GraphQLErrorExtensions } from 'graphql'
import { GraphQLError } from 'graphql'
import { isUnstorableText } from '../platform/db.ts'
import type { Logger } from '../platform/log.ts'
import type { Outcome } from '../platform/metrics.ts'
import { isDatabaseOutage } from '../platform/outage.ts'
import { badInput, CodedError } from '../platform/refusal.ts'
import type { Exchange } from './exchange.ts'

/** What an execution answered; `data` is absent when it never began. */
export interface Result {
  data?: unknown
  errors?: readonly GraphQLError[]
  extensions?: unknown
}

const STATUS: Record<string, number> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  ACCOUNT_NOT_VERIFIED: 403,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  INTERNAL_SERVER_ERROR: 500,
}
/** Yoga's own codes, in our vocabulary. */
const REASONS: Record<string, string> = {
  GRAPHQL_PARSE_FAILED: 'SYNTAX',
  GRAPHQL_VALIDATION_FAILED: 'VALIDATION',
  OPERATION_RESOLUTION_FAILURE: 'OPERATION',
  BAD_REQUEST: 'INVALID_REQUEST',
}
const SEVERITY: Outcome[] = ['ok', 'refused', 'invalid', 'error']
const BUGS_LOGGED = 5
/** graphql-js coerces some arguments only when it reaches their field. */
const ARGUMENT_ERROR = /^Argument "/

/**
 * Gives every error of an answer its code, hides bugs behind the request id, and notes the outcome on the exchange.
 *
 * @param result what Yoga is about to send
 */
export function presentErrors<R extends Result>(result: R, exchange: Exchange, log: Logger): R {
  if (!result.errors?.length) return result
  const began = 'data' in result
  const errors = result.errors.map((error) => {
    const shown = presentError(error, exchange, log, began)
    return began ? shown : withStatus(shown)
  })
  return { ...result, errors }
}

/** One error as the client sees it; anything that is not meant for clients is logged and masked. */
export function presentError(error: unknown, exchange: Exchange, log: Logger, began: boolean): GraphQLError {
  const coded = codedErrorIn(error) ?? refusedText(error)
  if (coded) {
    const extensions = { ...coded.details, code: coded.code }
    return note(exchange, rebuild(error, sentenceOf(coded, exchange), extensions))
  }
  const known = knownExtensions(error, began)
  if (known && error instanceof GraphQLError) return note(exchange, rebuild(error, error.message, known))
  if (hasLeft(error, exchange))
    return rebuild(error, 'The client has left.', { code: 'INTERNAL_SERVER_ERROR' })
  return note(exchange, rebuild(error, ...mask(error, exchange, log)))
}

/** Who has sent a token is told what is the matter with it, not to send one. */
function sentenceOf({ code, message }: CodedError, exchange: Exchange): string {
  if (code !== 'UNAUTHENTICATED' || !exchange.header('authorization')) return message
  return 'The token of this request is unknown, has expired or was revoked. Sign in again, or make a new access token, and send that as "Authorization: Bearer <token>".'
}

function codedErrorIn(error: unknown): CodedError | undefined {
  for (let one = error; one instanceof Error; one = (one as GraphQLError).originalError) {
    if (one instanceof CodedError) return one
  }
  return undefined
}

/** No field takes such a text, so it is not one field's concern. */
function refusedText(error: unknown): CodedError | undefined {
  if (!isUnstorableText(innermost(error))) return undefined
  return badInput('INVALID_TEXT', 'A text here has a character that can not be stored, such as U+0000.')
}

/** The extensions of an error that GraphQL itself raised about the request, or that was thrown with a code. */
function knownExtensions(error: unknown, began: boolean): GraphQLErrorExtensions | undefined {
  const root = rootOf(error)
  if (!root) return undefined
  const { code, http } = root.extensions as { code?: unknown; http?: { status?: number } }
  if (typeof code === 'string') {
    const reason = http?.status === 405 ? 'METHOD' : REASONS[code]
    return reason ? { ...(http ? { http } : {}), code: 'BAD_USER_INPUT', reason } : root.extensions
  }
  const isCoercion = began || root.path ? ARGUMENT_ERROR.test(root.message) : !root.path
  return isCoercion ? { code: 'BAD_USER_INPUT', reason: 'VARIABLES' } : undefined
}

/** The innermost error when every layer is a GraphQLError: nothing else was thrown. */
function rootOf(error: unknown): GraphQLError | undefined {
  if (!(error instanceof GraphQLError)) return undefined
  return error.originalError ? rootOf(error.originalError) : error
}

function rebuild(error: unknown, message: string, extensions: GraphQLErrorExtensions): GraphQLError {
  const { nodes, source, positions, path } =
    error instanceof GraphQLError ? error : ({} as Partial<GraphQLError>)
  return new GraphQLError(message, { nodes, source, positions, path, extensions })
}

function mask(error: unknown, exchange: Exchange, log: Logger): [string, GraphQLErrorExtensions] {
  const { requestId } = exchange
  const thrown = innermost(error)
  const away = isDatabaseOutage(thrown)
  const path = error instanceof GraphQLError ? error.path?.join('.') : undefined
  exchange.loggedBugs++
  if (exchange.loggedBugs <= BUGS_LOGGED) {
    log.error({ requestId, path, err: thrown }, away ? 'database unreachable' : 'unexpected error')
  }
  const message = away
    ? `The service can't reach its database at the moment. Try again shortly; if it lasts, report request id ${requestId}.`
    : `Something went wrong on our side. If it lasts, report request id ${requestId}.`
  return [message, { code: 'INTERNAL_SERVER_ERROR', requestId }]
}

/** Whether the work was given up because nobody waits for its answer any more: that is no failure. */
function hasLeft(error: unknown, { signal }: Exchange): boolean {
  const thrown = innermost(error)
  return signal.aborted && thrown instanceof Error && thrown.name === 'AbortError'
}

function innermost(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? innermost(error.originalError) : error
}

function note(exchange: Exchange, error: GraphQLError): GraphQLError {
  const { code } = error.extensions
  const outcome =
    code === 'INTERNAL_SERVER_ERROR' ? 'error' : code === 'BAD_USER_INPUT' ? 'invalid' : 'refused'
  if (SEVERITY.indexOf(outcome) > SEVERITY.indexOf(exchange.outcome)) exchange.outcome = outcome
  return error
}

/** An answer without data: its status says why, where the media type allows that. */
function withStatus(error: GraphQLError): GraphQLError {
  const { code, http } = error.extensions
  if (!http) {
    const status = STATUS[String(code)] ?? 500
    error.extensions.http = status === 500 ? { status } : { status, spec: true }
  }
  return error
}
