import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import { newToken } from '../../src/platform/secrets.ts'
import { schema } from '../../src/schema.ts'
import { useTestApp } from '../kit/app.ts'
import { ASKED, type Crowd, gatherCrowd, listIn, MANY, standBefore, WAYS } from '../kit/crowd.ts'
import { connections, leavesOf, nodeOf, selectionsOf } from './walk.ts'

const FEW = 2

const app = useTestApp()

let crowd: Crowd

beforeAll(async () => {
  crowd = await gatherCrowd(app.current)
}, 120_000)

/** How many statements an operation sends, and what it answers. */
async function cost(query: string, variables: Record<string, unknown> = {}) {
  app.current.statements.length = 0
  const { data, errors } = await app.current.run<Record<string, unknown>>(
    query,
    variables,
    crowd.viewer.token,
  )
  const statements = [...app.current.statements]
  expect(errors, query).toBeUndefined()
  return { statements, data }
}

/** What tells whether rows that were reached in another way are loaded as in the list. */
const shallow = (type: GraphQLObjectType) =>
  selectionsOf(type).filter(({ label }) => /^(\w+ )?leaves$|two names/.test(label))

/** One document for both sizes: reading it is most of the work. */
type QueryOf = (size: number, rows: string) => [query: string, variables: Record<string, unknown>]

/** A way to a list that takes its length from `$size`. */
const sized = (way: string, size: number): ReturnType<QueryOf> => [
  way.startsWith('mutation')
    ? way.replace('mutation', 'mutation ($size: Int!)')
    : `query ($size: Int!) ${way}`,
  { size },
]

/** The queries whose number of statements is another one for two rows than for twelve. */
async function growing(
  type: GraphQLObjectType,
  selections: ReturnType<typeof selectionsOf>,
  queryOf: QueryOf,
): Promise<string[]> {
  const found: string[] = []
  for (const { label, text, field } of selections) {
    const few = await cost(...queryOf(FEW, text))
    const many = await cost(...queryOf(MANY, text))
    expect([listIn(few.data).length, listIn(many.data).length], `rows of ${label}`).toEqual([FEW, MANY])
    if (field !== null) expectFilled(type, field, listIn(few.data))
    if (few.statements.length !== many.statements.length && !(await isChance(queryOf, text))) {
      const growth = `${few.statements.length} for ${FEW}, ${many.statements.length} for ${MANY}`
      found.push(`${type.name} ${label}: ${growth}\n  ${many.statements.at(-1)?.slice(0, 300)}`)
    }
  }
  return found
}

/**
 * Two statements that answer at the same moment share what they ask next, and a moment apart they do not: such a
 * difference is gone when it is measured again. One that comes of the number of rows is always there.
 */
async function isChance(queryOf: QueryOf, text: string): Promise<boolean> {
  for (let attempt = 0; attempt < 4; attempt++) {
    const few = await cost(...queryOf(FEW, text))
    const many = await cost(...queryOf(MANY, text))
    if (few.statements.length === many.statements.length) return true
  }
  return false
}

/** A field without anything behind it would cost nothing, however it is loaded. */
function expectFilled(type: GraphQLObjectType, field: string, rows: Record<string, unknown>[]): void {
  for (const row of rows) {
    expect(row[field], `${type.name}.${field} has to be there, or nothing is measured`).toBeTruthy()
    expect((row[field] as { nodes?: unknown[] }).nodes, `${type.name}.${field} has to have rows`).not.toEqual(
      [],
    )
  }
}

