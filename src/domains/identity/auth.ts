import { AsyncLocalStorage } from 'node:async_hooks'
import type { AuthContext } from 'better-auth'
import { betterAuth } from 'better-auth/minimal'
import { bearer } from 'better-auth/plugins'
import { BoundedMap } from '../../platform/reading/bounded-map.ts'
import type { Services } from '../../platform/services.ts'
import { authDatabase } from './auth-adapter.ts'
import { authRoutes } from './auth-routes.ts'
import type { IdentityCaller } from './caller.ts'
import { MAX_PASSWORD, MIN_PASSWORD } from './input.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import { readSession } from './session.ts'

const DAY = 24 * 60 * 60

/** Where Better Auth's own routes are. */
export const AUTH_PATH = '/api/auth'

/** Better Auth, as much of it as the rest of the house uses. */
export interface Auth {
  /** Answers its routes under /api/auth. */
  handler(request: Request, requestId?: string | null, clientAddress?: string | null): Promise<Response>
  /** Its storage, password hashing and settings, for use cases. */
  $context: Promise<AuthContext>
  /** The session token that a request carries as bearer token or signed cookie; null for none or a bad signature. */
  tokenOf(headers: Headers): Promise<string | null>
  /** Whether a request brings a session cookie, good or bad. */
  hasCookie(headers: Pick<Headers, 'get'>): Promise<boolean>
  /** The `Set-Cookie` values that sign a browser in with this token. */
  cookiesFor(token: string): Promise<string[]>
  /** The `Set-Cookie` values that sign a browser out. */
  cookiesForSignOut(): Promise<string[]>
  /** The external issuer whose JWTs sign people in (T5); null when none is set up. */
  issuer: Issuer | null
  /** Extends the session of the request, and returns the `Set-Cookie` values that tell its browser. */
  refresh(headers: Headers): Promise<string[]>
}

const MOST_REMEMBERED = 1_000
const LONGEST_REMEMBERED = 4_096

/**
 * Sets up Better Auth: one instance per process, stateless but for the database.
 *
 * Its routes for signing up and in, passwords, verification and profile are replaced by ours (auth-routes.ts), which
 * call the same use cases as the GraphQL API. Every other route of it is closed.
 */
export function createAuth(services: Services): Auth {
  const { env, db, secrets, log } = services
  // A good signature stays good: a browser's next request does not go through Better Auth again. Whether there is a session of
  // the token is asked of the database each time.
  const tokens = new BoundedMap<string, string>(MOST_REMEMBERED)
  const requests = new AsyncLocalStorage<Pick<IdentityCaller, 'requestId' | 'clientAddress'>>()
  const origin = new URL(env.PUBLIC_URL).origin
  const instance = betterAuth({
    appName: 'Atrium',
    baseURL: origin,
    basePath: AUTH_PATH,
    trustedOrigins: [origin],
    secret: secrets.authSecret,
    database: authDatabase(db),
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true, minPasswordLength: MIN_PASSWORD, maxPasswordLength: MAX_PASSWORD },
    session: { expiresIn: env.SESSION_DAYS * DAY, updateAge: DAY },
    user: {
      additionalFields: { suspendedAt: { type: 'date', required: false, input: false, returned: false } },
    },
    verification: { storeIdentifier: 'hashed' },
    advanced: {
      cookiePrefix: 'atrium',
      useSecureCookies: origin.startsWith('https:'),
      database: { generateId: false },
      ipAddress: { disableIpTracking: true },
      // Better Auth leaves these checks out under NODE_ENV=test unless told.
      disableCSRFCheck: false,
      disableOriginCheck: false,
    },
    logger: { log: (level, message) => log[level]({ from: 'better-auth' }, message) },
    plugins: [
      bearer(),
      authRoutes(async (request) => {
        const { viewer } = await readSession(services, auth, request.headers)
        return { ...services, auth, viewer, requestId: null, ...requests.getStore(), request }
      }),
    ],
  })
  const auth: Auth = {
    handler: (request, requestId = null, clientAddress = null) =>
      requests.run({ requestId, clientAddress }, () => instance.handler(request)),
    $context: instance.$context as unknown as Promise<AuthContext>,
    tokenOf: async (headers) => {
      const given = `${headers.get('authorization') ?? ''}\n${headers.get('cookie') ?? ''}`
      const known = tokens.get(given)
      if (known !== undefined) return known
      const { token } = await instance.api.readSessionToken({ headers })
      if (token !== null && given.length <= LONGEST_REMEMBERED) tokens.set(given, token)
      return token
    },
    hasCookie: async (headers) => {
      const { authCookies } = await instance.$context
      return (headers.get('cookie') ?? '').includes(`${authCookies.sessionToken.name}=`)
    },
    issuer: createIssuer(services),
    cookiesFor: async (token) =>
      (await instance.api.setSessionCookie({ body: { token }, returnHeaders: true })).headers.getSetCookie(),
    cookiesForSignOut: async () =>
      (await instance.api.clearSessionCookie({ returnHeaders: true })).headers.getSetCookie(),
    refresh: async (headers) => {
      const answer = await instance.api.getSession({ headers, returnHeaders: true })
      return answer.headers.getSetCookie()
    },
  }
  return auth
}
