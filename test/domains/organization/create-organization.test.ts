import { describe, expect, test } from 'vitest'
import { createOrganization } from '../../../src/domains/organization/create-organization.ts'
import { useTestApp } from '../../kit/app.ts'
import { createWorld } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)
const slugOf = async (id: string) =>
  (await app.current.services.db.organization.findUniqueOrThrow({ where: { id } })).slug

describe('O17 creating an organization', () => {
  test('makes its first workspace too, and the creator owns both', async () => {
    const { token, userId } = await world().person()
    const name = `Engines ${userId.slice(-6)}`
    const { data, errors } = await app.current.run(
      `mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) { ... on CreateOrganizationPayload {
        organization { name version createdBy { id } viewerRole { key } viewerAccess viewerPermissions
          workspaces { nodes { key } } members { totalCount } roles { totalCount } }
        workspace { name key viewerRole { key scope } viewerAccess } } } }`,
      { input: { name, workspaceName: 'Mill' } },
      token,
    )
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      createOrganization: {
        organization: {
          name,
          version: 1,
          viewerRole: { key: 'OWNER' },
          viewerAccess: 'OWNER',
          workspaces: { nodes: [{ key: 'mill' }] },
          members: { totalCount: 1 },
          roles: { totalCount: 8 },
        },
        workspace: {
          name: 'Mill',
          key: 'mill',
          viewerRole: { key: 'OWNER', scope: 'WORKSPACE' },
          viewerAccess: 'OWNER',
        },
      },
    })
  })

  test('T2 needs a verified address', async () => {
    const { token } = await world().person({ verified: false })
    const { data, errors } = await app.current.run(
      'mutation { createOrganization(input: { name: "x" }) { __typename } }',
      {},
      token,
    )
    expect(data).toEqual({ createOrganization: null })
    expect(errors?.[0]?.extensions.code).toBe('ACCOUNT_NOT_VERIFIED')
  })

  test('a slug is made from the name, and made unique', async () => {
    const caller = await (await world().person()).caller()
    const name = `Äpfel ${caller.viewer?.userId.slice(-8)}`
    const slugs: string[] = []
    for (let nth = 0; nth < 2; nth++)
      slugs.push(await slugOf((await createOrganization(caller, { name })).organizationId))
    expect(slugs).toEqual([`apfel-${name.slice(6)}`, `apfel-${name.slice(6)}-2`])
  })

  test('lesson 14: a given slug is never changed, also when many want it at once', async () => {
    const caller = await (await world().person()).caller()
    const slug = `s${caller.viewer?.userId.slice(-10)}`
    const wanted = () => createOrganization(caller, { name: 'Engines', slug })
    const answers = await Promise.allSettled([wanted(), wanted(), wanted(), wanted()])
    const won = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    expect(await Promise.all(won.map(({ organizationId }) => slugOf(organizationId)))).toEqual([slug])
    const names = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.name] : []))
    expect(names).toEqual(['SlugTaken', 'SlugTaken', 'SlugTaken'])
  })

  test('refuses what is no name or slug, and leaves nothing behind', async () => {
    const caller = await (await world().person()).caller()
    const refusals = [
      { name: '', path: 'name' },
      { name: '😀'.repeat(121), path: 'name' },
      { name: 'x', slug: 'Big', path: 'slug' },
      { name: 'x', slug: 'a--b', path: 'slug' },
      { name: 'x', slug: '1a', path: 'slug' },
      { name: 'x', slug: 'a'.repeat(49), path: 'slug' },
      { name: 'x', workspaceName: ' ', path: 'workspaceName' },
    ]
    for (const { path, ...wanted } of refusals) {
      await expect(createOrganization(caller, wanted), JSON.stringify(wanted)).rejects.toMatchObject({
        name: 'ValidationError',
        issues: [{ path }],
      })
    }
    const { db } = app.current.services
    expect(await db.organization.count({ where: { createdById: caller.viewer?.userId ?? '' } })).toBe(0)
  })
})
