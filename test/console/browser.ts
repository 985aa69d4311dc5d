import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { TestApp } from '../kit/app.ts'
import { endLaunched, type Running, start } from '../kit/process.ts'
import type { Person } from '../kit/world.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const axe = () => readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A flow is many pages, each with an audit: on one busy core that takes a while, and nothing here is about speed. */
const PATIENCE = { flow: 180_000, step: 30_000 }

/** Tests of the console; without a browser they are left out, and say so. */
export const describeInBrowser = (title: string, tests: () => void): void => {
  const named = `${title} (skipped without ${CHROMIUM})`
  describe.skipIf(!existsSync(CHROMIUM))(named, { timeout: PATIENCE.flow }, tests)
}

/** A page of the console, and everything that went wrong on it. */
export interface Visit {
  page: Page
  /** Opens an address of the console. */
  open(path: string): Promise<void>
  /** Waits until nothing is on its way: no list is read again, no button waits for its answer. */
  settled(): Promise<void>
  /**
   * Waits until a heading is there and nothing is on its way, then looks for what keeps people out: no finding of axe may
   * be left.
   *
   * @param heading all of it, or a part as a pattern
   */
  audit(heading: string | RegExp): Promise<void>
  troubles: string[]
}

/**
 * A browser, and the process of `npm start` on the app's database, for the tests of one file. It writes mail where the tests
 * look for it; give the app the setting JOBS=0, so that no job is done outside of it.
 */
export function useConsole(app: { readonly current: TestApp }, settings: Record<string, string> = {}) {
  const held: { browser?: Browser; service?: Running } = {}
  beforeAll(async () => {
    const opened = [
      launchBrowser().then((browser) => Object.assign(held, { browser })),
      startService(app.current, settings).then((service) => Object.assign(held, { service })),
    ]
    await Promise.all(opened)
  }, PATIENCE.flow)
  afterAll(async () => {
    await held.browser?.close()
    if (!held.service) return endLaunched()
    held.service.signal('SIGTERM')
    const { code, stdout, stderr } = await held.service.exited
    // The secrets of the file are looked for in what the process has logged too.
    app.current.logs.push(stdout, stderr)
    expect({ code, failures: failuresIn(stdout + stderr) }).toEqual({ code: 0, failures: [] })
  }, PATIENCE.flow)

  /**
   * Visits the console, signed in as somebody or as nobody.
   *
   * @param expected troubles that belong to the test, such as a refused request
   */
  const visit = async (
    person: Pick<Person, 'token'> | null,
    work: (visit: Visit) => Promise<void>,
    options: BrowserContextOptions & { expected?: RegExp } = {},
  ): Promise<void> => {
    const { browser, service } = held
    if (!browser || !service) throw new Error('The browser and the service are started in beforeAll')
    const { url } = service
    const { expected, ...context } = options
    const calm = { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' } as const
    const opened = await browser.newContext({ ...calm, ...context })
    if (person) await opened.addCookies(await cookiesOf(app.current, person, url))
    const page = await opened.newPage()
    page.setDefaultTimeout(PATIENCE.step)
    const troubles = watch(page, url)
    const open = async (path: string) => {
      await page.goto(`${url}/console${path}`)
    }
    const audit = async (heading: string | RegExp) => {
      // A part of a name would let the page before pass: "General" is in "Join General".
      await page.getByRole('heading', { name: heading, exact: true }).first().waitFor()
      await page.getByRole('main').waitFor()
      await settled(page)
      expect(await findings(page), `${page.url()}: ${String(heading)}`).toEqual([])
    }
    try {
      await work({ page, open, audit, settled: () => settled(page), troubles })
      expect(troubles.filter((trouble) => !expected?.test(trouble))).toEqual([])
    } catch (error) {
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/failed-${Date.now()}.png` })
      throw error
    } finally {
      await opened.close()
    }
  }
  return { visit }
}

const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })

const startService = ({ databaseUrl, services }: TestApp, settings: Record<string, string>) =>
  start({
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: services.secrets.authSecret,
    DATA_DIR: services.env.DATA_DIR,
    RATE_LIMITS: '0',
    LOG_LEVEL: 'warn',
    ...settings,
  })

/** What the process has logged as an error: a page may look right although something broke behind it. */
function failuresIn(output: string): string[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{'))
  return lines.filter((line) => /^(error|fatal)$/.test((JSON.parse(line) as { level: string }).level))
}

async function cookiesOf(app: TestApp, { token }: Pick<Person, 'token'>, url: string) {
  const lines = await app.auth.cookiesFor(token)
  return lines.map((line) => {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url, httpOnly: true }
  })
}

/** What axe finds, each with where. */
async function findings(page: Page): Promise<string[]> {
  // As an expression of the debugger: the page's policy lets no script of ours in.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(await axe())
  // The library tells screen readers of buttons that are busy in a corner of its own, by a name that is gone again soon.
  return page.evaluate(
    `axe.run({ exclude: ['[data-live-announcer]'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ' at ' + target.join(' ') + ': ' + failureSummary)))`,
  )
}

async function settled(page: Page): Promise<void> {
  const underWay = page.locator('.loading, [aria-busy="true"], [data-pending]')
  await expect.poll(() => underWay.count(), { timeout: PATIENCE.step }).toBe(0)
}

/** Everything that a visitor would not see, but should not be there. */
function watch(page: Page, origin: string): string[] {
  const troubles: string[] = []
  page.on('console', (message) => {
    const isBad = message.type() === 'error' || message.type() === 'warning'
    if (isBad) troubles.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`page: ${error.message}`))
  page.on('request', (request) => {
    const isOwn = /^(data|blob):/.test(request.url()) || request.url().startsWith(origin)
    if (!isOwn) troubles.push(`left: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()}: ${response.url()}`)
  })
  return troubles
}

/** Chooses an option of a select by its label, when nothing is on its way that could take the select away. */
export async function choose(page: Page, label: string | RegExp, option: string | RegExp): Promise<void> {
  await settled(page)
  await page.getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option }).first().click()
}
