import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { createWorld } from '../kit/world.ts'
import { choose, describeInBrowser, useConsole } from './browser.ts'

const app = useTestApp({ JOBS: '0' })
const world = () => createWorld(app.current)

describeInBrowser('the rest of the console', () => {
  const browser = useConsole(app)

  test('settings say where a value comes from, and a lock keeps workspaces from their own', async () => {
    const { owner, slug } = await world().tenant()
    await browser.visit(owner, async ({ page, open, audit }) => {
      await open(`/organizations/${slug}/settings`)
      await audit(/Org/)
      await choose(page, /Who may invite/, 'Owners')
      await page.getByText('What counts: Owners').waitFor()
      await page.getByText('Lock', { exact: true }).first().click()
      await page.getByRole('switch', { name: 'Lock Who may invite for workspaces', checked: true }).waitFor()
      await page.getByLabel('New feature').fill('beta-search')
      await page.getByRole('button', { name: 'Switch on' }).click()
      await page.getByText('beta-search', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'New integration' }).click()
      await audit('New integration')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('mailer')
      await page.getByLabel('Configuration').fill('not json')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.getByText('The configuration has to be a JSON object.').waitFor()
      await page.getByLabel('Configuration').fill('{"host": "mail.example.com"}')
      await page.getByRole('textbox', { name: 'Secret', exact: true }).fill('password')
      await page.getByLabel('Value of the secret').fill('hunter2-hunter2')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.getByText(/Secrets: password/).waitFor()
      expect(await page.locator('body').textContent()).not.toContain('hunter2')
      await audit(/Org/)
      await open(`/organizations/${slug}/workspaces/general/settings`)
      await audit('General')
      await page.getByText('Locked by the organization').first().waitFor()
      expect(await page.getByRole('button', { name: /Who may invite/ }).isDisabled()).toBe(true)
      await choose(page, /Who may clone/, 'Administrators')
      await page.getByText('Own value').waitFor()
    })
  })

  test('preferences have a value for everybody and one of my own', async () => {
    const { owner, slug } = await world().tenant()
    await browser.visit(owner, async ({ page, open, audit }) => {
      await open(`/organizations/${slug}/workspaces/general/preferences`)
      await audit('General')
      const [mine, everybody] = ['Mine', 'Of the workspace'].map((name) => page.getByRole('region', { name }))
      await everybody?.getByLabel('Time zone').fill('Europe/Zurich')
      await everybody?.getByRole('button', { name: 'Save' }).click()
      await page.getByText('The preferences of the workspace were saved.').waitFor()
      await mine?.getByLabel('Language and region').fill('not a language')
      await mine?.getByRole('button', { name: 'Save' }).click()
      await mine?.getByText(/not a locale of BCP 47/).waitFor()
      await mine?.getByLabel('Language and region').fill('de-CH')
      await mine?.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Your preferences were saved.').waitFor()
      const counts = page.getByRole('region', { name: 'What counts for you' })
      await expect.poll(() => counts.textContent()).toContain('Europe/Zurich Of the workspace')
      await expect.poll(() => counts.textContent()).toContain('de-CH Your own')
    })
  })

  test('a workspace holds resources, extensions, capabilities and subscriptions, whose secret is shown once', async () => {
    const { owner, slug } = await world().tenant()
    await browser.visit(owner, async ({ page, open, audit }) => {
      await open(`/organizations/${slug}/workspaces/general/contents`)
      await audit('General')
      await page.getByRole('button', { name: 'Install extension' }).click()
      await page.getByRole('textbox', { name: 'Extension' }).fill('@acme/charts')
      await page.getByRole('button', { name: 'Install', exact: true }).click()
      await page.getByRole('list', { name: 'Extensions' }).getByText('@acme/charts').waitFor()
      await page.getByRole('button', { name: 'Register capability' }).click()
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('routing')
      await page.getByRole('button', { name: 'Register', exact: true }).click()
      await page.getByRole('list', { name: 'Capabilities' }).getByText('routing').waitFor()
      await page.getByRole('button', { name: 'Subscribe' }).click()
      await page.getByRole('textbox', { name: 'Address' }).fill('https://example.com/hooks')
      await page.getByRole('button', { name: 'Subscribe' }).last().click()
      const secret = await page.getByText(/^whsec_/).textContent()
      await audit('Subscribe an address')
      await page.getByRole('button', { name: 'Close' }).click()
      await page
        .getByRole('list', { name: 'Event subscriptions' })
        .getByText('https://example.com/hooks')
        .waitFor()
      expect(await page.locator('body').textContent()).not.toContain(secret)
      await audit('General')
      await page.getByRole('button', { name: 'Uninstall @acme/charts' }).click()
      await page.getByText('No extensions').waitFor()
    })
  })

  test('an account has a profile, tokens that are shown once, sessions, and an end', async () => {
    const person = await world().person()
    const elsewhere = await world().person()
    await app.current.services.db.session.updateMany({
      where: { userId: elsewhere.userId },
      data: { userId: person.userId, userAgent: 'Elsewhere' },
    })
    await browser.visit(person, async ({ page, open, audit }) => {
      await open('/account')
      await audit('Account')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Mira Holt')
      await page.getByRole('button', { name: 'Save profile' }).click()
      await page.getByText('Your profile was saved.').waitFor()
      await page.getByRole('button', { name: 'New token' }).click()
      await audit('New token')
      await page.getByRole('textbox', { name: 'Name' }).last().fill('Nightly')
      await page.getByText('See the workspace', { exact: true }).click()
      await page.getByRole('button', { name: 'Create', exact: true }).click()
      const secret = (await page.getByRole('dialog').getByText(/^atr_/).textContent()) ?? ''
      app.current.secrets.set('token', secret)
      const { data } = await app.current.run<{ viewer: { user: { fullName: string } } }>(
        '{ viewer { user { fullName } } }',
        {},
        secret,
      )
      expect(data.viewer.user.fullName).toBe('Mira Holt')
      await page.getByRole('button', { name: 'Close', exact: true }).click()
      await page.getByText('1 permission').waitFor()
      await page.getByRole('button', { name: 'Revoke Nightly' }).click()
      await page.getByText('No tokens').waitFor()
      await page.getByText('Elsewhere').waitFor()
      await page.getByRole('button', { name: 'End all others' }).click()
      await page.getByText('1 session', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Close my account' }).click()
      await audit('Close your account?')
      await page.getByLabel('Your password').fill('a guess at it')
      await page.getByRole('button', { name: 'Close for ever' }).click()
      await page.getByRole('alert').waitFor()
    })
  })

  test('the platform: accounts are made, suspended and deleted, tenants are found and purged', async () => {
    const admin = await world().person({ platformAdmin: true })
    const { owner, workspace, first, slug, id: tenantId } = await world().tenant()
    const { id } = await workspace({ name: 'Doomed', key: 'doomed' })
    await app.current.run(
      'mutation ($id: ID!) { deleteWorkspace(input: { id: $id }) { __typename } }',
      { id },
      owner.token,
    )
    expect(first.id).not.toBe(id)
    await browser.visit(admin, async ({ page, open, audit }) => {
      await open('/')
      await page.getByRole('link', { name: 'Platform' }).click()
      await audit('Platform')
      await page.getByRole('button', { name: 'New account' }).click()
      await audit('New account')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Nils Berg')
      await page.getByLabel('E-mail').fill('nils@example.com')
      await page.getByLabel('Password').fill('long enough for Nils')
      await page.getByText('I vouch for the address').click()
      await page.getByRole('button', { name: 'Create', exact: true }).click()
      await page.getByText('Nils Berg has an account now.').waitFor()
      await page.getByRole('searchbox').fill('nils@')
      await page.getByText('1 person', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Edit Nils Berg' }).click()
      await page.getByText(/Suspended: signs in nowhere/).click()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Suspended', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Delete Nils Berg' }).click()
      await audit('Delete Nils Berg?')
      await page.getByRole('button', { name: 'Delete for ever' }).click()
      await page.getByText('Nobody matches').waitFor()
      await page.getByRole('link', { name: 'Organizations', exact: true }).click()
      await page
        .getByRole('list', { name: 'Organizations' })
        .getByText(`Org ${owner.fullName}`, { exact: true })
        .waitFor()
      await audit('Platform')
      await page.getByLabel('Id or name in links of an organization').fill(slug)
      await page.getByRole('button', { name: 'Look up' }).click()
      await audit(`Org ${owner.fullName}`)
      await page.getByText(tenantId, { exact: true }).waitFor()
      const inside = page.getByRole('list', { name: 'Workspaces of the organization' })
      await inside.getByRole('link', { name: /^General/ }).click()
      await page.waitForURL(`**/admin/workspaces/${first.id}`)
      await audit('General')
      await open(`/admin/organizations/${tenantId}`)
      await page.getByRole('heading', { name: `Org ${owner.fullName}` }).waitFor()
      await open('/admin/organizations/none-has-this')
      await page.getByText('No organization has this name in links').waitFor()
      await open('/admin/workspaces/Nonsense')
      await page.getByText(/is not an id of this API/).waitFor()
      await audit('Platform')
      await page.getByRole('link', { name: 'All workspaces' }).click()
      await page.getByLabel('Id of a workspace').fill(id)
      await page.getByRole('button', { name: 'Look up' }).click()
      await page.getByText(/kept until/).waitFor()
      await page.getByRole('link', { name: 'Workspaces', exact: true }).click()
      // Organizations have the same select.
      await page.getByRole('searchbox', { name: 'Search workspaces' }).waitFor()
      await choose(page, /Show/, 'Deleted')
      await page.getByRole('button', { name: 'Purge Doomed' }).click()
      await audit('Purge Doomed?')
      await page.getByRole('button', { name: 'Purge', exact: true }).click()
      await page.getByText('Doomed is gone for ever.').waitFor()
    })
    await browser.visit(owner, async ({ page, open }) => {
      await open('/admin/users')
      await page.getByRole('heading', { name: /Hello/ }).waitFor()
      expect(await page.getByRole('link', { name: 'Platform' }).count()).toBe(0)
    })
  })

  test('whoever is signed in here is signed in in GraphiQL, without copying a token', async () => {
    const { owner, slug } = await world().tenant()
    await browser.visit(owner, async ({ page, open }) => {
      await open('/')
      await page.getByRole('link', { name: 'GraphiQL' }).click({ noWaitAfter: true })
      await page.getByRole('button', { name: 'WhoAmI', exact: true }).click({ timeout: 30_000 })
      await page.getByRole('button', { name: /execute query/i }).click()
      const shown = async () => ((await page.locator('#root').textContent()) ?? '').replaceAll('\u00a0', ' ')
      await expect.poll(shown, { timeout: 30_000 }).toContain(`"slug": "${slug}"`)
    })
  })

  test('it works by keyboard alone, in the dark, and on a phone without scrolling sideways', async () => {
    const { owner, slug } = await world().tenant()
    const phone = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true } as const
    await browser.visit(
      owner,
      async ({ page, open, audit }) => {
        const shots = process.env.SHOTS
        if (shots) await mkdir(shots, { recursive: true })
        const home = `/organizations/${slug}`
        const inside = `${home}/workspaces/general`
        const parts = ['overview', 'members', 'invites', 'contents', 'settings', 'preferences']
        const pages = [
          '/',
          ...[
            'workspaces',
            'members',
            'invites',
            'roles',
            'settings',
            'activity',
            'provision',
            'general',
          ].map((part) => `${home}/${part}`),
          ...parts.map((part) => `${inside}/${part}`),
          '/account',
        ]
        for (const path of pages) {
          await open(path)
          await audit(/./)
          const wide: number = await page.evaluate('document.documentElement.scrollWidth')
          expect(wide, path).toBeLessThanOrEqual(390)
          const name = `phone${path.replace(slug, 'org').replaceAll('/', '-')}.png`
          if (shots) await page.screenshot({ path: join(shots, name), fullPage: true })
        }
      },
      phone,
    )
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
