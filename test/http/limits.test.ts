import { buildClientSchema, getIntrospectionQuery } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createStub, errorsOf, send } from './stub.ts'

const nested = (depth: number) => `{ ${'node { '.repeat(depth - 1)}id${' }'.repeat(depth - 1)} }`

async function reasonOf(query: string, variables?: Record<string, unknown>): Promise<unknown> {
  const { app } = createStub()
  const response = await send(app, { query, variables }, { accept: 'application/graphql-response+json' })
  const [error] = await errorsOf(response)
  if (error) expect(response.status).toBe(400)
  return error?.extensions.reason
}

describe('the limits of a document', () => {
  test('twelve fields deep passes, thirteen does not', async () => {
    expect(await reasonOf(nested(12))).toBeUndefined()
    expect(await reasonOf(nested(13))).toBe('QUERY_TOO_DEEP')
  })

  test('depth is not hidden in fragments, and fragments do not count as depth', async () => {
    const hidden = `fragment A on Node { node { node { node { node { ...B } } } } }
      fragment B on Node { node { node { node { node { ...C } } } } }
      fragment C on Node { node { node { node { node { id } } } } }
      { node { ...A } }`
    expect(await reasonOf(hidden)).toBe('QUERY_TOO_DEEP')
    const shallow = `{ ${'node { ... on Node { '.repeat(11)}id${' } }'.repeat(11)} }`
    expect(await reasonOf(shallow)).toBeUndefined()
  })

  test('a thousand aliases', async () => {
    const aliases = Array.from({ length: 1000 }, (_, i) => `a${i}: hello`).join(' ')
    expect(await reasonOf(`{ ${aliases} }`)).toBe('TOO_MANY_ALIASES')
    const free = Array.from({ length: 1000 }, (_, i) => `a${i}: __typename`).join(' ')
    expect(await reasonOf(`{ ${free} }`)).toBe('TOO_MANY_ALIASES')
  })

  test('a document without end', async () => {
    expect(await reasonOf(`{ ${'hello '.repeat(5000)} }`)).toBe('TOO_MANY_TOKENS')
  })

  test('a document deeper than the stack of the parser', async () => {
    // Which of the two limits it meets first depends on how the parser is compiled at this moment.
    const refused = expect.stringMatching(/^(TOO_MANY_TOKENS|QUERY_TOO_DEEP)$/)
    expect(await reasonOf('{node'.repeat(100_000))).toEqual(refused)
    expect(await reasonOf(nested(1_600))).toBe('QUERY_TOO_DEEP')
    const value = `{ hello(a: ${'['.repeat(2_400)}${']'.repeat(2_400)}) }`
    expect(await reasonOf(value)).toBeDefined()
  })

  test('directives', async () => {
    expect(await reasonOf(`{ ${'hello @skip(if: false) '.repeat(60)} }`)).toBe('TOO_MANY_DIRECTIVES')
  })

  test('pages within pages, also by variables', async () => {
    const three = 'query ($n: Int) { nodes(first: $n) { nodes(first: $n) { nodes(first: $n) { id } } } }'
    expect(await reasonOf(three, { n: 20 })).toBeUndefined()
    expect(await reasonOf(three, { n: 100 })).toBe('QUERY_TOO_EXPENSIVE')
    expect(await reasonOf('{ nodes(first: 100) { nodes(first: 100) { id node { id } } } }')).toBeUndefined()
    expect(await reasonOf('{ nodes { nodes { nodes { nodes { id } } } } }')).toBe('QUERY_TOO_EXPENSIVE')
  })

  test('pages within fragments', async () => {
    const query = `{ nodes(first: 100) { ...A } }
      fragment A on Node { nodes(first: 100) { ... { ...B } } }
      fragment B on Node { nodes(first: 100) { id } }`
    expect(await reasonOf(query)).toBe('QUERY_TOO_EXPENSIVE')
  })

  test('a page that costs too much is refused each time, whatever other variables were sent before', async () => {
    const { app } = createStub()
    const query =
      'query ($n: Int = 100) { nodes(first: $n) { nodes(first: $n) { nodes(first: $n) { id } } } }'
    const reason = async (variables: object) =>
      (await errorsOf(await send(app, { query, variables })))[0]?.extensions.reason
    expect(await reason({ n: 1 })).toBeUndefined()
    expect(await reason({})).toBe('QUERY_TOO_EXPENSIVE')
    expect(await reason({ n: 1 })).toBeUndefined()
  })

  test('introspection passes, as GraphiQL, codegen and Relay send it', async () => {
    const { app } = createStub()
    const query = getIntrospectionQuery({
      descriptions: true,
      directiveIsRepeatable: true,
      inputValueDeprecation: true,
      schemaDescription: true,
      specifiedByUrl: true,
      oneOf: true,
    })
    const { data } = (await (await send(app, { query })).json()) as {
      data: Parameters<typeof buildClientSchema>[0]
    }
    expect(buildClientSchema(data).getQueryType()?.name).toBe('Query')
  })

  test('introspection in circles does not', async () => {
    const circle =
      '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }'
    expect(await reasonOf(circle)).toBe('VALIDATION')
  })
})
