/**
 * The business says no: a fact that a product can show to an honest user. It reaches the client as a member of the
 * mutation's result union, named like the class. A use case throws it, and its transaction is rolled back.
 */
export abstract class Refusal extends Error {}

/** One field of an input that can't be accepted. `path` names it from the input's root, as in `invites.3.email`. */
export interface ValidationIssue {
  path: string
  message: string
}

/** An input whose fields break their documented limits. Nothing was changed. */
export class ValidationError extends Refusal {
  override name = 'ValidationError'

  constructor(readonly issues: ValidationIssue[]) {
    super(
      issues.length === 1
        ? (issues[0] as ValidationIssue).message
        : `${issues.length} fields can't be accepted.`,
    )
  }
}

/** A refusal of one field. */
export const invalidField = (path: string, message: string): ValidationError =>
  new ValidationError([{ path, message }])

/** The row has changed since the caller read it (W16). */
export class VersionConflict extends Refusal {
  override name = 'VersionConflict'

  /** @param current the version that the row has now */
  constructor(readonly current: number) {
    super(
      `Somebody else has changed this meanwhile: it is at version ${current}. Read it again, then repeat your change.`,
    )
  }
}

export type ReadErrorCode =
  | 'UNAUTHENTICATED'
  | 'ACCOUNT_NOT_VERIFIED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'

/** An answer that travels in `errors[]` with `extensions.code`: who you are, what you may, what can't be found. */
export class CodedError extends Error {
  override name = 'CodedError'

  constructor(
    readonly code: ReadErrorCode,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message)
  }
}

export const unauthenticated = () =>
  new CodedError(
    'UNAUTHENTICATED',
    'Sign in first: send a session or access token as "Authorization: Bearer <token>".',
  )

export const notVerified = () =>
  new CodedError(
    'ACCOUNT_NOT_VERIFIED',
    'Verify your e-mail address first: follow the link in the mail, or call resendVerificationEmail.',
  )

/** @param permission what is missing, as the permission matrix names it */
export const forbidden = (permission: string) =>
  new CodedError('FORBIDDEN', `This needs the permission ${permission}, which you do not have here.`, {
    permission,
  })

/** For what an access token does not do, whatever its owner may (T6). */
export const notWithToken = () =>
  new CodedError(
    'FORBIDDEN',
    'This access token may not do this. Sign in with a session, or use a token with the right scopes.',
    { reason: 'ACCESS_TOKEN' },
  )

/** @param seconds until it can be tried again */
export const rateLimited = (seconds: number) =>
  new CodedError('RATE_LIMITED', `Too many attempts. Try again in ${seconds} seconds.`, {
    retryAfter: seconds,
  })

/** One text for an absent id and for another tenant's (access.md, rule 6). */
export const notFound = () => new CodedError('NOT_FOUND', 'There is nothing with this id that you can see.')

/** For `?? missing()` behind a look-up. */
export function missing(): never {
  throw notFound()
}

/** @param reason a stable word for programs, such as `INVALID_ID` */
export const badInput = (reason: string, message: string, details: Record<string, unknown> = {}) =>
  new CodedError('BAD_USER_INPUT', message, { reason, ...details })
