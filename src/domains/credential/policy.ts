import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { notWithToken } from '../../platform/refusal.ts'

/** The viewer's own access tokens; by an access token none can be seen. */
export const ownAccessTokens = (viewer: Viewer | null): Prisma.AccessTokenWhereInput =>
  viewer && !viewer.accessToken ? { userId: viewer.userId } : { id: { in: [] } }

/** The viewer's own sessions, over or not; by an access token none can be seen. */
export const ownSessions = (viewer: Viewer | null): Prisma.SessionWhereInput =>
  viewer && !viewer.accessToken ? { userId: viewer.userId } : { id: { in: [] } }

/** @throws {CodedError} FORBIDDEN by an access token */
export function refuseToken({ accessToken }: Viewer): void {
  if (accessToken) throw notWithToken()
}
