import { notWithToken, unauthenticated } from '../platform/refusal.ts'
import type { Services } from '../platform/services.ts'
import type { Viewer } from './viewer.ts'

/** Who runs a use case, and with what: a request's Context, the seed, a test or a background job. */
export interface Caller extends Services {
  viewer: Viewer | null
  requestId: string | null
  /** The network address of whoever asks, for rate limits; absent for the seed and background jobs. */
  clientAddress?: string | null
}

/** @throws {CodedError} UNAUTHENTICATED when nobody is signed in */
export function signedIn({ viewer }: Caller): Viewer {
  if (!viewer) throw unauthenticated()
  return viewer
}

/**
 * For what only people do about their own account: an access token, which may lie on a server, is no person (T6).
 *
 * @throws {CodedError} UNAUTHENTICATED when nobody is signed in, FORBIDDEN when an access token is
 */
export function inPerson(caller: Caller): Viewer {
  const viewer = signedIn(caller)
  if (viewer.accessToken) throw notWithToken()
  return viewer
}
