import { beforeAll, describe, expect, test } from 'vitest'
import { LEVELS, reaches } from '../../src/access/permissions.ts'
import { hasAccess, workspace } from '../../src/access/rules.ts'
import { removeMember } from '../../src/domains/member/remove-member.ts'
import { schema } from '../../src/schema.ts'
import { createStub, send } from '../http/stub.ts'
import { actors, becomeActor } from '../kit/actors.ts'
import { useTestApp } from '../kit/app.ts'
import { createPlace, type Place } from '../kit/place.ts'
import { contextOf, guarded, run, small } from '../kit/small-schema.ts'
import { createWorld, type World } from '../kit/world.ts'

// The traps of access.md on the real server and its database; those of graphql-shield alone are in traps.test.ts.

const app = useTestApp()
let world: World
let place: Place

beforeAll(async () => {
  world = createWorld(app.current)
  place = await createPlace(app.current, world)
})

describe('hasAccess', () => {
  const sdl = `type Query { ${LEVELS.map((level) => `${level}(id: ID!): Boolean`).join(' ')} }`
  const build = () =>
    guarded(
      small(sdl, { Query: Object.fromEntries(LEVELS.map((level) => [level, () => true])) }),
      Object.fromEntries(LEVELS.map((level) => [`Query.${level}`, hasAccess(level, workspace('id'))])),
    )
  const levelOf: Record<string, (typeof LEVELS)[number] | null> = {
    'workspace READ': 'READ',
    'workspace WRITE': 'WRITE',
    'workspace ADMIN': 'ADMIN',
    'workspace OWNER': 'OWNER',
    'organization MEMBER': null,
    'organization WORKSPACE_MANAGER': null,
    'organization ADMIN': 'ADMIN',
    'organization OWNER': 'OWNER',
    'platform ADMIN': 'OWNER',
    stranger: null,
  }

  test.each(actors)('of $title opens what the level reaches', async (actor) => {
    const person = await becomeActor(actor, place)
    const query = `{ ${LEVELS.map((level) => `${level}(id: "${place.workspace.id}")`).join(' ')} }`
    const { data, codes } = await run(build(), query, await contextOf(app.current, person))
    const level = levelOf[actor.title] ?? null
    expect(data).toEqual(
      Object.fromEntries(LEVELS.map((needed) => [needed, reaches(level, needed) ? true : null])),
    )
    const missing = { anonymous: 'UNAUTHENTICATED', unverified: 'ACCOUNT_NOT_VERIFIED' } as Record<
      string,
      string
    >
    const refusal = missing[actor.is] ?? (level === null ? 'NOT_FOUND' : 'FORBIDDEN')
    expect(codes).toEqual(LEVELS.filter((needed) => !reaches(level, needed)).map(() => refusal))
  })

  test('rule 1: the higher of two roles counts, whichever it is', async () => {
    const query = `{ WRITE(id: "${place.workspace.id}") OWNER(id: "${place.workspace.id}") }`
    const both = { ...actors[0], title: 'both', is: 'member' } as const
    const lower = await becomeActor({ ...both, organizationRole: 'ADMIN', workspaceRole: 'READ' }, place)
    expect((await run(build(), query, await contextOf(app.current, lower))).data).toEqual({
      WRITE: true,
      OWNER: null,
    })
    const higher = await becomeActor({ ...both, organizationRole: 'ADMIN', workspaceRole: 'OWNER' }, place)
    expect((await run(build(), query, await contextOf(app.current, higher))).data).toEqual({
      WRITE: true,
      OWNER: true,
    })
  })
})

describe('rule 5: a request knows what is true when it comes', () => {
  const read = (token: string) =>
    app.current.run(
      'query ($id: ID!, $in: ID!) { workspace(id: $id) { name } node(id: $id) { id } organization(id: $in) { name } }',
      { id: place.workspace.id, in: place.tenant.id },
      token,
    )
  const codesOf = ({ errors = [] }: { errors?: { extensions: { code: string } }[] }) =>
    errors.map(({ extensions }) => extensions.code)

  test("lesson 16: a removed member's next request is refused, with the same session", async () => {
    const member = await place.tenant.grantee(place.workspace.workspaceId, 'WRITE')
    expect(codesOf(await read(member.token))).toEqual([])
    const { organizationId: id } = place.tenant
    await removeMember(await place.tenant.owner.caller(), {
      scope: { kind: 'Organization', id },
      userId: member.userId,
    })
    expect(codesOf(await read(member.token))).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'])
  })

  test('a role that was changed between two requests counts in the second', async () => {
    const member = await place.tenant.grantee(place.workspace.workspaceId, 'ADMIN')
    const rename = (name: string) =>
      app.current.run(
        'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename } }',
        { input: { id: place.workspace.id, name } },
        member.token,
      )
    expect(codesOf(await rename('By an administrator'))).toEqual([])
    await place.tenant.grant(member, { kind: 'Workspace', id: place.workspace.workspaceId }, 'WRITE')
    expect(codesOf(await rename('By an editor'))).toEqual(['FORBIDDEN'])
    const { name } = await app.current.services.db.workspace.findUniqueOrThrow({
      where: { id: place.workspace.workspaceId },
    })
    expect(name).toBe('By an administrator')
  })

  test('who removes themselves is refused by the next mutation of the same request', async () => {
    const member = await place.tenant.grantee(place.workspace.workspaceId, 'OWNER')
    const answer = await app.current.run<Record<string, unknown>>(
      `mutation ($leave: RemoveMemberInput!, $update: UpdateWorkspaceInput!) {
        removeMember(input: $leave) { __typename }
        updateWorkspace(input: $update) { __typename }
      }`,
      {
        leave: { scopeId: place.workspace.id, userId: member.id },
        update: { id: place.workspace.id, name: 'After leaving' },
      },
      member.token,
    )
    expect(answer.data).toEqual({
      removeMember: { __typename: 'RemoveMemberPayload' },
      updateWorkspace: null,
    })
    expect(codesOf(answer)).toEqual(['NOT_FOUND'])
  })
})

