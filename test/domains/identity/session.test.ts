import { createHmac } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { createAuth } from '../../../src/domains/identity/auth.ts'
import { signIn } from '../../../src/domains/identity/sign-in.ts'
import { signOut } from '../../../src/domains/identity/sign-out.ts'
import { hashToken } from '../../../src/platform/secrets.ts'
import { bearer, freshEmail, PASSWORD, useIdentity } from './identity-kit.ts'

const DAY = 24 * 60 * 60 * 1000
const password = PASSWORD

const kit = useIdentity()

const join = () => kit.join()
const read = (headers: Record<string, string>) => kit.read(headers)
const signed = (token: string) =>
  `${token}.${createHmac('sha256', kit.app.services.secrets.authSecret).update(token).digest('base64')}`
const cookieOf = async (token: string) => (await kit.app.auth.cookiesFor(token))[0]?.split(';')[0] ?? ''

describe('who is asking', () => {
  test('T5 a session token, as issued and in its signed form', async () => {
    const { token, userId } = await join()
    expect((await read(bearer(token))).viewer?.userId).toBe(userId)
    expect((await read(bearer(signed(token)))).viewer?.userId).toBe(userId)
    expect((await read(bearer(encodeURIComponent(signed(token))))).viewer?.userId).toBe(userId)
  })

  test('T7 a signed cookie: httpOnly, SameSite=Lax, secure behind https', async () => {
    const { token, userId } = await join()
    const [cookie] = await kit.app.auth.cookiesFor(token)
    expect(cookie).toMatch(/^atrium\.session_token=[^;]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/)
    expect((await read({ cookie: await cookieOf(token) })).viewer?.userId).toBe(userId)
    const env = { ...kit.app.services.env, PUBLIC_URL: 'https://atrium.test' }
    const secure = createAuth({ ...kit.app.services, env })
    expect((await secure.cookiesFor(token))[0]).toMatch(/^__Secure-atrium.*; Secure/)
  })

  test('tells no credentials from bad ones', async () => {
    const { token } = await join()
    expect(await read({})).toMatchObject({ viewer: null, credentials: 'NONE', setCookies: [] })
    expect(await read({ cookie: 'theme=dark', authorization: 'Basic YTpi' })).toMatchObject({
      credentials: 'NONE',
    })
    const cookie = await cookieOf(token)
    const bad: Record<string, string>[] = [
      bearer('nobody'),
      bearer(`${token}.c2lnbmF0dXJl`),
      bearer(`${token}x`),
      bearer(hashToken(token)),
      { cookie: `atrium.session_token=${token}` },
      { cookie: cookie.replace(/=.{4}/, '=AAAA') },
      { cookie, ...bearer('nobody') },
    ]
    for (const headers of bad) {
      expect(await read(headers)).toMatchObject({ viewer: null, credentials: 'REFUSED' })
    }
  })

  test('costs one statement', async () => {
    const { token } = await join()
    await read(bearer(token))
    const before = kit.app.statements.length
    await read(bearer(token))
    expect(kit.app.statements.slice(before).filter((sql) => /\bsession\b/.test(sql))).toHaveLength(1)
  })

  test('is not asked of a suspended person, nor after the session expired', async () => {
    const { token, userId } = await join()
    await kit.app.services.db.user.update({ where: { id: userId }, data: { suspendedAt: new Date() } })
    expect((await read(bearer(token))).credentials).toBe('REFUSED')
    await kit.app.services.db.user.update({ where: { id: userId }, data: { suspendedAt: null } })
    expect((await read(bearer(token))).credentials).toBe('ACCEPTED')
    await kit.app.services.db.session.update({
      where: { token: hashToken(token) },
      data: { expiresAt: new Date() },
    })
    expect((await read(bearer(token))).credentials).toBe('REFUSED')
  })

  test('rule 5: a removed member is none at the next request', async () => {
    const { token, organizationId, userId } = await join()
    const other = await join()
    await kit.app.services.db.organization.update({
      where: { id: organizationId },
      data: { deletedAt: new Date() },
    })
    expect((await read(bearer(token))).viewer?.organizations.size).toBe(0)
    expect((await read(bearer(other.token))).viewer?.organizations.size).toBe(1)
    expect(userId).not.toBe(other.userId)
  })
})

