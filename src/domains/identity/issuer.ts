import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { type Viewer, viewerFrom, viewerSelection } from '../../access/viewer.ts'
import type { Services } from '../../platform/services.ts'
import { linkIssuedUser } from './link-issued-user.ts'

/** Asymmetric ones alone: with a shared secret, whoever can check a token could make one. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
/** Seconds by which the clocks of issuer and service may differ. */
const CLOCK_TOLERANCE = 5
/** An unknown key is looked for again after this, so that a new key works soon and rubbish does not hammer the issuer. */
const COOLDOWN_MS = 5_000

/** Where people sign in elsewhere (T5). */
export interface Issuer {
  /**
   * Who a JWT of the issuer stands for. At first sight its subject is linked to a person.
   *
   * @returns null for a token that is not good, or a person who has no account and gets none
   */
  viewerOf(token: string): Promise<Viewer | null>
}

/** Whether a bearer token is a JWT, by its look. */
export const isJwt = (bearer: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(bearer)

/** @returns null when the settings name no issuer */
export function createIssuer(services: Services): Issuer | null {
  const { AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE } = services.env
  if (!AUTH_JWKS_URL || !AUTH_ISSUER || !AUTH_AUDIENCE) return null
  const keys = createRemoteJWKSet(new URL(AUTH_JWKS_URL), {
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: 5_000,
  })
  const rules = { issuer: AUTH_ISSUER, audience: AUTH_AUDIENCE }
  return {
    viewerOf: async (token) => {
      const claims = await verify(services, keys, rules, token)
      if (!claims?.sub) return null
      const known = await findLinked(services, rules.issuer, claims.sub)
      if (known) return viewerFrom(known, null)
      const linked = await linkIssuedUser(services, { issuer: rules.issuer, subject: claims.sub, claims })
      const person = linked && (await findLinked(services, rules.issuer, claims.sub))
      return person ? viewerFrom(person, null) : null
    },
  }
}

/** @throws {Error} when the issuer's keys can't be had: that is an outage, not a refusal */
async function verify(
  { clock, log }: Services,
  keys: JWTVerifyGetKey,
  rules: { issuer: string; audience: string },
  token: string,
): Promise<JWTPayload | null> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...rules,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE,
      currentDate: clock.now(),
    })
    return payload
  } catch (error) {
    const isOutage = error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)
    if (isOutage || UNREADABLE_KEYS.test(error.message)) throw error
    log.debug({ reason: error.code }, 'A token of the external issuer was refused')
    return null
  }
}

/** What jose says when the issuer answers, but not with its keys. */
const UNREADABLE_KEYS = /^(Expected 200 OK|Failed to parse) /

async function findLinked({ db }: Services, providerId: string, accountId: string) {
  const account = await db.account.findUnique({
    relationLoadStrategy: 'join',
    where: { providerId_accountId: { providerId, accountId } },
    select: { user: { select: viewerSelection } },
  })
  return account?.user ?? null
}
