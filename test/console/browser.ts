import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { TestApp } from '../kit/app.ts'
import type { Person } from '../kit/world.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const axe = () => readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Tests of the console; without a browser they are left out, and say so. */
export const describeInBrowser = (title: string, tests: () => void): void => {
  describe.skipIf(!existsSync(CHROMIUM))(`${title} (skipped without ${CHROMIUM})`, tests)
}

/** A page of the console, and everything that went wrong on it. */
export interface Visit {
  page: Page
  /** Opens an address of the console. */
  open(path: string): Promise<void>
  /** Waits until a heading is there, then looks for what keeps people out: no finding of axe may be left. */
  audit(heading: string | RegExp): Promise<void>
  troubles: string[]
}

/** A browser and a socket in front of the app, for the tests of one file. */
export function useConsole(app: { readonly current: TestApp }) {
  const held: { browser?: Browser; server?: Server; url?: string } = {}
  beforeAll(async () => {
    held.browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    })
    const server = createServer(app.current.app.listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    held.server = server
    held.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }, 60_000)
  afterAll(async () => {
    await held.browser?.close()
    held.server?.closeAllConnections()
    await new Promise((resolve) => held.server?.close(resolve) ?? resolve(undefined))
  })

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
    const { browser, url } = held
    if (!browser || !url) throw new Error('The browser is started in beforeAll')
    const { expected, ...context } = options
    const opened = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context })
    if (person) await opened.addCookies(await cookiesOf(app.current, person, url))
    const page = await opened.newPage()
    page.setDefaultTimeout(15_000)
    const troubles = watch(page, url)
    const open = async (path: string) => {
      await page.goto(`${url}/console${path}`)
    }
    const audit = async (heading: string | RegExp) => {
      await page.getByRole('heading', { name: heading }).first().waitFor()
      await page.getByRole('main').waitFor()
      await page.locator('.loading').first().waitFor({ state: 'hidden' })
      expect(await findings(page), `${page.url()}: ${String(heading)}`).toEqual([])
    }
    try {
      await work({ page, open, audit, troubles })
      expect(troubles.filter((trouble) => !expected?.test(trouble))).toEqual([])
    } catch (error) {
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/failed-${Date.now()}.png` })
      throw error
    } finally {
      await opened.close()
    }
  }
  return {
    visit,
    get url() {
      return held.url ?? ''
    },
  }
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
  await page.evaluate(await axe())
  // The library tells screen readers of buttons that are busy in a corner of its own, by a name that is gone again soon.
  return page.evaluate(
    `axe.run({ exclude: ['[data-live-announcer]'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ' at ' + target.join(' ') + ': ' + failureSummary)))`,
  )
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

/** Chooses an option of a select by its label. */
export async function choose(page: Page, label: string | RegExp, option: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option }).first().click()
}
