import { expect, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { tokenIn, waitForMail } from '../kit/mail.ts'
import { createWorld } from '../kit/world.ts'
import { describeInBrowser, useConsole } from './browser.ts'

const app = useTestApp({ JOBS: '0' })
const PASSWORD = 'correct horse battery'

describeInBrowser('the entrance of the console', () => {
  const browser = useConsole(app)

  test('somebody signs up, confirms their address, signs out, and in again with a new password', async () => {
    const email = 'ines@example.com'
    app.current.secrets.set('password', PASSWORD)
    await browser.visit(
      null,
      async ({ page, open, audit }) => {
        await open('/')
        await audit('Sign in')
        await page.getByRole('link', { name: 'Create an account' }).click()
        await audit('Create an account')
        await page.getByLabel('Your name').fill('Ines Weber')
        await page.getByLabel('E-mail').fill(email)
        await page.getByLabel('Password').fill(PASSWORD)
        await page.getByLabel('Organization').fill('Weber Maps')
        await page.getByRole('button', { name: 'Create account' }).click()
        await audit('Confirm your address')
        await page.getByRole('button', { name: 'Send it again' }).click()
        await page.getByText('It was sent again.').waitFor()
        // A second mail replaces the token of the first.
        const token = tokenIn(await waitForMail(app.current, email, 2))
        await open(`/verify-email?token=${token}`)
        await audit('Confirm your address')
        await page.getByRole('button', { name: 'Confirm' }).click()
        await page.getByRole('link', { name: 'Go on' }).click()
        await audit('Hello, Ines')
        await page
          .getByRole('link', { name: /Weber Maps/ })
          .first()
          .waitFor()

        await page.getByRole('button', { name: /account and appearance/ }).click()
        await page.getByRole('menuitem', { name: 'Sign out' }).click()
        await audit('Sign in')
        await page.getByRole('link', { name: 'Forgot your password?' }).click()
        await audit('Forgot your password?')
        await page.getByLabel('E-mail').fill(email)
        await page.getByRole('button', { name: 'Send me a link' }).click()
        await audit('Look into your mail')
        await open(`/reset-password?token=${tokenIn(await waitForMail(app.current, email, 3))}`)
        await audit('Choose a new password')
        await page.getByLabel('New password').fill(`${PASSWORD} staple`)
        await page.getByRole('button', { name: 'Change the password' }).click()
        await audit('Your password is changed')
        await page.getByRole('link', { name: 'Sign in' }).click()
        await page.getByLabel('E-mail').fill(email)
        await page.getByLabel('Password').fill(PASSWORD)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('alert').waitFor()
        await page.getByLabel('Password').fill(`${PASSWORD} staple`)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await audit('Hello, Ines')
      },
      { expected: /401/ },
    )
  })

  test('a page that needs a session is shown after signing in, and an ended session leads back', async () => {
    const { owner, slug } = await createWorld(app.current).tenant()
    await browser.visit(
      owner,
      async ({ page, open }) => {
        await open(`/organizations/${slug}/members`)
        await page.getByRole('list', { name: 'Members' }).waitFor()
        await app.current.services.db.session.deleteMany({ where: { userId: owner.userId } })
        // A request of the page itself may meet the end of the session first, and then the link is gone already.
        const signIn = page.getByRole('heading', { name: 'Sign in' })
        await page.getByRole('link', { name: 'Roles' }).or(signIn).first().click()
        await signIn.waitFor()
        const next = new URL(page.url()).searchParams.get('next')
        expect([`/organizations/${slug}/members`, `/organizations/${slug}/roles`]).toContain(next)
        await open('/sign-in?next=//evil.test')
        await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      },
      { expected: /401/ },
    )
  })

  test('an invite is accepted by the person it is for, and declined', async () => {
    const world = createWorld(app.current)
    const { owner, first, organizationId } = await world.tenant()
    const guest = await world.person()
    const stranger = await world.person()
    const invite = (email: string) =>
      app.current.run(
        `mutation ($scope: ID!, $email: String!) { createInvites(input: { scopeId: $scope,
          invites: [{ email: $email, role: "WRITE" }] }) { __typename } }`,
        { scope: first.id, email },
        owner.token,
      )
    await invite(guest.email)
    const token = tokenIn(await waitForMail(app.current, guest.email))
    await browser.visit(stranger, async ({ page, open, audit }) => {
      await open(`/accept-invite?token=${token}`)
      await audit('Join General')
      await page.getByText(`You are signed in as ${stranger.email}`).waitFor()
    })
    await browser.visit(guest, async ({ page, open, audit }) => {
      await open('/')
      await page.getByRole('list', { name: 'Invites for you' }).waitFor()
      await audit(/Hello/)
      await page.getByRole('link', { name: 'I have the link' }).click()
      await page.getByLabel('The link of the mail').fill(`http://127.0.0.1:4000/accept-invite?token=${token}`)
      await page.getByRole('button', { name: 'Go on' }).click()
      await audit('Join General')
      await page.getByRole('button', { name: 'Accept' }).click()
      await audit('General')
    })
    const { viewerRole } = await app.current.services.db.workspaceMember
      .findFirstOrThrow({ where: { userId: guest.userId, organizationId }, select: { role: true } })
      .then(({ role }) => ({ viewerRole: role.key }))
    expect(viewerRole).toBe('WRITE')

    await invite(stranger.email)
    const other = tokenIn(await waitForMail(app.current, stranger.email))
    await browser.visit(stranger, async ({ page, open }) => {
      await open(`/accept-invite?token=${other}`)
      await page.getByRole('button', { name: 'Decline' }).click()
      await page.getByText('You have declined.').waitFor()
      await open('/accept-invite?token=unknown')
      await page.getByText('This link is not known.').waitFor()
    })
  })
})

test('the console is one page with a strict policy, and files that may be kept', async () => {
  const fetchText = async (path: string, headers: Record<string, string> = {}) => {
    const response = await app.current.app.fetch(path, { headers })
    return { response, text: await response.text() }
  }
  const { response, text } = await fetchText('/console/organizations/any/thing')
  expect(response.status).toBe(200)
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("script-src 'self';")
  expect(policy).not.toContain('unsafe')
  expect(text).toContain('<base href="/console/"')
  expect(text).not.toContain('%NONCE%')
  const again = await fetchText('/console')
  expect(again.response.headers.get('content-security-policy')).not.toBe(policy)

  const [, file = ''] = /src="\.\/(assets\/[^"]+\.js)"/.exec(text) ?? []
  const asset = await app.current.app.fetch(`/console/${file}`, { headers: { 'accept-encoding': 'gzip' } })
  expect(asset.headers.get('cache-control')).toContain('immutable')
  expect(asset.headers.get('content-encoding')).toBe('gzip')
  const etag = asset.headers.get('etag') ?? ''
  expect((await fetchText(`/console/${file}`, { 'if-none-match': etag })).response.status).toBe(304)

  for (const path of [
    'assets/none.js',
    'assets/..%2findex.html',
    'assets/%2e%2e/%2e%2e/main.js',
    'assets/',
  ]) {
    const { response: missing, text: body } = await fetchText(`/console/${path}`)
    expect(missing.status === 404 || body.includes('<base href="/console/"'), path).toBe(true)
  }
  expect((await app.current.app.fetch('/console', { method: 'POST' })).status).toBe(405)
  expect((await app.current.app.fetch('/consoles')).status).toBe(404)
})
