import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../kit/app.ts'
import { findLeaks, leaksIn } from '../../kit/secret-scan.ts'
import { freshEmail, until } from './identity-kit.ts'

interface Received {
  to: string
  source: string
}

/** A real mail server on loopback. */
async function openMailServer(received: Received[]): Promise<{ url: string; close(): Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const to = session.envelope.rcptTo[0]?.address ?? ''
        received.push({ to, source: decoded(Buffer.concat(chunks).toString()) })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Without the soft line breaks and escapes of quoted-printable. */
const decoded = (source: string) =>
  source
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

const received: Received[] = []
const answers: string[] = []
const open: { app?: TestApp; mail?: { url: string; close(): Promise<void> }; server?: Server; url?: string } =
  {}
const app = () => open.app as TestApp

beforeAll(async () => {
  open.mail = await openMailServer(received)
  open.app = await openTestApp({
    SMTP_URL: open.mail.url,
    PUBLIC_URL: 'http://atrium.test',
    RATE_LIMITS: '1',
  })
  open.server = createServer(open.app.app.listener)
  await new Promise<void>((resolve) => open.server?.listen(0, '127.0.0.1', resolve))
  open.url = `http://127.0.0.1:${(open.server.address() as AddressInfo).port}`
})
afterAll(async () => {
  open.server?.closeAllConnections()
  await new Promise((resolve) => open.server?.close(resolve))
  await open.app?.close()
  await open.mail?.close()
})

/** Sends a request over a socket, and keeps the answer with its cookies for the scan. */
async function request(path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(`${open.url}${path}`, { redirect: 'manual', ...init })
  const text = await response.text()
  answers.push(`${path.split('?')[0]} ${text} ${response.headers.getSetCookie().join()}`)
  return { status: response.status, text }
}

async function graphql<Data>(query: string, variables: object = {}, token?: string): Promise<Data> {
  const { text } = await request('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  })
  return (JSON.parse(text) as { data: Data }).data
}

const form = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(fields),
})

const json = (body: object, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', origin: 'http://atrium.test', ...headers },
  body: JSON.stringify(body),
})

/** The token in the newest mail to an address whose link leads to this page. */
const mailed = (to: string, page: string) =>
  until(async () => {
    const links = received
      .filter((mail) => mail.to === to)
      .flatMap(({ source }) => [...source.matchAll(new RegExp(`/${page}\\?token=([\\w.~%-]+)`, 'g'))])
    return links.at(-1)?.[1]
  })

