import type { GraphQLObjectType } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../kit/app.ts'
import { ASKED, type Crowd, gatherCrowd, standBefore, WAYS } from '../kit/crowd.ts'
import { connections, selectionsOf } from '../schema/walk.ts'

const differences: string[] = []
const compared = { count: 0 }
let app: TestApp
let crowd: Crowd

beforeAll(async () => {
  app = await openTestApp(
    {},
    {
      onRead: async ({ what, query, answer, ask }) => {
        compared.count++
        const expected = await ask()
        try {
          expect(inOrder(answer, query)).toEqual(inOrder(expected, query))
        } catch (error) {
          differences.push(`${what} ${JSON.stringify(query)}\n${(error as Error).message.slice(0, 2000)}`)
        }
      },
    },
  )
  crowd = await gatherCrowd(app)
  return () => app.close()
}, 120_000)

/** Rows that were asked for in no order come in any: then they are compared by their ids. */
function inOrder(answer: unknown, query: Readonly<Record<string, unknown>>): unknown {
  if (!Array.isArray(answer) || query.orderBy) return answer
  return [...(answer as { id: string }[])].sort((a, b) => (a.id < b.id ? -1 : 1))
}

describe('a read in one statement answers as Prisma does', () => {
  for (const { owner, field, node } of connections) {
    test(`${owner.name}.${field.name}: every field of ${node.name}, in every combination of the walk`, async () => {
      const ways = WAYS[owner.name]
      if (!ways) throw new Error(`Say in WAYS how ${owner.name} is reached`)
      await standBefore(app, crowd, owner.name)
      const asked = ASKED[`${owner.name}.${field.name}`]?.(crowd) ?? ''
      differences.length = 0
      compared.count = 0
      for (const { text } of selectionsOf(node as GraphQLObjectType)) {
        const list = `list: ${field.name}(${asked}first: 5) { totalCount nodes { ${text} } }`
        for (const query of Object.values(ways(crowd, list))) {
          const { errors } = await app.run(query, {}, crowd.viewer.token)
          expect(errors, query).toBeUndefined()
        }
      }
      expect(differences).toEqual([])
      expect(compared.count).toBeGreaterThan(0)
    }, 120_000)
  }
})
