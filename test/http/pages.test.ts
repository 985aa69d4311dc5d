import { describe, expect, test } from 'vitest'
import { requestPasswordReset } from '../../src/domains/identity/request-password-reset.ts'
import { signIn } from '../../src/domains/identity/sign-in.ts'
import { form, html, page } from '../../src/http/pages/frame.ts'
import { freshEmail, PASSWORD, useIdentity } from '../domains/identity/identity-kit.ts'
import { type SentMail, tokenIn } from '../kit/mail.ts'

const kit = useIdentity()

const linkIn = ({ text }: SentMail) => /http\S+/.exec(text)?.[0] ?? ''

async function open(url: string) {
  const response = await kit.app.app.fetch(url)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

async function send(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await kit.app.app.fetch(path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  })
  return { status: response.status, text: await response.text() }
}

const isVerified = async (id: string) =>
  (await kit.app.services.db.user.findUniqueOrThrow({ where: { id } })).emailVerified

describe('/verify-email', () => {
  test('T2 opening the link of the mail changes nothing, its button confirms the address', async () => {
    const { email, userId } = await kit.join()
    const link = linkIn(await kit.mailTo(email))
    const opened = await open(link)
    expect(opened.status).toBe(200)
    expect(opened.text).toContain(email)
    expect(await isVerified(userId)).toBe(false)
    const done = await send('/verify-email', { token: new URL(link).searchParams.get('token') ?? '' })
    expect(done.status).toBe(200)
    expect(done.text).toContain('Your address is confirmed')
    expect(await isVerified(userId)).toBe(true)
    const again = await send('/verify-email', { token: new URL(link).searchParams.get('token') ?? '' })
    expect(again.text).toContain('Your address is confirmed')
  })

  test('a bad link says so and offers a new one', async () => {
    const { email } = await kit.join()
    for (const answer of [
      await open('/verify-email?token=rubbish'),
      await send('/verify-email', { token: 'rubbish' }),
    ]) {
      expect(answer.status).toBe(400)
      expect(answer.text).toContain('This link is no longer valid')
      expect(answer.text).toContain('name="email"')
    }
    const asked = await send('/verify-email', { email })
    const unknown = await send('/verify-email', { email: freshEmail() })
    expect(asked.text).toBe(unknown.text)
    await kit.settle()
    expect(await kit.mailsTo(email)).toHaveLength(2)
    expect((await send('/verify-email', { email: 'nobody' })).text).toContain('This is not an e-mail address')
  })
})

describe('/reset-password', () => {
  const ask = async () => {
    const person = await kit.join()
    await requestPasswordReset(await kit.callerOf(), { email: person.email })
    const mail = await kit.mailTo(person.email, /new password/)
    return { ...person, link: linkIn(mail), token: tokenIn(mail) }
  }

  test('sets the new password, once', async () => {
    const { email, link, token } = await ask()
    expect((await open(link)).text).toContain('Choose a new password')
    expect((await open(link)).text).toContain('type="password"')
    const done = await send('/reset-password', {
      token,
      password: 'battery staple',
      repeated: 'battery staple',
    })
    expect(done.text).toContain('Your password is changed')
    await signIn(await kit.callerOf(), { email, password: 'battery staple' })
    const again = await send('/reset-password', { token, password: 'third choice', repeated: 'third choice' })
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('This link is no longer valid')])
    expect((await open(link)).text).toContain('This link is no longer valid')
  })

  test('says what is wrong with the password, and the link stays good', async () => {
    const { email, token } = await ask()
    const short = await send('/reset-password', { token, password: 'short', repeated: 'short' })
    expect([short.status, short.text]).toEqual([
      400,
      expect.stringContaining('at least 8 characters.</span>'),
    ])
    expect(short.text).not.toContain('value="short"')
    const different = await send('/reset-password', {
      token,
      password: 'battery staple',
      repeated: 'staple battery',
    })
    expect(different.text).toContain('This is not the same password.')
    await signIn(await kit.callerOf(), { email, password: PASSWORD })
    expect(
      (await send('/reset-password', { token, password: 'battery staple', repeated: 'battery staple' }))
        .status,
    ).toBe(200)
  })

  test('without a token it sends a link', async () => {
    const { email } = await kit.join()
    expect((await open('/reset-password')).text).toContain('Forgot your password?')
    expect((await send('/reset-password', { email })).text).toContain('Look into your mailbox')
    await kit.mailTo(email, /new password/)
  })
})

describe('every page', () => {
  test('needs no script, loads nothing and tells no other site its address', async () => {
    const { headers, text } = await open('/reset-password?token=x')
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(text).not.toMatch(/<script|<link|<img|src=|url\(/)
  })

  test('refuses what is no form of its own', async () => {
    const statusOf = async (headers: Record<string, string>) =>
      (await send('/verify-email', { token: 'x' }, headers)).status
    expect(await statusOf({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    // Browsers from before Sec-Fetch-Site.
    expect(await statusOf({ origin: 'https://elsewhere.example' })).toBe(403)
    expect(await statusOf({ origin: 'null' })).toBe(403)
    expect(await statusOf({ origin: new URL(kit.app.services.env.PUBLIC_URL).origin })).not.toBe(403)
    expect(await statusOf({ origin: 'null', 'sec-fetch-site': 'same-origin' })).not.toBe(403)
    const json = await kit.app.app.fetch('/verify-email', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    expect(json.status).toBe(415)
    expect((await send('/verify-email', { token: 'x'.repeat(20_000) })).status).toBe(413)
    expect((await kit.app.app.fetch('/verify-email', { method: 'DELETE' })).status).toBe(405)
    expect((await open('/verify-email/other')).status).toBe(404)
  })

  test('escapes whatever it shows', async () => {
    const evil = `"><script>alert('x')</script>`
    const response = page({
      title: evil,
      body: html`<p>${evil}</p>${form({ action: 'x', hidden: { evil }, button: evil })}`,
    })
    expect(await response.text()).not.toContain('<script')
  })
})
