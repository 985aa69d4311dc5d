import { describe, expect, test } from 'vitest'
import { updateWorkspace } from '../../../src/domains/workspace/update-workspace.ts'
import { useTestApp } from '../../kit/app.ts'
import { createWorld, type Tenant } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

interface Result {
  __typename: string
  workspace?: Record<string, unknown>
  issues?: { path: string }[]
  current?: number
}

/** Updates the first workspace of a tenant over the API, with exactly these fields. */
async function update({ first, owner }: Tenant, fields: Record<string, unknown>, token = owner.token) {
  const { data, errors } = await app.current.run<{ updateWorkspace: Result | null }>(
    `mutation($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename
      ... on UpdateWorkspacePayload { workspace { name description labels boundingBox { type coordinates }
        defaultCoordinateSystem version updatedBy { id } } }
      ... on ValidationError { issues { path } } ... on VersionConflict { current message } } }`,
    { input: { id: first.id, ...fields } },
    token,
  )
  return { result: data.updateWorkspace as Result, errors }
}

const square = [
  [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 0],
  ],
]
const everything = {
  name: 'Mill',
  description: 'By the river.',
  labels: ['a', 'b'],
  boundingBox: { type: 'Polygon', coordinates: square },
  defaultCoordinateSystem: 'EPSG:4326',
}

describe('O9 what is given changes', () => {
  test('an absent field stays, null clears where it may be null', async () => {
    const tenant = await world().tenant()
    expect((await update(tenant, everything)).result.workspace).toMatchObject({ ...everything, version: 2 })
    expect((await update(tenant, {})).result.workspace).toMatchObject({ ...everything, version: 2 })
    expect((await update(tenant, { name: 'Mine' })).result.workspace).toMatchObject({
      ...everything,
      name: 'Mine',
      version: 3,
    })
    const cleared = { boundingBox: null, defaultCoordinateSystem: null }
    expect((await update(tenant, cleared)).result.workspace).toMatchObject({
      ...everything,
      name: 'Mine',
      ...cleared,
      version: 4,
    })
    expect((await update(tenant, cleared)).result.workspace).toMatchObject({ version: 4 })
    expect((await update(tenant, { labels: [], description: '' })).result.workspace).toMatchObject({
      labels: [],
      description: '',
    })
  })

  test.each(['name', 'description', 'labels'])('null is no %s', async (field) => {
    const tenant = await world().tenant()
    const { result } = await update(tenant, { [field]: null })
    expect(result).toMatchObject({ __typename: 'ValidationError', issues: [{ path: field }] })
  })

  test('the same rules hold as on creation, and nothing is changed when one is broken', async () => {
    const tenant = await world().tenant()
    const { result } = await update(tenant, { name: ' ', labels: ['ok', ''], description: 'changed' })
    expect(result.__typename).toBe('ValidationError')
    expect(result.issues?.map(({ path }) => path).sort()).toEqual(['labels.1', 'name'])
    expect((await update(tenant, {})).result.workspace).toMatchObject({
      name: 'General',
      description: '',
      version: 1,
    })
  })

  test('W12 says who has changed it', async () => {
    const tenant = await world().tenant()
    const admin = await tenant.grantee(tenant.first.workspaceId, 'ADMIN')
    expect((await update(tenant, { name: 'Mine' }, admin.token)).result.workspace).toMatchObject({
      updatedBy: { id: admin.id },
    })
  })

  test('a workspace that is deleted is not there', async () => {
    const tenant = await world().tenant()
    await app.current.services.db.workspace.update({
      where: { id: tenant.first.workspaceId },
      data: { deletedAt: new Date() },
    })
    const { result, errors } = await update(tenant, { name: 'Ghost' })
    expect(result).toBeNull()
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  })
})

describe('W16 the version', () => {
  test('a stale one is VersionConflict, tells the current one, and overwrites nothing', async () => {
    const tenant = await world().tenant()
    await update(tenant, { name: 'Second', expectedVersion: 1 })
    const { result } = await update(tenant, { name: 'Third', expectedVersion: 1 })
    expect(result).toMatchObject({ __typename: 'VersionConflict', current: 2 })
    expect((await update(tenant, {})).result.workspace).toMatchObject({ name: 'Second', version: 2 })
    expect((await update(tenant, { name: 'Third', expectedVersion: null })).result.workspace).toMatchObject({
      version: 3,
    })
  })

  test('of many who change what they have read, one succeeds', async () => {
    const tenant = await world().tenant()
    const caller = await tenant.owner.caller()
    const { workspaceId } = tenant.first
    const answers = await Promise.allSettled(
      Array.from({ length: 6 }, (_, nth) =>
        updateWorkspace(caller, { workspaceId, name: `Name ${nth}`, expectedVersion: 1 }),
      ),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    expect(refused.map(({ name, current }) => [name, current])).toEqual(Array(5).fill(['VersionConflict', 2]))
  })

  test('without an expected one both changes are made, one behind the other', async () => {
    const tenant = await world().tenant()
    const caller = await tenant.owner.caller()
    const { workspaceId } = tenant.first
    await Promise.all([
      updateWorkspace(caller, { workspaceId, name: 'Name' }),
      updateWorkspace(caller, { workspaceId, description: 'Text' }),
    ])
    expect((await update(tenant, {})).result.workspace).toMatchObject({
      name: 'Name',
      description: 'Text',
      version: 3,
    })
  })
})

describe('O3 looking one up', () => {
  test('W2 O3 by id, by key, and by node: the same workspace, under the same rule', async () => {
    const tenant = await world().tenant()
    const reader = await tenant.grantee(tenant.first.workspaceId, 'READ')
    const stranger = (await world().tenant()).owner
    const query = `{ workspace(id: "${tenant.first.id}") { id } byKey: workspaceByKey(organizationSlug: "${tenant.slug}", key: "general") { id } node(id: "${tenant.first.id}") { id } }`
    const { id } = tenant.first
    expect(await app.current.run(query, {}, reader.token)).toEqual({
      data: { workspace: { id }, byKey: { id }, node: { id } },
    })
    const refused = await app.current.run(query, {}, stranger.token)
    expect(refused.data).toEqual({ workspace: null, byKey: null, node: null })
    expect(
      new Set(refused.errors?.map(({ message, extensions }) => `${extensions.code} ${message}`)).size,
    ).toBe(1)
    expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(Array(3).fill('NOT_FOUND'))
  })

  test('W13 M8 each sees their own role', async () => {
    const tenant = await world().tenant()
    const query = `{ workspace(id: "${tenant.first.id}") { viewerRole { key } viewerAccess viewerPermissions viewerMember { role { key } } } }`
    const seen = async (token: string) => {
      const { data } = await app.current.run<{
        workspace: { viewerRole: { key: string }; viewerAccess: string; viewerPermissions: string[] }
      }>(query, {}, token)
      const { viewerRole, viewerAccess, viewerPermissions } = data.workspace
      return [viewerRole.key, viewerAccess, viewerPermissions.includes('WORKSPACE_UPDATE')]
    }
    const writer = await tenant.grantee(tenant.first.workspaceId, 'WRITE')
    expect(await seen(writer.token)).toEqual(['WRITE', 'WRITE', false])
    expect(await seen((await tenant.member('ADMIN')).token)).toEqual(['ADMIN', 'ADMIN', true])
    expect(await seen(tenant.owner.token)).toEqual(['OWNER', 'OWNER', true])
  })
})
