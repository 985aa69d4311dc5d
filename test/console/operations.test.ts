import { expect, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { createWorld } from '../kit/world.ts'
import { describeInBrowser, useConsole } from './browser.ts'

const app = useTestApp({ JOBS: '0' })
const world = () => createWorld(app.current)

const FILE = `workspaces:
  - key: general
    name: Renamed by the file
  - key: rhine
    name: Rhine valley
    labels: [survey]
  - key: elbe
  - key: moselle
    members: [{ email: somebody@example.com, role: captain }]
`

describeInBrowser('clones and provisioning in the console', () => {
  const browser = useConsole(app)

  test('a workspace is cloned: first what it would have, then the thing', async () => {
    const { owner, slug, first, organizationId } = await world().tenant()
    await app.current.run(
      `mutation ($id: ID!) { installExtension(input: { workspaceId: $id, key: "charts" }) { __typename } }`,
      { id: first.id },
      owner.token,
    )
    await browser.visit(owner, async ({ page, open, audit }) => {
      await open(`/organizations/${slug}/workspaces/general`)
      await page.getByRole('button', { name: 'Clone' }).click()
      await audit('Clone General')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Second')
      await page.getByRole('button', { name: 'Preview' }).click()
      const plan = page.getByRole('region', { name: 'What the clone would have' })
      await plan.getByText('charts').waitFor()
      await audit('Clone General')
      expect(await app.current.services.db.workspace.count({ where: { organizationId } })).toBe(1)
      await page.getByRole('button', { name: 'Clone', exact: true }).last().click()
      await page.getByText('Second was made.').waitFor()
      await audit('Second')
    })
  })

  test('a file is planned, carried out with its progress live, and each workspace says what became of it', async () => {
    const { owner, slug } = await world().tenant()
    await browser.visit(owner, async ({ page, open, audit }) => {
      await open(`/organizations/${slug}/provision`)
      await audit(/Org/)
      const text = page.getByLabel('What there is to be')
      await text.fill('just words')
      await page.getByRole('button', { name: 'Show the plan' }).click()
      await page.getByText(/There has to be a list of workspaces/).waitFor()
      await text.fill('workspaces: [{ key: x }]')
      await page.getByRole('button', { name: 'Show the plan' }).click()
      await page.getByRole('alert').getByText('workspaces.0.key').waitFor()
      await text.fill(FILE)
      await page.getByRole('button', { name: 'Show the plan' }).click()
      const plan = page.getByRole('region', { name: 'The plan' })
      await plan.getByText('2 to create').waitFor()
      await plan.getByText('1 to change').waitFor()
      await plan.getByText('1 refused').waitFor()
      await audit(/Org/)
      await page.getByRole('button', { name: 'Carry it out' }).click()
      await page.getByText('Done', { exact: true }).waitFor()
      await page.getByRole('link', { name: 'rhine' }).waitFor()
      await audit(/Org/)
      await page.getByRole('link', { name: 'All operations' }).click()
      await page.getByRole('list', { name: 'Operations' }).getByText('4 workspaces').waitFor()
      await page.getByRole('link', { name: 'Workspaces', exact: true }).click()
      await page.getByRole('list', { name: 'Workspaces' }).getByText('Rhine valley').waitFor()
    })
  })

  test('what happens in an organization appears by itself', async () => {
    const { owner, slug, id } = await world().tenant()
    await browser.visit(owner, async ({ page, open, audit }) => {
      await open(`/organizations/${slug}/activity`)
      await audit(/Org/)
      const events = page.getByRole('list', { name: 'Activity' }).getByRole('listitem')
      const before = await events.count()
      await app.current.run(
        'mutation ($id: ID!) { createWorkspace(input: { organizationId: $id, name: "New" }) { __typename } }',
        { id },
        owner.token,
      )
      await expect.poll(() => events.count()).toBeGreaterThan(before)
    })
  })

  test('CSV and JSON are read too', async () => {
    const { owner, slug } = await world().tenant()
    await browser.visit(owner, async ({ page, open }) => {
      await open(`/organizations/${slug}/provision`)
      const text = page.getByLabel('What there is to be')
      await text.fill('key,name,labels\nmain,Main river,water|survey\ninn,"Inn, upper",')
      await page.getByRole('button', { name: 'Show the plan' }).click()
      await page.getByText('2 to create').waitFor()
      await text.fill('[{"key": "saale", "name": "Saale"}]')
      await page.getByRole('button', { name: 'Show the plan' }).click()
      await page.getByText('1 to create').waitFor()
    })
  })
})
