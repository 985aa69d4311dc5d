import { unauthenticated } from '../platform/refusal.ts'
import type { Services } from '../platform/services.ts'
import type { Viewer } from './viewer.ts'

/** Who runs a use case, and with what: a request's Context, the seed, a test or a background job. */
export interface Caller extends Services {
  viewer: Viewer | null
  requestId: string | null
}

/** @throws {CodedError} UNAUTHENTICATED when nobody is signed in */
export function signedIn({ viewer }: Caller): Viewer {
  if (!viewer) throw unauthenticated()
  return viewer
}
