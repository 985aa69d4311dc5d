import { existsSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLES } from '../../src/http/graphiql-examples.ts'
import { createStub, listening } from './stub.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const PATIENT = { timeout: 30_000, interval: 100 }
const HTML = { accept: 'text/html' }

describe('the GraphiQL page', () => {
  test('is served to browsers only', async () => {
    const { app } = createStub()
    const page = await app.fetch('/graphql', { headers: HTML })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const api = await app.fetch('/graphql?query={hello}', { headers: { accept: 'application/json' } })
    expect(await api.json()).toEqual({ data: { hello: 'Hello you' } })
  })

  test('names nothing outside that a browser would load', async () => {
    const { app } = createStub()
    const html = await (await app.fetch('/graphql', { headers: HTML })).text()
    const markup = html.slice(0, html.indexOf('<script nonce='))
    expect(markup).not.toMatch(/(?:src|href)="(?!data:)/)
    expect(markup).not.toMatch(/url\(["']?(?!data:|#)[a-z]*:?\/\//i)
    expect(markup).not.toMatch(/@import/)
    expect(html.match(/<script nonce="[\w+/=]{24}">/g)).toHaveLength(1)
  })

  test('has a nonce of its own each time, and a policy that allows nothing else', async () => {
    const { app } = createStub()
    const [one, other] = await Promise.all([1, 2].map(() => app.fetch('/graphql', { headers: HTML })))
    const policy = one?.headers.get('content-security-policy')
    expect(policy).not.toBe(other?.headers.get('content-security-policy'))
    expect(policy).toMatch(/^default-src 'none'; script-src 'nonce-[\w+/=]{24}'; /)
    expect(policy).not.toContain('unsafe-eval')
    expect(policy).toContain("connect-src 'self'")
  })
})

describe.skipIf(!existsSync(CHROMIUM))(`in Chromium (skipped without ${CHROMIUM})`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    })
  }, 60_000)
  afterAll(() => browser?.close())

  test('it loads, asks nobody else, and runs an operation with the headers of its editor', async () => {
    const { app } = createStub()
    await listening(app, async (url) => {
      const page = await browser.newPage()
      const troubles = watch(page, url)
      await page.goto(`${url}/graphql?query={token}`, { waitUntil: 'load' })
      await page.getByRole('button', { name: /execute query/i }).click({ timeout: 30_000 })
      await expect.poll(() => textOf(page), PATIENT).toContain('"token": null')
      await page.waitForTimeout(500)
      expect(troubles).toEqual([])
      await page.close()
    })
  }, 90_000)

  test('its tabs are the examples, with a place for the token', async () => {
    const { app } = createStub()
    await listening(app, async (url) => {
      const page = await browser.newPage()
      const troubles = watch(page, url)
      await page.goto(`${url}/graphql`, { waitUntil: 'load' })
      await expect.poll(() => textOf(page), PATIENT).toContain('Bearer <token>')
      const text = await textOf(page)
      expect(text).toContain('authorization')
      await page.getByRole('button', { name: 'WhoAmI', exact: true }).click()
      await expect.poll(() => textOf(page), PATIENT).toContain('# 2. Who am I, and where?')
      for (const { query } of EXAMPLES) {
        expect(text).toContain(
          /(?:query|mutation|subscription) (\w+)/.exec(query.replace(/^#.*$/gm, ''))?.[1],
        )
      }
      expect(troubles).toEqual([])
      await page.close()
    })
  }, 90_000)
})

/** Monaco writes its spaces as non-breaking ones. */
const textOf = async (page: Page) =>
  ((await page.locator('#root').textContent()) ?? '').replaceAll('\u00a0', ' ')

/** Everything that went wrong or went elsewhere while a page was open. */
function watch(page: Page, origin: string): string[] {
  const troubles: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      troubles.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`page: ${error.message}`))
  page.on('requestfailed', (request) => troubles.push(`failed: ${request.url().slice(0, 200)}`))
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(origin))
      troubles.push(`left: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()}: ${response.url()}`)
  })
  return troubles
}
