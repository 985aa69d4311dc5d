import { describe, expect, test } from 'vitest'
import { registerResource } from '../../../src/domains/resource/register-resource.ts'
import { deleteWorkspace } from '../../../src/domains/workspace/delete-workspace.ts'
import { restoreWorkspace } from '../../../src/domains/workspace/restore-workspace.ts'
import { graphql } from '../../generated/index.ts'
import { useTestApp } from '../../kit/app.ts'
import { createWorld } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

const RegisterResource = graphql(`
  mutation RegisterResource($input: RegisterResourceInput!) {
    registerResource(input: $input) {
      __typename
      ... on RegisterResourcePayload { resource { id kind name uri createdBy { id } workspace { id } } }
      ... on ResourceNameTaken { name message }
      ... on ValidationError { issues { path message } }
    }
  }
`)
const RemoveResource = graphql(`
  mutation RemoveResource($input: RemoveResourceInput!) {
    removeResource(input: $input) {
      __typename
      ... on RemoveResourcePayload { removedResourceId workspace { resources { totalCount } } }
    }
  }
`)
const Resources = graphql(`
  query Resources($id: ID!, $kind: ResourceKind, $first: Int, $after: String) {
    workspace(id: $id) {
      resources(kind: $kind, first: $first, after: $after) { totalCount nodes { name kind } pageInfo { endCursor hasNextPage } }
    }
  }
`)
const DeleteFilled = graphql(`
  mutation DeleteFilled($input: DeleteWorkspaceInput!) {
    deleteWorkspace(input: $input) {
      __typename
      ... on WorkspaceNotEmpty { message buckets repositories }
    }
  }
`)

describe('resources', () => {
  test('T11 are registered with WRITE, listed with READ, and removed', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = tenant.first
    const [writer, reader] = [
      await tenant.grantee(workspaceId, 'WRITE'),
      await tenant.grantee(workspaceId, 'READ'),
    ]
    const input = { workspaceId: id, kind: 'BUCKET' as const, name: ' Raw data ', uri: 's3://raw/data' }
    const refused = await app.current.run(RegisterResource, { input }, reader.token)
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'resource:write' })
    const { data } = await app.current.run(RegisterResource, { input }, writer.token)
    const result = data.registerResource
    if (result?.__typename !== 'RegisterResourcePayload') throw new Error(result?.__typename)
    expect(result.resource).toMatchObject({
      kind: 'BUCKET',
      name: 'Raw data',
      uri: 's3://raw/data',
      createdBy: { id: writer.id },
      workspace: { id },
    })
    await app.current.run(
      RegisterResource,
      { input: { ...input, kind: 'REPOSITORY', uri: null } },
      writer.token,
    )
    const list = async (variables: object = {}) =>
      (await app.current.run(Resources, { id, ...variables }, reader.token)).data.workspace?.resources
    expect(await list()).toMatchObject({ totalCount: 2, nodes: [{ kind: 'REPOSITORY' }, { kind: 'BUCKET' }] })
    expect(await list({ kind: 'BUCKET' })).toMatchObject({ totalCount: 1, nodes: [{ kind: 'BUCKET' }] })
    const page = await list({ first: 1 })
    expect(await list({ first: 1, after: page?.pageInfo.endCursor })).toMatchObject({
      nodes: [{ kind: 'BUCKET' }],
    })
    const gone = { input: { id: result.resource.id } }
    expect((await app.current.run(RemoveResource, gone, reader.token)).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    )
    expect((await app.current.run(RemoveResource, gone, writer.token)).data.removeResource).toEqual({
      __typename: 'RemoveResourcePayload',
      removedResourceId: result.resource.id,
      workspace: { resources: { totalCount: 1 } },
    })
    expect((await app.current.run(RemoveResource, gone, writer.token)).errors?.[0]?.extensions.code).toBe(
      'NOT_FOUND',
    )
    const events = await app.current.services.db.event.findMany({
      where: { organizationId: tenant.organizationId, subjectType: 'Resource' },
      orderBy: { sequence: 'asc' },
    })
    expect(events.map(({ type, actorId }) => [type, actorId])).toEqual(
      ['resource.registered', 'resource.registered', 'resource.removed'].map((type) => [type, writer.userId]),
    )
  })

  test('T11 lesson 14: a name is taken once per kind and workspace, also at the same moment', async () => {
    const tenant = await world().tenant()
    const other = await tenant.workspace()
    const run = (workspaceId: string, kind: 'BUCKET' | 'REPOSITORY', name = 'Caf\u00e9') =>
      app.current.run(RegisterResource, { input: { workspaceId, kind, name } }, tenant.owner.token)
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, (_, n) =>
        run(tenant.first.id, 'BUCKET', n % 2 ? 'Cafe\u0301' : undefined),
      ),
      run(tenant.first.id, 'REPOSITORY'),
      run(other.id, 'BUCKET'),
    ])
    const kinds = answers.map(({ data }) => data.registerResource?.__typename)
    expect(kinds.filter((kind) => kind === 'RegisterResourcePayload')).toHaveLength(3)
    expect(kinds.filter((kind) => kind === 'ResourceNameTaken')).toHaveLength(7)
    const taken = answers.find(({ data }) => data.registerResource?.__typename === 'ResourceNameTaken')
    expect(taken?.data.registerResource).toMatchObject({ name: 'Caf\u00e9' })
  })

  test('T11 refuses names and addresses that break their limits', async () => {
    const tenant = await world().tenant()
    const issues = async (fields: { name?: string; uri?: string }) => {
      const input = { workspaceId: tenant.first.id, kind: 'BUCKET' as const, name: 'ok', ...fields }
      return (await app.current.run(RegisterResource, { input }, tenant.owner.token)).data.registerResource
    }
    expect(await issues({ name: ' ', uri: 'no scheme' })).toMatchObject({
      issues: [{ path: 'name' }, { path: 'uri' }],
    })
    expect(await issues({ uri: `s3:${'x'.repeat(2000)}` })).toMatchObject({ issues: [{ path: 'uri' }] })
    expect(await issues({ uri: 's3://a\u0000b' })).toMatchObject({ issues: [{ path: 'uri' }] })
  })

  test('T12 one of another tenant, or of a workspace that one has no role on, is absent', async () => {
    const [tenant, other] = await Promise.all([world().tenant(), world().tenant()])
    const member = await tenant.member()
    const { resourceId } = await registerResource(await tenant.owner.caller(), {
      workspaceId: tenant.first.workspaceId,
      kind: 'BUCKET',
      name: 'b',
    })
    const id = Buffer.from(`Resource:${resourceId}`).toString('base64url')
    for (const { token } of [other.owner, member]) {
      const gone = await app.current.run(RemoveResource, { input: { id } }, token)
      const node = await app.current.run('query($id: ID!) { node(id: $id) { id } }', { id }, token)
      for (const { errors } of [gone, node]) expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    }
    expect(await app.current.services.db.resource.count({ where: { id: resourceId } })).toBe(1)
  })
})

