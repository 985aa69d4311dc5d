import { expect, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { createWorld } from '../kit/world.ts'
import { choose, describeInBrowser, useConsole } from './browser.ts'

const app = useTestApp({ JOBS: '0' })
const world = () => createWorld(app.current)

describeInBrowser('workspaces in the console', () => {
  const browser = useConsole(app)

  test('an organization is created, and a workspace in it with labels and an area', async () => {
    const person = await world().person()
    await browser.visit(person, async ({ page, open, audit }) => {
      await open('/')
      await audit(/Hello/)
      await page.getByText('You belong to no organization yet').waitFor()
      await page.getByRole('button', { name: 'New organization' }).click()
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Delta Works')
      await page.getByRole('button', { name: 'Create' }).click()
      await audit('Delta Works')
      await page.getByRole('button', { name: 'New workspace' }).click()
      await audit('New workspace')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Flood plain')
      await page.getByRole('textbox', { name: 'Key' }).fill('general')
      await page.getByLabel('New label').fill('water, dikes')
      await page.getByRole('button', { name: 'Add' }).click()
      await page.getByLabel('Coordinate system').fill('EPSG:28992')
      const map = page.getByRole('img', { name: /World map/ })
      await map.scrollIntoViewIfNeeded()
      const box = await map.boundingBox()
      if (!box) throw new Error('There is no map')
      // From 0, 60 to 30, 45 degrees.
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 6)
      await page.mouse.down()
      await page.mouse.move(box.x + (box.width * 210) / 360, box.y + (box.height * 45) / 180, { steps: 4 })
      await page.mouse.up()
      await page.getByLabel('South').fill('50.5')
      await page.getByRole('button', { name: 'Create' }).click()
      // The key is taken by the first workspace: said at its field.
      await page.getByText(/is taken in this organization/).waitFor()
      await page.getByRole('textbox', { name: 'Key' }).fill('flood-plain')
      await page.getByRole('button', { name: 'Create' }).click()
      await audit('Flood plain')
      await page.getByText('EPSG:28992').waitFor()
      await page.getByText('dikes').waitFor()
    })
    const row = await app.current.services.db.workspace.findFirstOrThrow({
      where: { key: 'flood-plain', createdById: person.userId },
    })
    expect(row.labels).toEqual(['water', 'dikes'])
    const { coordinates } = row.boundingBox as { coordinates: number[][][] }
    const [[west, south] = []] = coordinates[0] ?? []
    expect(Math.abs(Number(west))).toBeLessThan(1)
    expect(south).toBe(50.5)
  })

  test('a list is searched, filtered, ordered, and read on to its end', async () => {
    const { owner, slug, workspace } = await world().tenant()
    const names = Array.from({ length: 45 }, (_, index) => `Site ${String(index).padStart(2, '0')}`)
    for (const [index, name] of names.entries()) {
      await workspace({ name, key: `site-${index}`, labels: index % 10 === 0 ? ['ten'] : [] })
    }
    await browser.visit(owner, async ({ page, open, audit }) => {
      const rows = page.getByRole('list', { name: 'Workspaces' }).getByRole('listitem')
      const firstRow = () => rows.first().textContent()
      await open(`/organizations/${slug}`)
      await audit(/Org/)
      await page.getByText('30 of 46 workspaces').waitFor()
      await page.mouse.wheel(0, 4_000)
      await page.getByText('46 workspaces', { exact: true }).waitFor()
      expect(await rows.count()).toBe(46)
      await choose(page, /Order/, 'Newest')
      await expect.poll(firstRow).toContain('Site 44')
      await page.getByRole('searchbox', { name: 'Search workspaces' }).fill('site 3')
      await page.getByText('10 workspaces', { exact: true }).waitFor()
      await page.getByText('Filter by more').click()
      await page.getByLabel('Filter', { exact: true }).fill('labels:ten')
      await page.getByText('1 workspace', { exact: true }).waitFor()
      expect(await firstRow()).toContain('Site 30')
      await page.getByRole('searchbox', { name: 'Search workspaces' }).fill('nothing like it')
      await page.getByText('Nothing matches').waitFor()
      await audit(/Org/)
      await page.getByLabel('Filter', { exact: true }).fill('labels:')
      await page.getByRole('alert').waitFor()
    })
  })

  test('machine learning is switched for several workspaces at once, and back', async () => {
    const { owner, slug, organizationId, member, workspace } = await world().tenant()
    await workspace({ name: 'Dunes', key: 'dunes' })
    await workspace({ name: 'Marsh', key: 'marsh' })
    const plain = await member()
    const on = () => app.current.services.db.workspace.count({ where: { organizationId, mlEnabled: true } })
    await browser.visit(owner, async ({ page, open, audit }) => {
      await open(`/organizations/${slug}/workspaces`)
      await audit(/Org/)
      const bar = page.getByRole('group', { name: 'Chosen workspaces' })
      const rows = page.getByRole('list', { name: 'Workspaces' })
      for (const name of ['Dunes', 'Marsh']) {
        await page.getByRole('checkbox', { name: `Choose ${name}` }).press('Space')
      }
      await bar.getByText('2 workspaces chosen').waitFor()
      await audit(/Org/)
      await bar.getByRole('button', { name: 'Machine learning on' }).click()
      await page.getByText('Machine learning is on for 2 workspaces.').waitFor()
      await expect.poll(() => rows.getByText('Machine learning', { exact: true }).count()).toBe(2)
      await bar.getByText('None chosen').waitFor()
      expect(await on()).toBe(2)
      await audit(/Org/)
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('Machine learning is as it was for 2 workspaces.').waitFor()
      expect(await on()).toBe(0)
    })
    await browser.visit(plain, async ({ page, open, settled }) => {
      await open(`/organizations/${slug}/workspaces`)
      await page.getByText(/Only administrators of the organization switch machine learning/).waitFor()
      await settled()
      expect(await page.getByRole('checkbox').count()).toBe(0)
    })
  })

  test('a workspace is changed, refuses to be deleted while it holds something, is deleted and brought back', async () => {
    const { owner, slug, workspace } = await world().tenant()
    const { workspaceId, id } = await workspace({ name: 'Dunes', key: 'dunes' })
    await browser.visit(owner, async ({ page, open, audit, settled }) => {
      await open(`/organizations/${slug}/workspaces/dunes`)
      await audit('Dunes')
      await page.getByRole('button', { name: 'Edit' }).click()
      await audit('Edit the workspace')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('High dunes')
      await page.getByLabel('West').fill('190')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').first().waitFor()
      await page.getByRole('button', { name: 'No area' }).click()
      await page.getByRole('button', { name: 'Save' }).click()
      await audit('High dunes')

      await page.getByRole('link', { name: 'Contents' }).click()
      await audit('High dunes')
      await page.getByRole('button', { name: 'Register resource' }).click()
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('tiles')
      await page.getByRole('button', { name: 'Register', exact: true }).click()
      await page.getByRole('list', { name: 'Resources' }).getByText('tiles').waitFor()
      await page.getByRole('link', { name: 'Overview' }).click()
      await page.getByRole('button', { name: 'Delete the workspace' }).click()
      await audit('Delete High dunes?')
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await page.getByText('It holds 1 repository and 0 buckets.').waitFor()
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByRole('link', { name: 'Contents' }).click()
      await page.getByRole('button', { name: 'Remove tiles' }).click()
      await page.getByText('No resources').waitFor()
      await page.getByRole('link', { name: 'Overview' }).click()
      await page.getByRole('button', { name: 'Delete the workspace' }).click()
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await page.getByText(/High dunes was deleted/).waitFor()
      await page.getByRole('searchbox', { name: 'Search workspaces' }).waitFor()
      await settled()
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('High dunes is back.').waitFor()
      await page.getByRole('list', { name: 'Workspaces' }).getByText('High dunes').click()
      await page.getByRole('button', { name: 'Delete the workspace' }).click()
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await choose(page, /Show/, 'Deleted')
      await page.getByRole('button', { name: 'Restore High dunes' }).click()
      await page.getByText('Nothing matches').waitFor()
    })
    const { deletedAt, name } = await app.current.services.db.workspace.findUniqueOrThrow({
      where: { id: workspaceId },
    })
    expect({ deletedAt, name, id }).toEqual({ deletedAt: null, name: 'High dunes', id })
  })

  test('a change of somebody else in between is not overwritten', async () => {
    const { owner, slug, first } = await world().tenant()
    await browser.visit(owner, async ({ page, open }) => {
      await open(`/organizations/${slug}/workspaces/general/overview`)
      await page.getByRole('button', { name: 'Edit' }).click()
      await app.current.run(
        'mutation ($id: ID!) { updateWorkspace(input: { id: $id, name: "Theirs" }) { __typename } }',
        { id: first.id },
        owner.token,
      )
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Mine')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').waitFor()
      await page.getByRole('button', { name: 'Load the current version' }).click()
      await expect
        .poll(() => page.getByRole('textbox', { name: 'Name', exact: true }).inputValue())
        .toBe('Theirs')
    })
  })

  test('what a reader may not do is not offered, and it says why', async () => {
    const { slug, first, grantee } = await world().tenant()
    const reader = await grantee(first.workspaceId, 'READ')
    await browser.visit(reader, async ({ page, open, audit }) => {
      await open(`/organizations/${slug}/workspaces`)
      await audit(/Org/)
      await page.getByText(/does not include “Create workspaces”/).waitFor()
      expect(await page.getByRole('button', { name: 'New workspace' }).count()).toBe(0)
      await open(`/organizations/${slug}/workspaces/general/overview`)
      await audit('General')
      await page.getByText(/Workspace Viewer, does not include “Change the workspace”/).waitFor()
      expect(await page.getByRole('button', { name: /Edit|Delete/ }).count()).toBe(0)
      expect(await page.getByRole('link', { name: 'Invites' }).count()).toBe(0)
      for (const part of ['Members', 'Contents', 'Settings', 'Preferences']) {
        await page.getByRole('link', { name: part }).click()
        await page.waitForURL(`**/${part.toLowerCase()}`)
        await page
          .getByText(/does not include/)
          .first()
          .waitFor()
        await audit('General')
      }
    })
  })

  test('what does not exist, or is not for the viewer, is not found', async () => {
    const other = await world().tenant()
    const person = await world().person()
    await browser.visit(person, async ({ page, open, audit }) => {
      await open(`/organizations/${other.slug}`)
      await page.getByRole('alert').getByText('Not found').waitFor()
      await open(`/organizations/${other.slug}/workspaces/general`)
      await page.getByRole('alert').getByText('Not found').waitFor()
      await open('/no/such/page')
      await audit('Not found')
    })
  })
})
