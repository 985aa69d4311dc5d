import { describe, expect, test } from 'vitest'
import { PLATFORM_STREAM } from '../../../src/platform/events.ts'
import { graphql } from '../../generated/index.ts'
import { useTestApp } from '../../kit/app.ts'
import { createWorld } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

const AdminWorkspace = graphql(`
  query AdminWorkspace($id: ID!, $deleted: Deleted) {
    admin { workspace(id: $id, deleted: $deleted) { id name viewerRole { key } viewerAccess organization { id } members { totalCount } } }
  }
`)
const AdminOrganization = graphql(`
  query AdminOrganization($id: ID!, $deleted: Deleted) {
    admin { organization(id: $id, deleted: $deleted) { id name deletedAt purgeAt } }
  }
`)
const AdminLists = graphql(`
  query AdminLists($deleted: Deleted) {
    admin {
      workspaces(first: 1000, deleted: $deleted) { totalCount nodes { id } }
      organizations(first: 1000, deleted: $deleted) { totalCount nodes { id } }
    }
  }
`)

const accesses = (actorId: string) =>
  app.current.services.db.event.findMany({
    where: { streamId: PLATFORM_STREAM, type: 'admin.accessed', actorId },
    orderBy: { sequence: 'asc' },
  })

describe('admin', () => {
  test('O4 O6 is for platform administrators with a verified address alone', async () => {
    const tenant = await world().tenant()
    const unverified = await world().person({ platformAdmin: true, verified: false })
    const code = async (token: string | null) => {
      const { data, errors } = await app.current.run(AdminWorkspace, { id: tenant.first.id }, token)
      expect(data.admin).toBeNull()
      return errors?.[0]?.extensions.code
    }
    expect(await code(tenant.owner.token)).toBe('FORBIDDEN')
    expect(await code(unverified.token)).toBe('ACCOUNT_NOT_VERIFIED')
    expect(await code(null)).toBe('UNAUTHENTICATED')
    expect(await accesses(tenant.owner.userId)).toEqual([])
  })

  test('O4 gets any workspace without a role, and the look is in the audit log of the platform', async () => {
    const tenant = await world().tenant()
    const admin = await world().person({ platformAdmin: true })
    const { data } = await app.current.run(AdminWorkspace, { id: tenant.first.id }, admin.token)
    expect(data.admin?.workspace).toEqual({
      id: tenant.first.id,
      name: 'General',
      viewerRole: null,
      viewerAccess: 'OWNER',
      organization: { id: tenant.id },
      members: { totalCount: 1 },
    })
    await app.current.run(AdminOrganization, { id: tenant.id }, admin.token)
    const absent = Buffer.from('Workspace:01890000-0000-7000-8000-000000000000').toString('base64url')
    const nothing = await app.current.run(AdminWorkspace, { id: absent }, admin.token)
    expect(nothing.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    const log = await accesses(admin.userId)
    expect(log.slice(0, 2)).toMatchObject([
      {
        subjectType: 'Workspace',
        subjectId: tenant.first.workspaceId,
        changes: { field: { after: 'Admin.workspace' } },
      },
      { subjectType: 'Organization', subjectId: tenant.organizationId },
    ])
  })

  test('O6 lists all workspaces and organizations, and what is deleted when asked', async () => {
    const [tenant, gone] = await Promise.all([world().tenant(), world().tenant()])
    const deleted = await tenant.workspace()
    const admin = await world().person({ platformAdmin: true })
    await app.current.run(
      'mutation($w: ID!) { deleteWorkspace(input: { id: $w }) { __typename } }',
      { w: deleted.id },
      tenant.owner.token,
    )
    await app.current.run(
      'mutation($o: ID!) { deleteOrganization(input: { id: $o }) { __typename } }',
      { o: gone.id },
      gone.owner.token,
    )
    const list = async (which?: 'EXCLUDE' | 'INCLUDE' | 'ONLY') => {
      const { data } = await app.current.run(AdminLists, which ? { deleted: which } : {}, admin.token)
      const ids = [...(data.admin?.workspaces.nodes ?? []), ...(data.admin?.organizations.nodes ?? [])].map(
        ({ id }) => id,
      )
      expect(data.admin?.workspaces.totalCount).toBe(data.admin?.workspaces.nodes.length)
      return [tenant.first.id, deleted.id, gone.first.id, tenant.id, gone.id].map((id) => ids.includes(id))
    }
    expect(await list()).toEqual([true, false, false, true, false])
    expect(await list('INCLUDE')).toEqual([true, true, false, true, true])
    expect(await list('ONLY')).toEqual([false, true, false, false, true])
    const one = (which?: 'ONLY') =>
      app.current.run(AdminOrganization, { id: gone.id, ...(which ? { deleted: which } : {}) }, admin.token)
    expect((await one()).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    const found = (await one('ONLY')).data.admin?.organization
    expect(found?.id).toBe(gone.id)
    expect(found?.deletedAt).not.toBeNull()
    const log = await accesses(admin.userId)
    expect(log.filter(({ subjectId }) => subjectId === admin.userId)).toHaveLength(6)
  })

  test('O13 elsewhere a deleted organization is absent for administrators too', async () => {
    const tenant = await world().tenant()
    const admin = await world().person({ platformAdmin: true })
    await app.current.run(
      'mutation($o: ID!) { deleteOrganization(input: { id: $o }) { __typename } }',
      { o: tenant.id },
      tenant.owner.token,
    )
    for (const document of [
      'query($o: ID!) { organization(id: $o) { id } }',
      'query($o: ID!) { node(id: $o) { id } }',
    ]) {
      const { errors } = await app.current.run(document, { o: tenant.id }, admin.token)
      expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    }
  })
})
