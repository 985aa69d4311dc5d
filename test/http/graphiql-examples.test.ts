import { parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { EXAMPLES } from '../../src/http/graphiql-examples.ts'
import { schema } from '../../src/schema.ts'

test.each(EXAMPLES)('the example "$title" is one operation that fits the schema', ({ query }) => {
  const document = parse(query)
  expect(document.definitions).toHaveLength(1)
  expect(validate(schema, document).map(({ message }) => message)).toEqual([])
})

test('the examples fit the width of their editor', () => {
  for (const line of EXAMPLES.flatMap(({ query }) => query.split('\n'))) expect(line.length).toBeLessThan(64)
})
