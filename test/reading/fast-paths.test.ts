import { type GraphQLObjectType, getOperationAST, isObjectType, parse, validate } from 'graphql'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { compileCompletion } from '../../src/graphql/completion/completion.ts'
import { encodeId } from '../../src/graphql/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import { hashToken, newToken } from '../../src/platform/secrets.ts'
import { schema } from '../../src/schema.ts'
import type { Service } from '../../src/service.ts'
import { openBeside, openTestApp, type TestApp } from '../kit/app.ts'
import { ASKED, type Crowd, gatherCrowd, standBefore, WAYS } from '../kit/crowd.ts'
import { createWorld } from '../kit/world.ts'
import { connections, leavesOf, selectionsOf } from '../schema/walk.ts'
import { randomQuery } from './random-operation.ts'

let fast: TestApp
let plain: Service
let crowd: Crowd

/** Reads that Prisma has answered in another way, of how many that it was asked again. */
const differences: string[] = []
let compared = 0
let isComparing = false

beforeAll(async () => {
  fast = await openTestApp(
    {},
    {
      onRead: async ({ what, query, answer, ask }) => {
        if (!isComparing) return
        compared++
        const expected = await ask()
        try {
          expect(inOrder(answer, query)).toEqual(inOrder(expected, query))
        } catch (error) {
          differences.push(`${what} ${JSON.stringify(query)}\n${(error as Error).message.slice(0, 2000)}`)
        }
      },
    },
  )
  plain = await openBeside(fast, { FAST_PATHS: false })
  crowd = await gatherCrowd(fast)
}, 120_000)
afterAll(async () => {
  await plain.close()
  await fast.close()
})

afterEach(() => {
  expect(differences.splice(0)).toEqual([])
})

/** Rows that were asked for in no order come in any: then they are compared by their ids. */
function inOrder(answer: unknown, query: Readonly<Record<string, unknown>>): unknown {
  if (!Array.isArray(answer) || query.orderBy) return answer
  return [...(answer as { id: string }[])].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Each is another query, the same in every run. */
const OPERATIONS = 120

interface Asked {
  query: string
  variables?: Record<string, unknown> | undefined
  token?: string | undefined
  accept?: string | undefined
  operationName?: string | undefined
  more?: Record<string, unknown>
}

async function answerOf(
  { app }: Pick<Service, 'app'>,
  { query, variables, token, accept, operationName, more }: Asked,
) {
  const response = await app.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': 'the-same',
      ...(accept ? { accept } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ query, variables, operationName, ...more }),
  })
  const headers = Object.fromEntries([...response.headers].sort())
  return { status: response.status, headers, body: await response.text() }
}

/** Prisma is asked again for whatever `ask` reads. */
async function comparing<T>(ask: () => Promise<T>): Promise<T> {
  isComparing = true
  try {
    return await ask()
  } finally {
    isComparing = false
  }
}

/** The same request to both, twice to the fast one: the first teaches it. */
async function expectSame(asked: Asked): Promise<string> {
  const first = await comparing(() => answerOf(fast, asked))
  const again = await answerOf(fast, asked)
  const expected = await answerOf(plain, asked)
  expect(again, asked.query).toEqual(expected)
  expect(first, asked.query).toEqual(expected)
  return expected.body
}