test('no token and no password is kept, logged, answered or mailed where it is not meant to be', async () => {
  const { secrets } = app()
  const known = (name: string, value: string) => {
    secrets.set(name, value)
    return value
  }
  const email = freshEmail()
  const first = known('the first password', 'Tr0ub4dor-and-3-horses')
  const second = known('the second password', 'battery-staple-9241')
  const third = known('the third password', 'purple-monkey-5512')
  const guess = known('a wrong password', 'not-even-close-7781')

  // Sign-up, wrong attempts, verification by page, sessions.
  const { signUp } = await graphql<{ signUp: { token: string; organization: { id: string } } }>(
    `mutation ($email: String!, $password: String!) { signUp(input: { email: $email, password: $password, fullName: "Ada" }) {
      ... on SignUpPayload { token organization { id } } } }`,
    { email, password: first },
  )
  const session = known('the session of the sign-up', signUp.token)
  await graphql(
    'mutation ($email: String!, $password: String!) { signUp(input: { email: $email, password: $password, fullName: "Ada" }) { __typename } }',
    { email, password: guess },
  )
  const SIGN_IN =
    'mutation ($email: String!, $password: String!) { signIn(input: { email: $email, password: $password }) { ... on SignInPayload { token } } }'
  await graphql(SIGN_IN, { email, password: guess })
  // A secret where it does not belong: requests that can not run are where libraries like to quote.
  await graphql(SIGN_IN, { email, password: { nested: guess } })
  await graphql(
    `mutation { signIn(input: { email: "${email}", password: "${guess}", extra: "${guess}" }) { token } }`,
  )
  await request('/api/auth/sign-in/email', json({ email, password: guess }))
  await request('/api/auth/sign-in/email', json({ email, password: [guess] }))
  const verification = known('the verification token', await mailed(email, 'verify-email'))
  await request(`/verify-email?token=${verification}`)
  await request('/verify-email', form({ token: verification }))
  const route = await request('/api/auth/sign-in/email', json({ email, password: first }))
  known('the session of the route', (JSON.parse(route.text) as { token: string }).token)
  await graphql('{ viewer { sessions { nodes { id userAgent current } } } }', {}, session)

  // Access tokens.
  const { createAccessToken } = await graphql<{
    createAccessToken: { secret: string; accessToken: { id: string } }
  }>(
    'mutation { createAccessToken(input: { name: "CI", scopes: [ORGANIZATION_READ] }) { ... on CreateAccessTokenPayload { secret accessToken { id } } } }',
    {},
    session,
  )
  const accessToken = known('the access token', createAccessToken.secret)
  await graphql('{ viewer { user { email } } }', {}, accessToken)
  await graphql('{ viewer { accessTokens { nodes { id name prefix scopes } } } }', {}, session)
  await graphql('mutation { createAccessToken(input: { name: "no" }) { __typename } }', {}, accessToken)
  await graphql('{ viewer { user { email } } }', {}, `${accessToken}x`)

  // An invite, seen and accepted by its page.
  const guest = freshEmail('guest')
  await graphql(
    'mutation ($id: ID!, $email: String!) { createInvites(input: { scopeId: $id, invites: [{ email: $email, role: "MEMBER" }] }) { ... on CreateInvitesPayload { results { outcome invite { id email status } } } } }',
    { id: signUp.organization.id, email: guest },
    session,
  )
  const invite = known('the invite token', await mailed(guest, 'accept-invite'))
  await graphql('query ($token: String!) { invite(token: $token) { email organizationName } }', {
    token: invite,
  })
  await request(`/accept-invite?token=${invite}`)
  await request('/accept-invite', form({ token: invite, fullName: 'Guest', password: third }))
  await graphql(
    'query ($id: ID!) { organization(id: $id) { invites { nodes { email status } } members { nodes { user { email } } } } }',
    { id: signUp.organization.id },
    session,
  )

  // A new password twice: by mail, and by the old one.
  await graphql(
    'mutation ($email: String!) { requestPasswordReset(input: { email: $email }) { __typename } }',
    { email },
  )
  const reset = known('the reset token', await mailed(email, 'reset-password'))
  await request(`/reset-password?token=${reset}`)
  await request('/reset-password', form({ token: reset, password: second, repeated: guess }))
  await request('/reset-password', form({ token: reset, password: second, repeated: second }))
  const { signIn } = await graphql<{ signIn: { token: string } }>(SIGN_IN, { email, password: second })
  const last = known('the last session', signIn.token)
  await graphql(
    'mutation ($old: String!, $new: String!) { changePassword(input: { currentPassword: $old, newPassword: $new }) { __typename } }',
    { old: second, new: first },
    last,
  )
  await graphql(
    'mutation ($password: String!) { closeAccount(input: { password: $password }) { __typename } }',
    { password: guess },
    last,
  )
  await request(`/graphql?query=${encodeURIComponent(`{ invite(token: "${invite}") { email } }`)}`)
  await request(`/nowhere?token=${last}`, { headers: { authorization: `Bearer ${last}` } })

  expect(await findLeaks(app(), secrets)).toEqual([])

  // Each mail carries its own token alone.
  const meant = new Map([
    ['the verification token', 'verify-email'],
    ['the reset token', 'reset-password'],
    ['the invite token', 'accept-invite'],
  ])
  expect(received.length).toBeGreaterThanOrEqual(3)
  for (const { source } of received) {
    const other = new Map([...secrets].filter(([name]) => !source.includes(`/${meant.get(name)}?token=`)))
    expect(leaksIn('a mail', [source], other)).toEqual([])
  }

  // An answer carries what it hands out, or a form what it sends back: nothing else.
  const handedOut: Record<string, RegExp> = {
    'the session of the sign-up': /^\/graphql \{"data":\{"signUp"/,
    'the session of the route': /^\/api\/auth\/sign-in\/email /,
    'the access token': /^\/graphql \{"data":\{"createAccessToken"/,
    'the last session': /^\/graphql \{"data":\{"signIn"/,
    'the verification token': /^\/verify-email /,
    'the reset token': /^\/reset-password /,
    'the invite token': /^\/accept-invite /,
  }
  const quoted = /got invalid value|"extra"/
  for (const answer of answers) {
    const other = new Map(
      [...secrets].filter(
        ([name]) => !handedOut[name]?.test(answer) && !(name === 'a wrong password' && quoted.test(answer)),
      ),
    )
    expect(leaksIn('an answer', [answer], other)).toEqual([])
  }
})

test('the scan finds what is there', async () => {
  const planted = new Map([['a secret', 'p1anted-in-a-row-and-a-line']])
  const secret = String(planted.get('a secret'))
  await app().services.db.verification.create({
    data: { identifier: 'x', value: Buffer.from(secret).toString('base64'), expiresAt: new Date() },
  })
  const logs = [`{"msg":"oops ${secret}"}`]
  expect((await findLeaks({ ...app(), logs }, planted)).sort()).toEqual([
    'a secret in table public.verification',
    'a secret in the log',
  ])
})