describe('a workspace that is not empty', () => {
  test('O12 refuses to delete a workspace that holds buckets or repositories, and says how many', async () => {
    const tenant = await world().tenant()
    const { id, workspaceId } = tenant.first
    const caller = await tenant.owner.caller()
    for (const name of ['a', 'b']) await registerResource(caller, { workspaceId, kind: 'BUCKET', name })
    await registerResource(caller, { workspaceId, kind: 'REPOSITORY', name: 'a' })
    const run = () => app.current.run(DeleteFilled, { input: { id } }, tenant.owner.token)
    expect((await run()).data.deleteWorkspace).toEqual({
      __typename: 'WorkspaceNotEmpty',
      buckets: 2,
      repositories: 1,
      message: 'This workspace still holds 2 buckets and 1 repository. Remove them first.',
    })
    const { db } = app.current.services
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspaceId } })).toMatchObject({
      deletedAt: null,
      version: 1,
    })
    expect(await db.event.count({ where: { workspaceId, type: 'workspace.deleted' } })).toBe(0)
    await db.resource.deleteMany({ where: { workspaceId } })
    expect((await run()).data.deleteWorkspace?.__typename).toBe('DeleteWorkspacePayload')
  })

  test('O12 there is never a deleted workspace with a resource, in 240 interleaved calls', {
    timeout: 180_000,
  }, async () => {
    const tenant = await world().tenant()
    const caller = await tenant.owner.caller()
    const { db } = app.current.services
    const outcomes: Record<string, number> = {}
    const note = (kind: string) => {
      outcomes[kind] = (outcomes[kind] ?? 0) + 1
    }
    const settle = (kind: string, work: Promise<unknown>) =>
      work.then(
        () => note(`${kind} done`),
        (error: Error & { code?: string }) => note(`${kind} ${error.code ?? error.name}`),
      )
    for (let round = 0; round < 24; round++) {
      const { workspaceId } = await tenant.workspace()
      await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          n % 4 === round % 4
            ? settle('delete', deleteWorkspace(caller, { workspaceId }))
            : settle('register', registerResource(caller, { workspaceId, kind: 'BUCKET', name: `b${n}` })),
        ),
      )
      const { deletedAt, _count } = await db.workspace.findUniqueOrThrow({
        where: { id: workspaceId },
        select: { deletedAt: true, _count: { select: { resources: true } } },
      })
      expect(deletedAt !== null && _count.resources > 0).toBe(false)
      if (deletedAt) await restoreWorkspace(caller, workspaceId)
    }
    // Both sides have won, so the race has been run.
    expect(Object.keys(outcomes).sort()).toEqual([
      'delete NOT_FOUND',
      'delete WorkspaceNotEmpty',
      'delete done',
      'register NOT_FOUND',
      'register done',
    ])
  })
})
