import { effectiveScopes } from '../../access/permissions.ts'
import { actingBy, type Viewer, viewerFrom, viewerSelection } from '../../access/viewer.ts'
import { askWho, type ViewerRow, type WorkspaceRow } from '../../access/who.ts'
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
export async function findTokenOwner(
  services: Services,
  secret: string,
  workspaceIds: readonly string[] = [],
): Promise<{ viewer: Viewer; workspaces: readonly WorkspaceRow[] } | null> {
  const token = await tokenOf(services, hashToken(secret), workspaceIds)
  if (!token || (token.expiresAt && token.expiresAt <= services.clock.now())) return null
  const owner = viewerFrom(token.user, null)
  if (!owner) return null
  noteUse(services, token)
  const scopes = token.isLimited ? effectiveScopes(token.scopes) : null
  return { viewer: actingBy(owner, { id: token.id, scopes }), workspaces: token.workspaces }
}

interface StoredToken {
  id: string
  isLimited: boolean
  scopes: string[]
  expiresAt: Date | null
  lastUsedAt: Date | null
}

type Times = 'expiresAt' | 'lastUsedAt'

type FoundToken = StoredToken & { user: ViewerRow; workspaces: readonly WorkspaceRow[] }

async function tokenOf(
  { db, ask }: Services,
  hash: string,
  workspaceIds: readonly string[],
): Promise<FoundToken | null> {
  if (ask) {
    const who = await askWho<Omit<StoredToken, Times> & Record<Times, string | null>>(
      ask,
      'accessToken',
      hash,
      workspaceIds,
    )
    if (!who) return null
    const { expiresAt, lastUsedAt } = who.credential
    return { ...who, ...who.credential, expiresAt: timeOf(expiresAt), lastUsedAt: timeOf(lastUsedAt) }
  }
  const token = await db.accessToken.findUnique({
    relationLoadStrategy: 'join',
    where: { tokenHash: hash },
    select: {
      id: true,
      isLimited: true,
      scopes: true,
      expiresAt: true,
      lastUsedAt: true,
      user: { select: viewerSelection },
    },
  })
  return token && { ...token, workspaces: [] }
}

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text))

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
