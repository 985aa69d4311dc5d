import DataLoader from 'dataloader'
import { type Viewer, viewerFrom, viewerSelection } from '../../access/viewer.ts'
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
}

/**
 * Who is asking: from `Authorization: Bearer <token>`, where the token is a session's (as issued or signed), a personal
 * access token (T6) or a JWT of the external issuer (T5); or from the session cookie (T7). One statement reads
 * credential, person and memberships, so a removed member's next request knows (access.md, rule 5). Credentials that are
 * expired or ended, and suspended people, are refused.
 */
export async function readSession(services: Services, auth: Auth, headers: Headers): Promise<SessionReading> {
  const bearer = bearerOf(headers)
  if (!bearer && !(await auth.hasCookie(headers)))
    return { viewer: null, credentials: 'NONE', setCookies: [] }
  if (bearer && isAccessToken(bearer)) return reading(await findTokenOwner(services, bearer))
  if (bearer && auth.issuer && isJwt(bearer)) return reading(await auth.issuer.viewerOf(bearer))
  const token = await auth.tokenOf(bearer ? withoutCookies(headers) : headers)
  const session = token === null ? null : await findSession(services, token)
  if (!session) return { viewer: null, credentials: 'REFUSED', setCookies: [] }
  const lifetime = services.env.SESSION_DAYS * DAY
  const isDueForRefresh = session.expiresAt.getTime() - lifetime + DAY <= services.clock.now().getTime()
  const refreshed = isDueForRefresh ? await auth.refresh(headers) : []
  return { viewer: session.viewer, credentials: 'ACCEPTED', setCookies: bearer ? [] : refreshed }
}

/**
 * Reads once more who sends a request that goes on for hours. What many of them ask at the same moment, because one event
 * has reached them all, is one statement.
 */
export function createViewerReader(
  services: Services,
  auth: Auth,
): (headers: Headers) => Promise<Viewer | null> {
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
    const token = await auth.tokenOf(bearer ? withoutCookies(headers) : headers)
    return token === null ? null : sessions.load(hashToken(token))
  }
}

const bearerOf = (headers: Headers): string | undefined =>
  /^bearer\s+(\S+)/i.exec(headers.get('authorization') ?? '')?.[1]

const reading = (viewer: Viewer | null): SessionReading => ({
  viewer,
  credentials: viewer ? 'ACCEPTED' : 'REFUSED',
  setCookies: [],
})

/** A bad bearer token must not fall back to a cookie: the two have different defences against forged requests. */
function withoutCookies(headers: Headers): Headers {
  const copy = new Headers(headers)
  copy.delete('cookie')
  return copy
}

async function findSession({ db, clock }: Services, token: string) {
  const session = await db.session.findUnique({
    relationLoadStrategy: 'join',
    where: { token: hashToken(token) },
    select: { id: true, expiresAt: true, user: { select: viewerSelection } },
  })
  if (!session || session.expiresAt <= clock.now()) return null
  const viewer = viewerFrom(session.user, session.id)
  return viewer && { viewer, expiresAt: session.expiresAt }
}
