import { readFileSync } from 'node:fs'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../src/schema.ts'

test('schema.graphql is the schema: run "npm run schema" and commit it', () => {
  const file = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')
  expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toBe(file)
})
