import DataLoader from 'dataloader'
import { type Viewer, viewerFrom, viewerSelection } from '../../access/viewer.ts'
import { askWho, type ViewerRow, type WorkspaceRow } from '../../access/who.ts'
import { hashToken } from '../../platform/secrets.ts'
import type { Services } from '../../platform/services.ts'
import { findTokenOwner, isAccessToken } from './access-token.ts'
import type { Auth } from './auth.ts'
import { isJwt } from './issuer.ts'

const DAY = 24 * 60 * 60 * 1000

/** What a request's headers say about who is asking. */
export interface SessionReading {
  /** Null when nobody is signed in. */
  viewer: Viewer | null
  /** Tells a request without any credentials from one whose token or cookie is wrong, expired or ended. */
  credentials: 'NONE' | 'REFUSED' | 'ACCEPTED'
  /** `Set-Cookie` values for the answer: a browser's session that was extended. */
  setCookies: string[]
  /** Those of the workspaces that were asked for which exist for the viewer; none when they have to be looked up. */
  workspaces: readonly WorkspaceRow[]
}

/** What is read of a request's headers. */
export type HeaderReader = Pick<Headers, 'get'>

/**
 * Who is asking: from `Authorization: Bearer <token>`, where the token is a session's (as issued or signed), a personal
 * access token (T6) or a JWT of the external issuer (T5); or from the session cookie (T7). One statement reads
 * credential, person and memberships, so a removed member's next request knows (access.md, rule 5). Credentials that are
 * expired or ended, and suspended people, are refused.
 *
 * @param workspaceIds workspaces on which the viewer's standing will be asked for: the same statement reads it too
 */
export async function readSession(
  services: Services,
  auth: Auth,
  headers: HeaderReader,
  workspaceIds: readonly string[] = [],
): Promise<SessionReading> {
  const bearer = bearerOf(headers)
  if (!bearer && !(await auth.hasCookie(headers))) return { ...reading(null), credentials: 'NONE' }
  if (bearer && isAccessToken(bearer)) {
    const owner = await findTokenOwner(services, bearer, workspaceIds)
    return reading(owner?.viewer ?? null, owner?.workspaces)
  }
  if (bearer && auth.issuer && isJwt(bearer)) return reading(await auth.issuer.viewerOf(bearer))
  const token = bearer && PLAIN_TOKEN.test(bearer) ? bearer : await auth.tokenOf(credentialsIn(headers))
  const session = token === null ? null : await findSession(services, token, workspaceIds)
  if (!session) return reading(null)
  const lifetime = services.env.SESSION_DAYS * DAY
  const isDueForRefresh = session.expiresAt.getTime() - lifetime + DAY <= services.clock.now().getTime()
  const refreshed = isDueForRefresh ? await auth.refresh(credentialsIn(headers, true)) : []
  return { ...reading(session.viewer, session.workspaces), setCookies: bearer ? [] : refreshed }
}

/**
 * Reads once more who sends a request that goes on for hours. What many of them ask at the same moment, because one event
 * has reached them all, is one statement.
 */
export function createViewerReader(
  services: Services,
  auth: Auth,
): (headers: HeaderReader) => Promise<Viewer | null> {
  const { db, clock } = services
  const sessions = new DataLoader<string, Viewer | null>(
    async (hashes) => {
      const rows = await db.session.findMany({
        relationLoadStrategy: 'join',
        where: { token: { in: [...hashes] }, expiresAt: { gt: clock.now() } },
        select: { id: true, token: true, user: { select: viewerSelection } },
      })
      const viewers = new Map(rows.map(({ id, token, user }) => [token, viewerFrom(user, id)]))
      return hashes.map((hash) => viewers.get(hash) ?? null)
    },
    { cache: false, maxBatchSize: 500 },
  )
  return async (headers) => {
    const bearer = bearerOf(headers)
    const isSession = bearer && !isAccessToken(bearer) && !(auth.issuer && isJwt(bearer))
    if (!isSession && bearer) return (await readSession(services, auth, headers)).viewer
    const token = await auth.tokenOf(credentialsIn(headers))
    return token === null ? null : sessions.load(hashToken(token))
  }
}

/** A session's token as it was issued, without a signature behind a dot: Better Auth would take it as it is. */
const PLAIN_TOKEN = /^[\w-]{1,200}$/

const bearerOf = (headers: HeaderReader): string | undefined =>
  /^bearer\s+(\S+)/i.exec(headers.get('authorization') ?? '')?.[1]

const reading = (viewer: Viewer | null, workspaces: readonly WorkspaceRow[] = []): SessionReading => ({
  viewer,
  credentials: viewer ? 'ACCEPTED' : 'REFUSED',
  setCookies: [],
  workspaces,
})

/**
 * The headers by which people sign in. A bad bearer token must not fall back to a cookie: the two have different defences
 * against forged requests.
 */
function credentialsIn(headers: HeaderReader, both = false): Headers {
  const [authorization, cookie] = [headers.get('authorization'), headers.get('cookie')]
  const isBearer = /^bearer\s+\S/i.test(authorization ?? '')
  const found = new Headers()
  if (authorization !== null) found.set('authorization', authorization)
  if (cookie !== null && (both || !isBearer)) found.set('cookie', cookie)
  return found
}

async function findSession(services: Services, token: string, workspaceIds: readonly string[]) {
  const found = await sessionOf(services, hashToken(token), workspaceIds)
  if (!found || found.expiresAt <= services.clock.now()) return null
  const viewer = viewerFrom(found.user, found.id)
  return viewer && { viewer, expiresAt: found.expiresAt, workspaces: found.workspaces }
}

interface FoundSession {
  id: string
  expiresAt: Date
  user: ViewerRow
  workspaces: readonly WorkspaceRow[]
}

async function sessionOf(
  { db, ask }: Services,
  hash: string,
  workspaceIds: readonly string[],
): Promise<FoundSession | null> {
  if (ask) {
    const who = await askWho<{ id: string; expiresAt: string }>(ask, 'session', hash, workspaceIds)
    return who && { ...who, id: who.credential.id, expiresAt: new Date(who.credential.expiresAt) }
  }
  const session = await db.session.findUnique({
    relationLoadStrategy: 'join',
    where: { token: hash },
    select: { id: true, expiresAt: true, user: { select: viewerSelection } },
  })
  return session && { ...session, workspaces: [] }
}
