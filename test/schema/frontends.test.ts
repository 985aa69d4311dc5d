import { readdirSync, readFileSync } from 'node:fs'
import {
  buildSchema,
  concatAST,
  type DocumentNode,
  extendSchema,
  type GraphQLObjectType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  Kind,
  NoUndefinedVariablesRule,
  NoUnusedFragmentsRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const schema = buildSchema(read('schema.graphql'))
const objects = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
)
const typeOf = (type: GraphQLObjectType, field: string) => String(type.getFields()[field]?.type)

/** What relay-compiler knows beside the schema; its argument definitions are variables of a fragment. */
const withRelay = extendSchema(
  schema,
  parse(`
    directive @connection(key: String!, filters: [String!]) on FIELD
    directive @refetchable(queryName: String!) on FRAGMENT_DEFINITION
    directive @argumentDefinitions(first: Argument, after: Argument, filter: Argument) on FRAGMENT_DEFINITION
    input Argument { type: String!, defaultValue: Int }
  `),
)

/** The sources of an example that people write, by path. */
const sourcesOf = (example: string): Map<string, string> => {
  const folder = `examples/${example}`
  const paths = readdirSync(new URL(`../../${folder}/`, import.meta.url)).filter((name) =>
    /^(vite\.config|codegen)\.ts$|^relay\.config\.json$/.test(name),
  )
  const sources = readdirSync(new URL(`../../${folder}/src/`, import.meta.url)).filter((name) =>
    /\.tsx?$/.test(name),
  )
  return new Map(
    [...paths, ...sources.map((name) => `src/${name}`)].map((path) => [path, read(`${folder}/${path}`)]),
  )
}

/** Every operation and fragment of an example as one document, as its compiler sees them. */
const documentOf = (example: string): DocumentNode =>
  concatAST(
    [...sourcesOf(example).values()].flatMap((source) =>
      [...source.matchAll(/graphql\(?`([^`]*)`/g)].map(([, text]) => parse(text as string)),
    ),
  )

/** The blocks of a page in these languages, without their indentation. */
const blocksOf = (page: string): string[] =>
  [...read(`docs/${page}`).matchAll(/```(?:tsx?|json)\n([\s\S]*?)```/g)].map(([, block]) =>
    flat(block as string),
  )
const flat = (text: string) => text.replace(/\s+/g, ' ').trim()

test('issue 9: every operation of examples/relay is valid', () => {
  const document = documentOf('relay')
  expect(document.definitions).toHaveLength(7)
  // A fragment of Relay declares its variables itself; relay-compiler spreads them.
  const rules = specifiedRules.filter((rule) => rule !== NoUndefinedVariablesRule)
  expect(validate(withRelay, document, rules)).toEqual([])
})

test('issue 9: every operation of examples/apollo is valid', () => {
  const document = documentOf('apollo')
  expect(document.definitions).toHaveLength(5)
  expect(validate(schema, document, [...specifiedRules])).toEqual([])
})

test.each(['relay', 'apollo'])('issue 9: docs/%s.md quotes what its example runs', (example) => {
  const sources = [...sourcesOf(example).values()].map(flat)
  const blocks = blocksOf(`${example}.md`)
  expect(blocks.length).toBeGreaterThan(8)
  for (const block of blocks)
    expect(
      sources.some((source) => source.includes(block)),
      block,
    ).toBe(true)
})

test('issue 9: docs/frontend.md, docs/relay.md and docs/apollo.md have valid operations', () => {
  for (const page of ['frontend.md', 'relay.md', 'apollo.md']) {
    const relaxed = specifiedRules.filter(
      (rule) => rule !== NoUndefinedVariablesRule && rule !== NoUnusedFragmentsRule,
    )
    for (const [, text] of read(`docs/${page}`).matchAll(/graphql\(?`([^`]*)`/g))
      expect(validate(withRelay, parse(text as string), relaxed), page).toEqual([])
  }
})

