import { GraphQLError } from 'graphql'

/** Why a request could not run, for programs: `extensions.reason` beside the code BAD_USER_INPUT. */
export type RequestReason =
  | 'BATCHING'
  | 'BODY_TOO_LARGE'
  | 'CSRF'
  | 'INVALID_REQUEST'
  | 'MALFORMED_JSON'
  | 'METHOD'
  | 'NOT_ACCEPTABLE'
  | 'OPERATION'
  | 'QUERY_TOO_DEEP'
  | 'QUERY_TOO_EXPENSIVE'
  | 'SYNTAX'
  | 'TOO_MANY_ALIASES'
  | 'TOO_MANY_DIRECTIVES'
  | 'TOO_MANY_TOKENS'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'VALIDATION'
  | 'VARIABLES'

interface HttpHint {
  status: number
  /** The status applies to `application/graphql-response+json` only; `application/json` gets 200. */
  spec?: boolean
  headers?: Record<string, string>
}

/** A request that can't run: it travels as one entry of `errors[]` with the code BAD_USER_INPUT. */
export class RequestError extends GraphQLError {
  readonly http: HttpHint

  constructor(reason: RequestReason, message: string, http: HttpHint = { status: 400 }) {
    super(message, { extensions: { code: 'BAD_USER_INPUT', reason, http } })
    this.http = http
  }
}