describe('a fast path answers byte for byte as the plain one', () => {
  for (const { owner, field, node } of connections) {
    test(`${owner.name}.${field.name}, every field of ${node.name}`, async () => {
      const ways = WAYS[owner.name]
      if (!ways) throw new Error(`Say in WAYS how ${owner.name} is reached`)
      await standBefore(fast, crowd, owner.name)
      const asked = ASKED[`${owner.name}.${field.name}`]?.(crowd) ?? ''
      compared = 0
      const { token } = crowd.viewer
      for (const { text } of selectionsOf(node as GraphQLObjectType)) {
        const list = `list: ${field.name}(${asked}first: 3) { totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
          edges { cursor node { __typename } } nodes { ${text} } }`
        for (const [way, query] of Object.entries(ways(crowd, list))) {
          const answer =
            way === 'payload'
              ? // It comes of a write, which moves times and versions.
                await comparing(() => fast.run(query, {}, token))
              : JSON.parse(await expectSame({ query, token }))
          expect(answer.errors, query).toBeUndefined()
        }
      }
      expect(compared, 'reads that Prisma was asked for too').toBeGreaterThan(0)
    }, 180_000)
  }

  test('operations that are made of the schema by chance', async () => {
    await standBefore(fast, crowd, '')
    const { tenant } = crowd
    const roots = {
      [`workspace(id: "${tenant.first.id}")`]: 'Workspace',
      [`organization(id: "${tenant.id}")`]: 'Organization',
      viewer: 'Viewer',
    }
    let short = 0
    for (let seed = 1; seed <= OPERATIONS; seed++) {
      const query = randomQuery(schema, seed, roots)
      const document = parse(query)
      expect(validate(schema, document), query).toEqual([])
      const operation = getOperationAST(document)
      if (operation && compileCompletion(schema, document, operation)) short++
      const token = seed % 2 === 0 ? crowd.viewer.token : tenant.owner.token
      await expectSame({ query, token })
    }
    expect(short, 'operations that are written without graphql-js').toBeGreaterThan(OPERATIONS / 8)
  }, 300_000)

  const nodes = () => schema.getPossibleTypes(schema.getType('Node') as never).filter(isObjectType)

  test('what is refused: foreign, absent and malformed ids, wrong variables, pages that are too large, nobody', async () => {
    await standBefore(fast, crowd, '')
    const workspace = '{ workspace(id: $id) { name organization { name } } }'
    const query = `query Ask($id: ID!) ${workspace}`
    const unverified = await createWorld(fast).person({ verified: false })
    // Sees workspaces, but not what they belong to.
    const limited = `atr_${newToken()}`
    await fast.services.db.accessToken.create({
      data: {
        userId: crowd.tenant.owner.userId,
        name: 'limited',
        prefix: limited.slice(0, 10),
        tokenHash: hashToken(limited),
        isLimited: true,
        scopes: ['workspace:read'],
      },
    })
    const tokens = [
      crowd.viewer.token,
      crowd.tenant.owner.token,
      unverified.token,
      limited,
      'nobody',
      undefined,
    ]
    const ids = [crowd.tenant.first.id, encodeId('Workspace', newId()), 'rubbish', crowd.tenant.id, null, 7]
    for (const token of tokens) for (const id of ids) await expectSame({ query, variables: { id }, token })
    const token = crowd.viewer.token
    for (const type of nodes())
      await expectSame({
        query: `{ node(id: "${encodeId(type.name, newId())}") { id ... on ${type.name} { ${leavesOf(type)} } } }`,
        token,
      })
    const members =
      'query ($id: ID!, $first: Int) { workspace(id: $id) { members(first: $first) { nodes { id } } } }'
    for (const first of [-1, 0, 5, 100_000, 'x'])
      await expectSame({ query: members, variables: { id: crowd.tenant.first.id, first }, token })
    await expectSame({
      query:
        'query ($first: Int) { viewer { workspaces(first: $first) { nodes { members(first: 1000) { nodes { id } } } } } }',
      variables: { first: 1000 },
      token,
    })
    await expectSame({ query: '{ viewer { workspaces(after: "rubbish") { nodes { id } } } }', token })
    await expectSame({ query: '{ viewer { workspaces(filter: "rubbish = =") { nodes { id } } } }', token })
  })

  test('operations by name, media types, and what else stands in a body', async () => {
    const token = crowd.viewer.token
    const query = 'query A { viewer { user { id } } } query B { __typename }'
    for (const operationName of ['A', 'B', 'C', '', undefined])
      await expectSame({ query, operationName, token })
    for (const accept of [
      'application/json',
      'application/graphql-response+json',
      'application/graphql-response+json, application/json;q=0.9',
      '*/*',
      'text/html',
      'text/event-stream',
    ])
      for (const one of [
        '{ viewer { user { id } } }',
        '{ viewer { invites(first: -1) { nodes { id } } } }',
        '{',
      ])
        await expectSame({ query: one, accept, token })
    await expectSame({ query: '{ __typename }', more: { extensions: {} } })
    await expectSame({ query: '{ __typename }', more: { other: 1 } })
    await expectSame({ query: '{ __typename }', variables: [] as never })
    await expectSame({ query: '{ __schema { queryType { name } } }' })
    await expectSame({
      query: '{ viewer { user { id id fullName @skip(if: true) ...X } } } fragment X on User { email }',
      token,
    })
  })

  test('a mutation answers the same, refused and done', async () => {
    const rename = `mutation ($id: ID!, $name: String!) { updateWorkspace(input: { id: $id, name: $name }) {
      __typename ... on UpdateWorkspacePayload { workspace { name } } ... on ValidationError { issues { path message } } } }`
    for (const name of ['Same', '', 'x'.repeat(500)])
      for (const id of [crowd.tenant.first.id, encodeId('Workspace', newId())])
        await expectSame({ query: rename, variables: { id, name }, token: crowd.tenant.owner.token })
  })
})
