#!/usr/bin/env node
// Opens a page in Chromium and writes a screenshot: what a person sees, for people without a screen.
// node scripts/screenshot.mjs http://127.0.0.1:4000/graphql graphiql.png [--wait=2000] [--width=1440] [--height=900]
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    wait: { type: 'string', default: '2000' },
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '900' },
  },
})
const [url, file] = positionals
if (!url || !file) {
  process.stderr.write(
    'Usage: node scripts/screenshot.mjs <url> <file.png> [--wait=ms] [--width=px] [--height=px]\n',
  )
  process.exit(2)
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // Chromium refuses its sandbox to root, as in a container; the page is our own.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
try {
  const page = await browser.newPage({
    viewport: { width: Number(values.width), height: Number(values.height) },
  })
  page.on('console', (message) => process.stderr.write(`${message.type()}: ${message.text()}\n`))
  page.on('requestfailed', (request) => process.stderr.write(`failed: ${request.url()}\n`))
  await page.goto(url, { waitUntil: 'load' })
  await page.waitForTimeout(Number(values.wait))
  await page.screenshot({ path: file })
  process.stdout.write(`${file}\n`)
} finally {
  await browser.close()
}