describe('statements do not grow with the page (lesson 24)', () => {
  for (const { owner, field, node } of connections) {
    const name = `${owner.name}.${field.name}`
    const asked = () => ASKED[name]?.(crowd) ?? ''
    test(`${name}: every field of ${node.name}, alone, deeper, under two names and in fragments`, async () => {
      const ways = WAYS[owner.name]
      if (!ways) throw new Error(`Say in WAYS how ${owner.name} is reached`)
      await standBefore(app.current, crowd, owner.name)
      const [first = ''] = Object.keys(ways(crowd, ''))
      const found = await growing(node, selectionsOf(node), (size, rows) => {
        const list = `list: ${field.name}(${asked()}first: $size) { totalCount nodes { ${rows} } }`
        return sized(ways(crowd, list)[first] ?? '', size)
      })
      expect(found).toEqual([])
    }, 120_000)

    test(`${name}: by every way to ${owner.name}`, async () => {
      await standBefore(app.current, crowd, owner.name)
      const ways = (rows: string) => Object.entries(WAYS[owner.name]?.(crowd, rows) ?? {})
      const found: string[] = []
      for (const [way] of ways('')) {
        const grown = await growing(node, shallow(node), (size, rows) => {
          const list = `list: ${field.name}(${asked()}first: $size) { totalCount nodes { ${rows} } }`
          return sized(ways(list).find(([known]) => known === way)?.[1] ?? '', size)
        })
        found.push(...grown.map((line) => `${way}: ${line}`))
      }
      expect(found).toEqual([])
    }, 120_000)
  }

  const nodeTypes = schema.getPossibleTypes(schema.getType('Node') as never).filter(isObjectType)
  for (const type of nodeTypes) {
    test(`Query.nodes: many ids of ${type.name}`, async () => {
      const ids = await idsOf(type)
      expect(ids.length).toBeGreaterThanOrEqual(MANY)
      const found = await growing(type, shallow(type), (size, rows) => {
        const query = `query ($ids: [ID!]!) { list: nodes(ids: $ids) { ... on ${type.name} { ${rows} } } }`
        return [query, { ids: ids.slice(0, size) }]
      })
      expect(found).toEqual([])
    }, 120_000)
  }

  test('Query.nodes: ids of every type at once, in the order in which they were asked for', async () => {
    const all = await Promise.all(nodeTypes.map((type) => idsOf(type)))
    const ask = async (size: number) => {
      const ids = Array.from({ length: size }, (_, nth) => all.map((some) => some[nth])).flat()
      const query =
        'query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Workspace { key } ... on User { email } } }'
      const { statements, data } = await cost(query, { ids })
      expect((data.nodes as { id: string }[]).map(({ id }) => id)).toEqual(ids)
      return statements.length
    }
    // `nodes` takes 100 ids.
    expect(await ask(Math.floor(100 / nodeTypes.length))).toBe(await ask(FEW))
  })

  test('members that are inherited: nodes(ids), Member.scope', async () => {
    const { data } = await cost(
      `{ viewer { workspaces(first: ${MANY}) { nodes { members { nodes { id source } } } } } }`,
    )
    const { workspaces } = (
      data as {
        viewer: { workspaces: { nodes: { members: { nodes: { id: string; source: string }[] } }[] } }
      }
    ).viewer
    const ids = workspaces.nodes.flatMap(({ members }) => members.nodes).map(({ id }) => id)
    const ask = async (some: string[]) =>
      (
        await cost(
          'query($ids: [ID!]!) { nodes(ids: $ids) { ... on Member { user { email } scope { id name viewerAccess } } } }',
          { ids: some },
        )
      ).statements.length
    expect(await ask(ids.slice(0, MANY))).toBe(await ask(ids.slice(0, FEW)))
  })

  test('createInvites: what the payload shows of the invites costs the same for two as for twelve', async () => {
    const ask = async (size: number, shown: string) => {
      const invites = Array.from({ length: size }, () => ({
        email: `${newToken().slice(0, 12)}@example.com`,
        role: 'READ',
      }))
      const query = `mutation($invites: [InvitedPerson!]!) {
        createInvites(input: { scopeId: "${crowd.tenant.first.id}", invites: $invites }) {
          ... on CreateInvitesPayload { results { email ${shown} } } } }`
      return (await cost(query, { invites })).statements.length
    }
    const shown = 'invite { email role { key } scope { id name } invitedBy { fullName } }'
    const few = (await ask(FEW, shown)) - (await ask(FEW, ''))
    const many = (await ask(MANY, shown)) - (await ask(MANY, ''))
    expect(many).toBe(few)
  })
})

