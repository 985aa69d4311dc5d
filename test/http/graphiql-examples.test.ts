import type { GraphQLInputType } from 'graphql'
import { coerceInputValue, parse, typeFromAST, validate } from 'graphql'
import { expect, test } from 'vitest'
import { EXAMPLES } from '../../src/http/graphiql-examples.ts'
import { schema } from '../../src/schema.ts'

test.each(EXAMPLES)(
  'the example "$title" fits the schema, its variables too',
  ({ query, variables = {} }) => {
    const document = parse(query)
    expect(validate(schema, document).map(({ message }) => message)).toEqual([])
    const [operation] = document.definitions
    const definitions =
      operation && 'variableDefinitions' in operation ? (operation.variableDefinitions ?? []) : []
    for (const { type, variable } of definitions) {
      if (variables[variable.name.value] === undefined) continue
      const input = typeFromAST(
        schema,
        type as Parameters<typeof typeFromAST>[1],
      ) as unknown as GraphQLInputType
      const problems: string[] = []
      coerceInputValue(variables[variable.name.value], input, (_path, _value, error) =>
        problems.push(error.message),
      )
      expect(problems).toEqual([])
    }
  },
)