test('issue 9: examples have exact versions, and no lockfile names where packages come from', () => {
  for (const example of ['relay', 'apollo']) {
    const { dependencies, devDependencies } = JSON.parse(read(`examples/${example}/package.json`))
    for (const version of Object.values({ ...dependencies, ...devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(read(`examples/${example}/package-lock.json`)).not.toMatch(/"resolved"|hasInstallScript/)
    expect(read(`examples/${example}/.npmrc`)).toContain('ignore-scripts=true')
  }
})

test('P6 Relay finds its Node: an interface with an id, and a root field for it', () => {
  const node = schema.getType('Node')
  if (!isInterfaceType(node)) throw new Error('Node is no interface')
  expect(Object.keys(node.getFields())).toEqual(['id'])
  expect(String(node.getFields().id?.type)).toBe('ID!')
  const root = schema.getQueryType()?.getFields().node
  expect([String(root?.type), root?.args.map((arg) => `${arg.name}: ${arg.type}`)]).toEqual([
    'Node',
    ['id: ID!'],
  ])
})

test('P6 Relay keeps objects by id: whatever has one is a Node, but for the subject of an event', () => {
  const withId = objects.filter((type) => type.getFields().id)
  expect(withId.length).toBeGreaterThan(10)
  for (const type of withId) expect(typeOf(type, 'id'), type.name).toBe('ID!')
  const others = withId.filter((type) => !type.getInterfaces().some(({ name }) => name === 'Node'))
  // docs/relay.md says what to do about it.
  expect(others.map(({ name }) => name)).toEqual(['EventSubject'])
})

test('P6 Relay reads a fragment on Viewer again below the root field of this name', () => {
  expect(String(schema.getQueryType()?.getFields().viewer?.type)).toBe('Viewer')
  expect(objects.find(({ name }) => name === 'Viewer')?.getFields().id).toBeUndefined()
})

test('P6 Relay finds its connections: pages in both directions, edges with a node and a cursor', () => {
  const info = objects.find(({ name }) => name === 'PageInfo')
  expect(
    info && ['hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor'].map((f) => typeOf(info, f)),
  ).toEqual(['Boolean!', 'Boolean!', 'String', 'String'])
  const connections = objects.filter(({ name }) => name.endsWith('Connection'))
  expect(connections.length).toBeGreaterThan(10)
  for (const type of connections) {
    expect(typeOf(type, 'pageInfo'), type.name).toBe('PageInfo!')
    const edge = getNamedType(type.getFields().edges?.type)
    // `@appendNode` of docs/relay.md names an edge after its node.
    expect([typeOf(type, 'edges'), edge?.name], type.name).toEqual([
      `[${edge?.name}!]!`,
      type.name.replace(/Connection$/, 'Edge'),
    ])
    if (!isObjectType(edge)) throw new Error(`${type.name} has no edges`)
    expect(isLeafType(getNamedType(edge.getFields().node?.type)), edge.name).toBe(false)
    expect(typeOf(edge, 'cursor'), edge.name).toBe('String!')
  }
  const lists = objects.flatMap((type) =>
    Object.values(type.getFields()).filter(({ type: of }) => getNamedType(of).name.endsWith('Connection')),
  )
  expect(lists.length).toBeGreaterThan(20)
  for (const { name, args } of lists) {
    const typed = args.map((arg) => `${arg.name}: ${arg.type}`)
    expect(typed, name).toEqual(
      expect.arrayContaining(['first: Int', 'after: String', 'last: Int', 'before: String']),
    )
  }
})

test('issue 9: what Apollo joins by docs/apollo.md are lists of the schema', () => {
  const client = sourcesOf('apollo').get('src/client.ts') ?? ''
  const policies = [...client.matchAll(/(\w+): \{ (?:keyFields: \[\], )?fields: \{ (.*?) \} \}/g)]
  expect(policies.map(([, type]) => type)).toEqual(['Viewer', 'Organization', 'Workspace'])
  for (const [, type, fields = ''] of policies) {
    const object = objects.find(({ name }) => name === type)
    for (const [, field = ''] of fields.matchAll(/(\w+): pages\(\)/g))
      expect(object && typeOf(object, field), `${type}.${field}`).toMatch(/Connection!?$/)
  }
  // Arguments that make another list have to be named; a new one of any of these lists has to be thought of.
  const named = [...(client.match(/relayStylePagination\(\[(.*?)\]/)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
    ([, name]) => name,
  )
  const paging = ['first', 'after', 'last', 'before']
  for (const name of ['workspaces', 'organizations', 'members']) {
    const args = objects.flatMap((type) => type.getFields()[name]?.args ?? []).map((arg) => arg.name)
    expect([...paging, ...named], name).toEqual(expect.arrayContaining(args))
  }
})

test('issue 9: operations of the examples have names, which is what their types are called after', () => {
  for (const example of ['relay', 'apollo']) {
    for (const definition of documentOf(example).definitions)
      expect('name' in definition && definition.name?.kind, example).toBe(Kind.NAME)
  }
})
