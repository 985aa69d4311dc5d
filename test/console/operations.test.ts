import { expect, onTestFinished, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { answering, openReceiver } from '../kit/receiver.ts'
import { createWorld } from '../kit/world.ts'
import { choose, describeInBrowser, useConsole } from './browser.ts'

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
  const browser = useConsole(app, { WEBHOOK_PRIVATE_NETWORKS: '1' })

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
      const text = page.getByLabel('Workspaces, as YAML, JSON or CSV')
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
    const { owner, slug, id, first } = await world().tenant()
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
      const created = events.filter({ hasText: 'Workspace created' }).first()
      await created.getByText('New', { exact: true }).first().waitFor()
      await app.current.run(
        'mutation ($id: ID!) { updateWorkspace(input: { id: $id, name: "Newer" }) { __typename } }',
        { id: first.id },
        owner.token,
      )
      await events.filter({ hasText: 'General → Newer' }).waitFor()
      await audit(/Org/)
    })
  })

  test('a subscription shows every attempt, and sends events again', async () => {
    const { owner, slug, first, grantee } = await world().tenant()
    const reader = await grantee(first.workspaceId, 'READ')
    const receiver = await openReceiver()
    onTestFinished(() => receiver.shut())
    const { data } = await app.current.run<{
      createEventSubscription: { eventSubscription: { id: string } }
    }>(
      `mutation ($workspaceId: ID!, $url: String!) { createEventSubscription(input: { workspaceId: $workspaceId,
        url: $url, types: ["workspace.*"] }) { ... on CreateEventSubscriptionPayload { eventSubscription { id } } } }`,
      { workspaceId: first.id, url: receiver.url },
      owner.token,
    )
    const { id } = data.createEventSubscription.eventSubscription
    const rename = (name: string) =>
      app.current.run(
        'mutation ($id: ID!, $name: String!) { updateWorkspace(input: { id: $id, name: $name }) { __typename } }',
        { id: first.id, name },
        owner.token,
      )
    const home = `/organizations/${slug}/workspaces/general`
    await browser.visit(owner, async ({ page, open, audit }) => {
      await open(`${home}/contents`)
      await page.getByRole('link', { name: receiver.url }).click()
      await page.getByText('Nothing was sent yet').waitFor()
      await audit('Event subscription')
      const attempts = page.getByRole('list', { name: 'Attempts' }).getByRole('listitem')
      receiver.answer = answering(500)
      await rename('Once')
      await attempts.filter({ hasText: 'status 500' }).first().waitFor()
      await page.getByText(/attempts? in a row failed/).waitFor()
      receiver.answer = answering(204)
      await attempts
        .first()
        .getByRole('button', { name: /Send again from here: workspace.updated/ })
        .click()
      await audit('Send events again?')
      await page.getByText('The first is').waitFor()
      await page.getByRole('button', { name: 'Send again', exact: true }).click()
      await page.getByText(/on is sent again\.$/).waitFor()
      await attempts.filter({ hasText: 'Delivered' }).first().waitFor()
      await page.getByRole('button', { name: 'Send events again' }).click()
      await page.getByLabel('From', { exact: true }).fill('2026-01-01T00:00')
      await page.getByRole('button', { name: 'Send again', exact: true }).click()
      const delivered = attempts.filter({ hasText: 'Delivered' })
      // The workspace was made before the address was subscribed.
      await delivered.filter({ hasText: 'workspace.created' }).first().waitFor()
      await choose(page, /Show/, 'Failed')
      await expect.poll(() => delivered.count()).toBe(0)
      await attempts.filter({ hasText: 'status 500' }).first().waitFor()
      await audit('Event subscription')
    })
    const ids = receiver.accepted().map((one) => one.id)
    expect(ids.length).toBeGreaterThan(1)
    await browser.visit(reader, async ({ page, open }) => {
      await open(`${home}/subscriptions/${id}`)
      await page.getByText(/does not include “Subscribe to events”/).waitFor()
    })
  })

  test('CSV and JSON are read too', async () => {
    const { owner, slug } = await world().tenant()
    await browser.visit(owner, async ({ page, open }) => {
      await open(`/organizations/${slug}/provision`)
      const text = page.getByLabel('Workspaces, as YAML, JSON or CSV')
      await text.fill('key,name,labels\nmain,Main river,water|survey\ninn,"Inn, upper",')
      await page.getByRole('button', { name: 'Show the plan' }).click()
      await page.getByText('2 to create').waitFor()
      await text.fill('[{"key": "saale", "name": "Saale"}]')
      await page.getByRole('button', { name: 'Show the plan' }).click()
      await page.getByText('1 to create').waitFor()
    })
  })
})
