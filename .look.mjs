import { chromium } from 'playwright-core'
import { readFileSync } from 'node:fs'
const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8')
const [mode, width, ...paths] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const context = await browser.newContext({ viewport: { width: Number(width), height: 900 }, colorScheme: mode })
const page = await context.newPage()
page.on('console', (m) => { if (m.type() !== 'debug') console.log(m.type(), m.text().slice(0, 300)) })
page.on('pageerror', (e) => console.log('pageerror', e.message.slice(0, 500)))
const base = 'http://127.0.0.1:4555/console'
await page.goto(base + '/sign-in')
if (paths[0] === 'front') { await page.waitForTimeout(500); await page.screenshot({ path: `/tmp/gen/shots/sign-in-${mode}-${width}.png` }) }
await page.getByLabel('E-mail').fill(process.env.WHO ?? 'ada@demo.localhost')
await page.getByLabel('Password').fill('atrium-demo')
await page.getByRole('button', { name: 'Sign in' }).click()
await page.getByRole('heading', { name: /Hello/ }).waitFor({ timeout: 10000 })
for (const path of paths) {
  if (path === 'front') continue
  await page.goto(base + path)
  await page.waitForTimeout(900)
  await page.screenshot({ path: `/tmp/gen/shots/${path.replaceAll('/', '_') || 'home'}-${mode}-${width}.png`, fullPage: true })
  await page.evaluate(axe)
  const bad = await page.evaluate(`axe.run().then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).slice(0, 3).join(' | ')))`)
  console.log(path, bad)
}
await browser.close()