describe('a session that is used', () => {
  const age = async (token: string, days: number) => {
    const expiresAt = new Date(Date.now() + (30 - days) * DAY)
    await kit.app.services.db.session.update({ where: { token: hashToken(token) }, data: { expiresAt } })
  }
  const daysLeft = async (token: string) => {
    const session = await kit.app.services.db.session.findUniqueOrThrow({
      where: { token: hashToken(token) },
    })
    return Math.round((session.expiresAt.getTime() - Date.now()) / DAY)
  }

  test('is extended once a day, and a browser is told', async () => {
    const { token } = await join()
    const cookie = await cookieOf(token)
    expect((await read({ cookie })).setCookies).toEqual([])
    await age(token, 2)
    const { viewer, setCookies } = await read({ cookie })
    expect(viewer).not.toBeNull()
    expect(setCookies.join()).toContain('atrium.session_token=')
    expect(await daysLeft(token)).toBe(30)
  })

  test('is extended for bearer tokens without cookies', async () => {
    const { token } = await join()
    await age(token, 2)
    expect((await read(bearer(token))).setCookies).toEqual([])
    expect(await daysLeft(token)).toBe(30)
  })
})

describe('sign in and out', () => {
  test('signs in however the address is written', async () => {
    const { email, userId } = await join()
    const { token } = await signIn(await kit.callerOf(), { email: ` ${email.toUpperCase()}`, password })
    expect((await read(bearer(token))).viewer?.userId).toBe(userId)
  })

  test('refuses unknown address, wrong password and suspension with one text', async () => {
    const { email } = await join()
    const gone = await join()
    await kit.app.services.db.user.update({ where: { id: gone.userId }, data: { suspendedAt: new Date() } })
    const caller = await kit.callerOf()
    const refused = await Promise.allSettled([
      signIn(caller, { email, password: 'wrong horse' }),
      signIn(caller, { email: freshEmail(), password }),
      signIn(caller, { email: gone.email, password }),
      signIn(caller, { email, password: 'x'.repeat(5000) }),
    ])
    const reasons = refused.map((outcome) => outcome.status === 'rejected' && String(outcome.reason))
    expect(new Set(reasons)).toEqual(
      new Set(['InvalidCredentials: This e-mail address and password do not belong together.']),
    )
  })

  test('an unknown address costs the same work as a wrong password: one key derivation', async () => {
    const { email } = await join()
    const caller = await kit.callerOf()
    const { password: passwords } = await caller.auth.$context
    const derivations = [vi.spyOn(passwords, 'hash'), vi.spyOn(passwords, 'verify')]
    const work = async (address: string) => {
      for (const spy of derivations) spy.mockClear()
      await expect(signIn(caller, { email: address, password: 'wrong horse' })).rejects.toThrow()
      return derivations.reduce((sum, { mock }) => sum + mock.calls.length, 0)
    }
    expect([await work(email), await work(freshEmail())]).toEqual([1, 1])
    vi.restoreAllMocks()
  })

  test('ends the session, and its event tells so', async () => {
    const { token, userId } = await join()
    const { viewer } = await read(bearer(token))
    const ended = await signOut({ ...(await kit.callerOf()), viewer })
    expect(ended).toEqual({ endedSessionId: viewer?.sessionId })
    expect((await read(bearer(token))).credentials).toBe('REFUSED')
    const events = await kit.app.services.db.event.findMany({
      where: { actorId: userId, type: 'session.ended' },
    })
    expect(events.map(({ subjectId }) => subjectId)).toEqual([viewer?.sessionId])
    await signOut({ ...(await kit.callerOf()), viewer })
    expect(await kit.app.services.db.event.count({ where: { actorId: userId, type: 'session.ended' } })).toBe(
      1,
    )
  })

  test('needs somebody who is signed in to sign out', async () => {
    await expect(signOut(await kit.callerOf())).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})