describe('lesson 19: two aliases of one request', () => {
  test('are decided each for itself, in either order', async () => {
    const foreign = await createPlace(app.current, world)
    const ask = async (first: string, second: string) => {
      const { data, errors } = await app.current.run<Record<string, { id: string } | null>>(
        'query ($first: ID!, $second: ID!) { a: workspace(id: $first) { id } b: workspace(id: $second) { id } }',
        { first, second },
        place.tenant.owner.token,
      )
      return { data, codes: errors?.map(({ extensions }) => extensions.code) }
    }
    const [mine, other] = [place.workspace.id, foreign.workspace.id]
    expect(await ask(mine, other)).toEqual({ data: { a: { id: mine }, b: null }, codes: ['NOT_FOUND'] })
    expect(await ask(other, mine)).toEqual({ data: { a: null, b: { id: mine } }, codes: ['NOT_FOUND'] })
  })
})

describe('nested lists', () => {
  test('carry the tenant filter: a member sees the workspaces of their roles, counted too, and themselves', async () => {
    const { tenant } = await createPlace(app.current, world)
    const open = await tenant.workspace({ name: 'Open' })
    const member = await tenant.grantee(open.workspaceId, 'READ')
    // Somebody of two tenants must not carry rows from one into the other.
    await place.tenant.grant(member, { kind: 'Organization', id: place.tenant.organizationId }, 'OWNER')
    const below = `{ ... on Organization {
      workspaces { totalCount nodes { id } } members { totalCount nodes { user { id } } }
    } }`
    const { data, errors } = await app.current.run<Record<string, unknown>>(
      `query ($id: ID!) {
        organization(id: $id) ${below}
        node(id: $id) ${below}
        viewer { workspaces(organizationId: $id) { totalCount nodes { id organization ${below} } } }
      }`,
      { id: tenant.id },
      member.token,
    )
    const lists = {
      workspaces: { totalCount: 1, nodes: [{ id: open.id }] },
      members: { totalCount: 1, nodes: [{ user: { id: member.id } }] },
    }
    expect(errors ?? []).toEqual([])
    expect(data).toEqual({
      organization: lists,
      node: lists,
      viewer: { workspaces: { totalCount: 1, nodes: [{ id: open.id, organization: lists }] } },
    })
  })

  test('are filtered by the statement itself: no foreign row is loaded', async () => {
    const member = await place.tenant.grantee(place.workspace.workspaceId, 'READ')
    app.current.statements.length = 0
    await app.current.run(
      'query ($id: ID!) { organization(id: $id) { workspaces { nodes { name } } } }',
      { id: place.tenant.id },
      member.token,
    )
    const reading = app.current.statements.filter((sql) => /FROM ("public"\.)?"workspace"[ ,]/.test(sql))
    expect(reading.length).toBeGreaterThan(0)
    for (const sql of reading) expect(sql).toContain('"workspace_member"')
  })
})

test('an outage in a gate is INTERNAL_SERVER_ERROR, and never looks like a refusal', async () => {
  const failing = async () => {
    throw new Error('connection refused')
  }
  const contextOfOutage = async () => ({
    ...(await contextOf(app.current, place.tenant.owner)),
    access: { onWorkspace: failing, onOrganization: failing },
  })
  const { app: stub } = createStub({ deps: { schema, contextOf: contextOfOutage as never } })
  const { id } = place.workspace
  const response = await send(stub, {
    query: `mutation { updateWorkspace(input: { id: "${id}", name: "Changed" }) { __typename } }`,
  })
  const answer = await response.json()
  expect(answer).toMatchObject({
    data: { updateWorkspace: null },
    errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  })
  expect(JSON.stringify(answer)).not.toMatch(/connection refused|Not Authorised/)
})
