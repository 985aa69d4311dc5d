import { effectiveScopes } from '../../access/permissions.ts'
import { actingBy, type Viewer, viewerFrom, viewerSelection } from '../../access/viewer.ts'
import { hashToken, newToken } from '../../platform/secrets.ts'
import type { Services } from '../../platform/services.ts'

/** How every personal access token begins, so that people and secret scanners recognise one. */
const PREFIX = 'atr_'
/** How much of a token its owner goes on seeing: beyond the prefix 6 of its 43 characters. */
const VISIBLE = PREFIX.length + 6
const MINUTE = 60_000

/** A new personal access token: the secret, what is stored in its stead, and what its owner recognises it by. */
export function newAccessToken(): { secret: string; tokenHash: string; prefix: string } {
  const secret = `${PREFIX}${newToken()}`
  return { secret, tokenHash: hashToken(secret), prefix: secret.slice(0, VISIBLE) }
}

/** Whether a bearer token is a personal access token, by its look. */
export const isAccessToken = (bearer: string): boolean => bearer.startsWith(PREFIX)

/**
 * Who acts by a personal access token, within its scopes (T6). One statement, as for a session.
 *
 * @returns null for a token that is unknown, revoked or expired, or whose owner is suspended
 */
export async function findTokenOwner(services: Services, secret: string): Promise<Viewer | null> {
  const { db, clock } = services
  const token = await db.accessToken.findUnique({
    relationLoadStrategy: 'join',
    where: { tokenHash: hashToken(secret) },
    select: {
      id: true,
      isLimited: true,
      scopes: true,
      expiresAt: true,
      lastUsedAt: true,
      user: { select: viewerSelection },
    },
  })
  if (!token || (token.expiresAt && token.expiresAt <= clock.now())) return null
  const owner = viewerFrom(token.user, null)
  if (!owner) return null
  noteUse(services, token)
  const scopes = token.isLimited ? effectiveScopes(token.scopes) : null
  return actingBy(owner, { id: token.id, scopes })
}

/** Notes when a token was used, to the minute. The request does not wait for it, nor fail with it. */
function noteUse({ db, clock, log }: Services, token: { id: string; lastUsedAt: Date | null }): void {
  const now = clock.now()
  const aMinuteAgo = new Date(now.getTime() - MINUTE)
  if (token.lastUsedAt && token.lastUsedAt > aMinuteAgo) return
  db.accessToken
    .updateMany({
      where: { id: token.id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: aMinuteAgo } }] },
      data: { lastUsedAt: now },
    })
    .catch((error: unknown) => log.debug({ err: error }, 'The use of an access token could not be noted'))
}
