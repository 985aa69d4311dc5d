import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { createWorld } from '../kit/world.ts'
import { describeInBrowser, useConsole, type Visit } from './browser.ts'

const app = useTestApp({ JOBS: '0' })
const world = () => createWorld(app.current)

const OF_ORGANIZATION = 'workspaces members invites roles settings activity provision general'.split(' ')
const OF_WORKSPACE = 'overview members invites contents settings preferences'.split(' ')

describeInBrowser('the console on every device', () => {
  const browser = useConsole(app)

  test('every page fits a phone, in the dark too', async () => {
    const { owner, slug, first, id } = await world().tenant()
    await app.current.services.db.user.update({
      where: { id: owner.userId },
      data: { platformRole: 'ADMIN' },
    })
    const { data } = await app.current.run<{
      createEventSubscription: { eventSubscription: { id: string } }
    }>(
      `mutation ($workspaceId: ID!) { createEventSubscription(input: { workspaceId: $workspaceId,
        url: "https://example.com/hooks", types: ["capability.*"] }) {
        ... on CreateEventSubscriptionPayload { eventSubscription { id } } } }`,
      { workspaceId: first.id },
      owner.token,
    )
    const home = `/organizations/${slug}`
    const inside = `${home}/workspaces/general`
    const pages = [
      '/',
      ...OF_ORGANIZATION.map((part) => `${home}/${part}`),
      ...OF_WORKSPACE.map((part) => `${inside}/${part}`),
      `${inside}/subscriptions/${data.createEventSubscription.eventSubscription.id}`,
      '/account',
      '/admin/users',
      '/admin/organizations',
      `/admin/organizations/${id}`,
      '/admin/workspaces',
      `/admin/workspaces/${first.id}`,
    ]
    const phone = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true } as const
    const visit = async ({ page, open, audit }: Visit) => {
      const shots = process.env.SHOTS
      if (shots) await mkdir(shots, { recursive: true })
      for (const [index, path] of pages.entries()) {
        await open(path)
        await audit(/./)
        const wide: number = await page.evaluate('document.documentElement.scrollWidth')
        expect(wide, path).toBeLessThanOrEqual(390)
        if (shots) await page.screenshot({ path: join(shots, `phone-${index}.png`), fullPage: true })
      }
    }
    await browser.visit(owner, visit, phone)
  })

  test('a workspace is made and a theme chosen by keyboard alone', async () => {
    const { owner, slug } = await world().tenant()
    await browser.visit(owner, async ({ page, open, audit }) => {
      await open(`/organizations/${slug}/workspaces`)
      await audit(/Org/)
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main')
      await page.getByRole('button', { name: 'New workspace' }).focus()
      await page.keyboard.press('Enter')
      await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('name')
      await page.keyboard.type('By hand')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'By hand' }).waitFor()
      await page.getByRole('button', { name: /account and appearance/ }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('menuitemradio', { name: 'Dark' }).focus()
      await page.keyboard.press('Enter')
      await expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
      await page.reload()
      await audit('By hand')
      expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    })
  })
})
