import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createRateLimits, networkOf } from '../../src/platform/rate-limits.ts'
import { freshEmail } from '../domains/identity/identity-kit.ts'
import { openTestApp, useTestApp } from '../kit/app.ts'
import { createWorld } from '../kit/world.ts'

const holder = useTestApp({ RATE_LIMITS: '1', TRUST_PROXY: '1', PUBLIC_URL: 'http://atrium.test' })
const app = () => holder.current

let nth = 0
/** An address that no other test uses. */
const freshAddress = () => `198.51.${Math.floor(++nth / 250)}.${nth % 250}`

interface Answer {
  data: Record<string, { __typename: string } | null>
  errors?: { message: string; extensions: { code: string; retryAfter?: number } }[]
}

/** Sends one operation from an address, as a proxy tells it. */
async function send(query: string, variables: object, address: string, token?: string): Promise<Answer> {
  const response = await app().app.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': `203.0.113.66, ${address}`,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as Answer
}

/** How often in a row something goes through before it is RATE_LIMITED. */
async function attempts(most: number, attempt: (nth: number) => Promise<Answer>): Promise<number> {
  for (let done = 0; done < most; done++) {
    const { errors } = await attempt(done)
    if (errors?.[0]?.extensions.code === 'RATE_LIMITED') {
      const { retryAfter = 0 } = errors[0].extensions
      expect(retryAfter).toBeGreaterThan(0)
      expect(retryAfter).toBeLessThanOrEqual(3600)
      return done
    }
    expect(errors).toBeUndefined()
  }
  return most
}

const RESET = 'mutation ($email: String!) { requestPasswordReset(input: { email: $email }) { __typename } }'
const RESEND =
  'mutation ($email: String!) { resendVerificationEmail(input: { email: $email }) { __typename } }'
const SIGN_IN =
  'mutation ($email: String!, $password: String!) { signIn(input: { email: $email, password: $password }) { __typename } }'

describe('rate limits', () => {
  test('of an e-mail address hold from everywhere, and do not tell whether there is an account', async () => {
    const known = (await createWorld(app()).person()).email
    for (const document of [RESET, RESEND]) {
      const counts = []
      for (const email of [known, freshEmail()])
        counts.push(await attempts(20, () => send(document, { email: shaken(email) }, freshAddress())))
      expect(counts).toEqual([5, 5])
    }
  })

  test('of a network address hold for all accounts, and others are not hit', async () => {
    const address = freshAddress()
    const done = await attempts(40, () => send(RESET, { email: freshEmail() }, address))
    expect(done).toBe(30)
    const other = await send(RESET, { email: freshEmail() }, freshAddress())
    expect(other.errors).toBeUndefined()
  })

  test('of passwords count what is wrong: a right one clears the count', async () => {
    const email = freshEmail()
    const { data } = await send(
      'mutation ($email: String!) { signUp(input: { email: $email, password: "correct horse", fullName: "Ada" }) { __typename } }',
      { email },
      freshAddress(),
    )
    expect(data.signUp).toEqual({ __typename: 'SignUpPayload' })
    const wrong = () => send(SIGN_IN, { email, password: 'wrong horse' }, freshAddress())
    for (let round = 0; round < 2; round++) {
      for (let count = 0; count < 9; count++) expect((await wrong()).errors).toBeUndefined()
      const right = await send(SIGN_IN, { email, password: 'correct horse' }, freshAddress())
      expect(right.data.signIn).toEqual({ __typename: 'SignInPayload' })
    }
    expect(await attempts(20, wrong)).toBe(10)
    const right = await send(SIGN_IN, { email, password: 'correct horse' }, freshAddress())
    expect(right.errors?.[0]?.extensions.code).toBe('RATE_LIMITED')
  })

  test('of sign-up and of invites by token', async () => {
    const signUp =
      'mutation ($email: String!) { signUp(input: { email: $email, password: "correct horse", fullName: "Ada" }) { __typename } }'
    const email = freshEmail()
    expect(await attempts(20, () => send(signUp, { email }, freshAddress()))).toBe(10)
    const preview = 'query ($token: String!) { invite(token: $token) { email } }'
    const { token } = await createWorld(app()).person()
    const address = freshAddress()
    let asked = 0
    for (; asked < 150; asked++) {
      const { errors } = await send(preview, { token: `guess-${asked}` }, address)
      if (errors?.[0]?.extensions.code === 'RATE_LIMITED') break
    }
    expect(asked).toBe(120)
    const accept = 'mutation { acceptInvite(input: { token: "guess" }) { __typename } }'
    expect((await send(accept, {}, address, token)).errors?.[0]?.extensions.code).toBe('RATE_LIMITED')
  })

  test('hold on the routes of sign-in clients and on the pages too', async () => {
    const email = freshEmail()
    await attempts(20, () => send(RESET, { email }, freshAddress()))
    const route = await app().app.fetch('/api/auth/request-password-reset', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://atrium.test' },
      body: JSON.stringify({ email }),
    })
    expect(route.status).toBe(429)
    expect(Number(route.headers.get('retry-after'))).toBeGreaterThan(0)
    const page = await app().app.fetch('/reset-password', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ email }),
    })
    expect(page.status).toBe(429)
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await page.text()).toContain('Too many attempts')
  })

  test('are shared by processes, and exact when everything happens at once', async () => {
    const pools = [1, 2].map(() => new pg.Pool({ connectionString: app().databaseUrl, max: 5 }))
    const limits = pools.map(createRateLimits)
    const account = freshEmail()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, one) =>
        limits[one % 2]?.take('password-reset', { address: null, account }),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    await Promise.all(pools.map((pool) => pool.end()))
  })

  test('keep no address and no account in clear', async () => {
    const email = freshEmail()
    await send(RESET, { email }, '198.51.100.77')
    const rows = JSON.stringify(await app().services.db.rateLimit.findMany({ select: { key: true } }))
    expect(rows).toContain('password-reset:account:')
    expect(rows).not.toContain(email)
    expect(rows).not.toContain('198.51.100.77')
  })

  test('believe X-Forwarded-For only behind a proxy: its last entry, that the proxy itself has added', async () => {
    const direct = await openTestApp({ RATE_LIMITS: '1' })
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.99' }
    await direct.app.fetch('/graphql', {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: RESET, variables: { email: freshEmail() } }),
    })
    const keys = await direct.services.db.rateLimit.findMany({ select: { key: true } })
    expect(keys.filter(({ key }) => key.includes(':address:'))).toEqual([])
    await direct.close()
    const address = freshAddress()
    await attempts(40, () => send(RESET, { email: freshEmail() }, address))
    const spoofed = await app().app.fetch('/graphql', {
      method: 'POST',
      headers: { ...headers, 'x-forwarded-for': `198.51.100.99, ${address}` },
      body: JSON.stringify({ query: RESET, variables: { email: freshEmail() } }),
    })
    expect(await spoofed.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
  })
})

test('an IPv6 network counts as one', () => {
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
  expect(networkOf('2001:0DB8:1:2::1')).toBe('2001:db8:1:2')
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0')
  expect(networkOf('::1')).toBe('0:0:0:0')
  expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
})

/** The same address as somebody else would write it. */
const shaken = (email: string) => (Math.random() < 0.5 ? email.toUpperCase() : email)