/** Twelve ids of a type: from a list of them, or from the members for people. */
async function idsOf(type: GraphQLObjectType): Promise<string[]> {
  await standBefore(app.current, crowd, '')
  if (type.name === 'User') {
    const { data } = await cost(
      `{ organization(id: "${crowd.tenant.id}") { members { nodes { user { id } } } } }`,
    )
    const { members } = data.organization as { members: { nodes: { user: { id: string } }[] } }
    return members.nodes.map(({ user }) => user.id)
  }
  const found = connections.find(
    ({ owner, field }) =>
      owner.name !== 'Admin' && WAYS[owner.name] && nodeOf(getNamedType(field.type)) === type,
  )
  if (!found) throw new Error(`Say where to find ids of ${type.name}`)
  const [query = ''] = Object.values(
    WAYS[found.owner.name]?.(crowd, `list: ${found.field.name} { nodes { id } }`) ?? {},
  )
  return listIn((await cost(query)).data).map(({ id }) => String(id))
}

describe('the budget of typical operations', () => {
  const operations: [name: string, budget: number, query: string][] = [
    ['who am I', 2, '{ viewer { user { id fullName email } } }'],
    ['one workspace, every field of its own', 3, `{ workspace(id: "$workspace") { $leaves } }`],
    ['one workspace by its key', 2, '{ workspaceByKey(organizationSlug: "$slug", key: "general") { name } }'],
    ['O8: the summary list', 2, '{ organization(id: "$organization") { workspaces { nodes { id name } } } }'],
    [
      'a page of workspaces with their people',
      3,
      `{ organization(id: "$organization") { name viewerRole { key } workspaces(first: 20) { totalCount nodes {
          name url viewerAccess viewerRole { name } createdBy { fullName } memberCount
          members(first: 5) { totalCount nodes { source role { name } user { fullName email } } } } } } }`,
    ],
    [
      'all my workspaces',
      4,
      '{ viewer { workspaces { totalCount nodes { name organization { name } viewerAccess } } } }',
    ],
    [
      'twelve things by their ids',
      2,
      '{ nodes(ids: $ids) { id ... on Workspace { name } ... on Organization { name } } }',
    ],
    ['a look at an invite', 2, '{ invite(token: "$token") { email workspaceName } }'],
    [
      'a change of a workspace',
      9,
      `mutation { updateWorkspace(input: { id: "$workspace", name: "Changed" }) {
          ... on UpdateWorkspacePayload { workspace { name version } } } }`,
    ],
    [
      'a new workspace',
      4,
      `mutation { createWorkspace(input: { organizationId: "$organization", name: "New" }) {
          ... on CreateWorkspacePayload { workspace { key viewerAccess } } } }`,
    ],
  ]
  test.each(operations)('%s: %i statements', async (name, budget, query) => {
    const { tenant } = crowd
    const workspace = schema.getType('Workspace') as GraphQLObjectType
    const ids = [...(await idsOf(workspace)).slice(0, 6), ...Array.from({ length: 6 }, () => tenant.id)]
    const text = query
      .replace('$workspace', tenant.first.id)
      .replace('$organization', tenant.id)
      .replace('$slug', tenant.slug)
      .replace('$token', tenant.first.workspaceId)
      .replace('$leaves', leavesOf(workspace))
      .replace('$ids', JSON.stringify(ids))
    const { statements } = await cost(text)
    expect({ [name]: statements.length }, statements.map((sql) => sql.slice(0, 100)).join('\n')).toEqual({
      [name]: budget,
    })
  })
})
