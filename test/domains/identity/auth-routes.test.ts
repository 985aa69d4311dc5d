import { describe, expect, test } from 'vitest'
import { tokenIn } from '../../kit/mail.ts'
import { freshEmail, PASSWORD, useIdentity } from './identity-kit.ts'

const ORIGIN = 'http://atrium.test'
const password = PASSWORD

const kit = useIdentity()

function call(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init =
    body === undefined
      ? { headers }
      : {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json', ...headers },
        }
  return kit.app.auth.handler(new Request(`${ORIGIN}/api/auth${path}`, init), 'request-of-auth')
}
const signUp = (email: string) => call('/sign-up/email', { name: 'Ada', email, password })
const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''

describe('sign-up through /api/auth', () => {
  test("O17 makes organization and workspace too, and answers in Better Auth's shape", async () => {
    const email = freshEmail()
    const response = await signUp(email)
    expect(response.status).toBe(200)
    const { token, user } = (await response.json()) as { token: string; user: { id: string } }
    expect(user).toMatchObject({ email, name: 'Ada', emailVerified: false })
    expect(user).not.toHaveProperty('suspendedAt')
    expect(response.headers.getSetCookie()[0]).toContain('HttpOnly; SameSite=Lax')
    const memberships = await kit.app.services.db.organizationMember.findMany({
      where: { userId: user.id },
      include: { organization: { include: { workspaces: true } } },
    })
    expect(memberships.map(({ organization }) => organization.workspaces.length)).toEqual([1])
    const events = await kit.app.services.db.event.findMany({ where: { actorId: user.id } })
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['user.signed_up', 'workspace.created']),
    )
    expect(events[0]?.requestId).toBe('request-of-auth')
    expect((await kit.mailTo(email)).subject).toMatch(/Confirm/)

    const session = await call('/get-session', undefined, { authorization: `Bearer ${token}` })
    expect(await session.json()).toMatchObject({ user: { id: user.id }, session: { token } })
    expect(
      await (await call('/get-session', undefined, { cookie: cookieOf(response) })).json(),
    ).toMatchObject({ user: { id: user.id } })
  })

  test("refuses with Better Auth's codes", async () => {
    const email = freshEmail()
    await signUp(email)
    const taken = await signUp(email)
    expect([taken.status, await taken.json()]).toMatchObject([
      422,
      { code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' },
    ])
    const short = await call('/sign-up/email', { name: 'Ada', email: freshEmail(), password: 'short' })
    expect([short.status, await short.json()]).toMatchObject([400, { code: 'VALIDATION_ERROR' }])
    const wrong = await call('/sign-in/email', { email, password: 'wrong horse' })
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { code: 'INVALID_EMAIL_OR_PASSWORD' }])
  })
})

test('signs in and out with a cookie', async () => {
  const email = freshEmail()
  await signUp(email)
  const signedIn = await call('/sign-in/email', { email: email.toUpperCase(), password })
  const cookie = cookieOf(signedIn)
  const out = await call('/sign-out', {}, { cookie, origin: ORIGIN })
  expect(await out.json()).toEqual({ success: true })
  expect(out.headers.getSetCookie().join()).toContain('Max-Age=0')
  expect(await (await call('/get-session', undefined, { cookie })).json()).toBeNull()
})

test('signs in for as long as the browser is open, when asked so', async () => {
  const email = freshEmail()
  await signUp(email)
  const response = await call('/sign-in/email', { email, password, rememberMe: false })
  expect(response.headers.getSetCookie()[0]).not.toContain('Max-Age')
})

test('verification, reset and change of the password go through the use cases', async () => {
  const email = freshEmail()
  const cookie = cookieOf(await signUp(email))
  const verified = await call(`/verify-email?token=${tokenIn(await kit.mailTo(email))}`)
  expect(await verified.json()).toEqual({ status: true, user: null })
  expect((await call('/verify-email?token=rubbish')).status).toBe(400)

  const changed = await call(
    '/change-password',
    { currentPassword: password, newPassword: 'second horse' },
    { cookie, origin: ORIGIN },
  )
  expect(await changed.json()).toMatchObject({ token: null, user: { email, emailVerified: true } })
  const anonymous = await call('/change-password', { currentPassword: password, newPassword: 'second horse' })
  expect(anonymous.status).toBe(401)

  expect((await call('/request-password-reset', { email })).status).toBe(200)
  const token = tokenIn(await kit.mailTo(email, /new password/))
  expect(await (await call('/reset-password', { token, newPassword: 'third horse' })).json()).toEqual({
    status: true,
  })
  expect((await call('/sign-in/email', { email, password: 'third horse' })).status).toBe(200)
  const user = await kit.app.services.db.user.findUniqueOrThrow({ where: { email } })
  const types = (await kit.app.services.db.event.findMany({ where: { actorId: user.id } })).map(
    ({ type }) => type,
  )
  expect(types).toEqual(
    expect.arrayContaining(['user.email_verified', 'user.password_changed', 'user.password_reset']),
  )
})

test('changes the profile', async () => {
  const email = freshEmail()
  const cookie = cookieOf(await signUp(email))
  expect((await call('/update-user', { name: 'Ada King' }, { cookie, origin: ORIGIN })).status).toBe(200)
  expect(await kit.app.services.db.user.findUnique({ where: { email } })).toMatchObject({ name: 'Ada King' })
})

test('T7 refuses what another site sends with the cookie, and a forged sign-in', async () => {
  const email = freshEmail()
  const cookie = cookieOf(await signUp(email))
  expect((await call('/sign-out', {}, { cookie, origin: 'https://evil.example' })).status).toBe(403)
  expect((await call('/sign-out', {}, { cookie })).status).toBe(403)
  const forged = await call('/sign-in/email', { email, password }, { origin: 'https://evil.example' })
  expect(forged.status).toBe(403)
  const form = new Request(`${ORIGIN}/api/auth/sign-in/email`, {
    method: 'POST',
    body: new URLSearchParams({ email, password }),
  })
  expect((await kit.app.auth.handler(form)).status).toBe(415)
})

test('nothing else of Better Auth is open', async () => {
  const paths = [
    '/delete-user',
    '/change-email',
    '/list-sessions',
    '/revoke-sessions',
    '/update-session',
    '/sign-in/social',
    '/link-social',
    '/unlink-account',
    '/error',
    '/',
    '/ok/',
    '/../health',
  ]
  for (const path of paths) expect([path, (await call(path, {})).status]).toEqual([path, 404])
  expect((await call('/ok')).status).toBe(200)
})

test('a suspended person has no session here either', async () => {
  const email = freshEmail()
  const cookie = cookieOf(await signUp(email))
  await kit.app.services.db.user.update({ where: { email }, data: { suspendedAt: new Date() } })
  expect(await (await call('/get-session', undefined, { cookie })).json()).toBeNull()
})
