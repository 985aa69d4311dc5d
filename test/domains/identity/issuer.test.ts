import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'
import Provider from 'oidc-provider'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { InvalidSetting, parseEnv } from '../../../src/env.ts'
import { openTestApp, type TestApp } from '../../kit/app.ts'
import { createWorld } from '../../kit/world.ts'
import { freshEmail } from './identity-kit.ts'

const AUDIENCE = 'https://atrium.test/api'
const WHO = '{ viewer { user { email fullName emailVerified platformRole } } }'

interface SigningKey {
  jwk: JWK
  publicPem: string
}

async function newKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'ES256', use: 'sig' }
  return { jwk, publicPem: await exportSPKI(publicKey) }
}

/** An OpenID provider on loopback: it can change its keys, and its tokens say what a test wants. */
interface TestIssuer {
  url: string
  key: SigningKey
  /** Signs with other keys from now on, and publishes no others. */
  rotate(): Promise<void>
  /** An access token by the client credentials flow, over HTTP. */
  token(claims: Record<string, unknown>, resource?: string): Promise<string>
  close(): Promise<unknown>
}

async function openIssuer(): Promise<TestIssuer> {
  const handler: { current?: ReturnType<Provider['callback']> } = {}
  const server: Server = createServer((request, response) => void handler.current?.(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let claims: Record<string, unknown> = {}
  const issuer: TestIssuer = {
    url,
    key: await newKey(),
    rotate: async () => {
      issuer.key = await newKey()
      handler.current = providerOf(url, issuer.key.jwk, () => claims).callback()
    },
    token: async (wanted, resource = AUDIENCE) => {
      claims = wanted
      const response = await fetch(`${url}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from('app:secret').toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
      })
      const answer = (await response.json()) as { access_token?: string }
      if (!answer.access_token) throw new Error(`The issuer gave no token: ${JSON.stringify(answer)}`)
      return answer.access_token
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
  handler.current = providerOf(url, issuer.key.jwk, () => claims).callback()
  return issuer
}

function providerOf(url: string, key: JWK, claims: () => Record<string, unknown>): Provider {
  return new Provider(url, {
    jwks: { keys: [key as never] },
    clients: [
      {
        client_id: 'app',
        client_secret: 'secret',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    extraTokenClaims: () => claims() as never,
    formats: {
      customizers: {
        // Of the client credentials flow the subject is the client; here it is whoever the test wants.
        jwt: (_ctx, _token, parts) => {
          Object.assign(parts.payload, claims())
        },
      },
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: '',
          audience: resource,
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  })
}

const open: { issuer?: TestIssuer; app?: TestApp; closed?: TestApp } = {}
const issuer = () => open.issuer as TestIssuer
const app = () => open.app as TestApp

beforeAll(async () => {
  open.issuer = await openIssuer()
  const settings = {
    AUTH_JWKS_URL: `${open.issuer.url}/jwks`,
    AUTH_ISSUER: open.issuer.url,
    AUTH_AUDIENCE: AUDIENCE,
  }
  open.app = await openTestApp({ ...settings, AUTH_CREATE_USERS: '1', ADMIN_EMAIL: 'chief@example.com' })
  open.closed = await openTestApp(settings)
})
afterAll(async () => {
  await Promise.all([open.app?.close(), open.closed?.close(), open.issuer?.close()])
})
afterEach(() => {
  vi.useRealTimers()
})

interface Seen {
  email: string
  fullName: string
  emailVerified: boolean
  platformRole: string
}

/** Who the service takes the holder of a token for; null for nobody. */
async function seenAs(token: string, by = app()): Promise<Seen | null> {
  const { data, errors } = await by.run<{ viewer: { user: Seen } | null }>(WHO, {}, token)
  if (!data.viewer) expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED'])
  return data.viewer?.user ?? null
}

const person = (more: Record<string, unknown> = {}) => ({
  sub: randomUUID(),
  email: freshEmail(),
  email_verified: true,
  name: 'Ada Lovelace',
  ...more,
})

describe('T5 a JWT of the external issuer', () => {
  test('T5 signs in, and creates the person at first sight, once for many requests', async () => {
    const claims = person()
    const token = await issuer().token(claims)
    const all = await Promise.all(Array.from({ length: 8 }, () => seenAs(token)))
    for (const seen of all)
      expect(seen).toEqual({
        email: claims.email,
        fullName: 'Ada Lovelace',
        emailVerified: true,
        platformRole: 'USER',
      })
    const { db } = app().services
    expect(await db.account.count({ where: { accountId: claims.sub } })).toBe(1)
    const events = await db.event.findMany({
      where: { subjectType: 'User', subjectId: { in: await idsOf(claims.email) } },
      orderBy: { sequence: 'asc' },
    })
    expect(events.map(({ type }) => type)).toEqual(['user.created', 'user.email_verified', 'user.linked'])
  })

  test('T5 is linked to the person with the verified address, in whatever case, and stays so', async () => {
    const known = await createWorld(app()).person()
    const claims = person({ email: known.email.toUpperCase() })
    expect(await seenAs(await issuer().token(claims))).toMatchObject({
      email: known.email,
      fullName: known.fullName,
    })
    const moved = await issuer().token({ sub: claims.sub, email: freshEmail(), email_verified: true })
    expect(await seenAs(moved)).toMatchObject({ email: known.email })
    const bare = await issuer().token({ sub: claims.sub })
    expect(await seenAs(bare)).toMatchObject({ email: known.email })
  })

  test('T5 is linked to nobody while the issuer has not verified the address', async () => {
    const known = await createWorld(app()).person()
    for (const email_verified of [false, undefined, 'true'])
      expect(await seenAs(await issuer().token(person({ email: known.email, email_verified })))).toBeNull()
    expect(await seenAs(await issuer().token({ sub: randomUUID() }))).toBeNull()
    expect(await app().services.db.account.count({ where: { userId: known.userId } })).toBe(0)
  })

  test('lesson 9: whoever registered a stranger’s address loses the account to its owner', async () => {
    const email = freshEmail()
    const { data } = await app().run<{ signUp: { token: string } }>(
      'mutation ($email: String!) { signUp(input: { email: $email, password: "correct horse", fullName: "Mallory" }) { ... on SignUpPayload { token } } }',
      { email },
    )
    const squatter = data.signUp.token
    expect(await seenAs(squatter)).not.toBeNull()
    expect(await seenAs(await issuer().token(person({ email })))).toMatchObject({
      email,
      emailVerified: true,
    })
    expect(await seenAs(squatter)).toBeNull()
    const again = await app().run<{ signIn: { __typename: string } }>(
      'mutation ($email: String!) { signIn(input: { email: $email, password: "correct horse" }) { __typename } }',
      { email },
    )
    expect(again.data.signIn.__typename).toBe('InvalidCredentials')
  })

  test('T5 creates nobody unless AUTH_CREATE_USERS says so, but links', async () => {
    const stranger = await issuer().token(person())
    expect(await seenAs(stranger, open.closed)).toBeNull()
    const known = await createWorld(open.closed as TestApp).person()
    const linked = await issuer().token(person({ email: known.email }))
    expect(await seenAs(linked, open.closed)).toMatchObject({ email: known.email })
  })

  test('T3 makes the address of ADMIN_EMAIL an administrator', async () => {
    const chief = await issuer().token(person({ email: 'Chief@example.com' }))
    expect(await seenAs(chief)).toMatchObject({ platformRole: 'ADMIN' })
  })

  test('T5 of a suspended person is refused', async () => {
    const claims = person()
    const token = await issuer().token(claims)
    await seenAs(token)
    await app().services.db.user.update({ where: { email: claims.email }, data: { suspendedAt: new Date() } })
    expect(await seenAs(token)).toBeNull()
  })
})

describe('T5 a JWT that is not good', () => {
  test('T5 for another audience, of another issuer, expired or not valid yet', async () => {
    const claims = person()
    expect(await seenAs(await issuer().token(claims, 'https://other.test/api'))).toBeNull()
    const now = Math.floor(Date.now() / 1000)
    expect(await seenAs(await issuer().token({ ...claims, iss: 'https://other.test' }))).toBeNull()
    expect(await seenAs(await issuer().token({ ...claims, nbf: now + 300 }))).toBeNull()
    expect(await seenAs(await issuer().token({ ...claims, exp: now - 60 }))).toBeNull()
    expect(await seenAs(await issuer().token({ ...claims, exp: undefined }))).toBeNull()
    expect(await seenAs(await issuer().token(claims))).not.toBeNull()
  })

  test('T5 unsigned, signed with the public key as a secret, or changed', async () => {
    const claims = {
      ...person(),
      iss: issuer().url,
      aud: AUDIENCE,
      exp: Math.floor(Date.now() / 1000) + 600,
    }
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const { kid } = issuer().key.jwk
    const unsigned = `${part({ alg: 'none', kid })}.${part(claims)}.`
    expect(await seenAs(unsigned)).toBeNull()
    for (const secret of [
      issuer().key.publicPem,
      issuer().key.publicPem.trim(),
      JSON.stringify(issuer().key.jwk),
    ]) {
      const forged = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: String(kid) })
        .sign(new TextEncoder().encode(secret))
      expect(await seenAs(forged)).toBeNull()
    }
    const [head, , signature] = (await issuer().token(person())).split('.')
    expect(await seenAs(`${head}.${part(claims)}.${signature}`)).toBeNull()
    expect(await seenAs('a.b.c')).toBeNull()
  })

  test('T5 signed with a key that brings itself along', async () => {
    const own = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(own.publicKey)
    const forged = await new SignJWT({ ...person() })
      .setProtectedHeader({ alg: 'ES256', jwk, kid: 'mine', jku: 'http://127.0.0.1:1/jwks' })
      .setIssuer(issuer().url)
      .setAudience(AUDIENCE)
      .setExpirationTime('10m')
      .sign(own.privateKey)
    expect(await seenAs(forged)).toBeNull()
  })
})

describe('T5 keys', () => {
  test('T5 a new key works, and the tokens of the old one do not', async () => {
    const before = await issuer().token(person())
    expect(await seenAs(before)).not.toBeNull()
    await issuer().rotate()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 })
    expect(await seenAs(await issuer().token(person()))).not.toBeNull()
    expect(await seenAs(before)).toBeNull()
  })
})

describe('T5 settings', () => {
  test('T5 an issuer takes its three settings together', () => {
    const settings = { AUTH_JWKS_URL: 'https://id.test/jwks', AUTH_ISSUER: 'https://id.test' }
    expect(() => parseEnv(settings)).toThrow(InvalidSetting)
    expect(() => parseEnv(settings)).toThrow(/AUTH_AUDIENCE is missing/)
    expect(() => parseEnv({ AUTH_AUDIENCE: 'x' })).toThrow(/AUTH_JWKS_URL is missing/)
    expect(parseEnv({ ...settings, AUTH_AUDIENCE: 'x' }).AUTH_ISSUER).toBe('https://id.test')
  })
})

async function idsOf(email: string): Promise<string[]> {
  const users = await app().services.db.user.findMany({ where: { email }, select: { id: true } })
  return users.map(({ id }) => id)
}
