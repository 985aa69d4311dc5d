import { readFileSync } from 'node:fs'
import { parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { demoAccounts, seedDemo } from '../../prisma/seed.ts'
import { auditList } from '../../src/domains/event/list.ts'
import { memberList } from '../../src/domains/member/list.ts'
import { workspaceList } from '../../src/domains/workspace/list.ts'
import { schema } from '../../src/schema.ts'
import { useTestApp } from '../kit/app.ts'

const app = useTestApp()
const filtersPage = readFileSync(new URL('../../docs/filters.md', import.meta.url), 'utf8')
const eventsPage = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')

/** What the first column of the tables with this heading says, as a person would copy it. */
const examples = (heading: string, page = filtersPage): string[] =>
  [...page.matchAll(new RegExp(`^\\| ${heading} \\|[\\s\\S]*?(?=\\n\\n)`, 'gm'))].flatMap(([table]) =>
    [...table.matchAll(/^\| `(.+?)` \|/gm)].map(([, example]) => example as string),
  )

const context = { viewer: null } as never

test('P7 P9 every filter in docs/filters.md is one', () => {
  const filters = examples('filter')
  expect(filters.length).toBeGreaterThan(15)
  for (const filter of filters) expect(workspaceList.read({ filter }, context).where, filter).not.toBeNull()
})

test('P8 every filter of members in docs/filters.md is one', () => {
  const filters = examples('filter of members')
  expect(filters).toHaveLength(5)
  for (const filter of filters) expect(memberList.read({ filter }, context).where, filter).not.toBeNull()
})

test('P10 every order in docs/filters.md is one', () => {
  const orders = examples('order')
  expect(orders).toHaveLength(3)
  for (const orderBy of orders)
    expect(workspaceList.read({ orderBy }, context).order.length, orderBy).toBeGreaterThan(1)
})

test('E2 every filter of events in docs/events.md is one', () => {
  const filters = examples('filter of events', eventsPage)
  expect(filters).toHaveLength(3)
  for (const filter of filters) expect(auditList.read({ filter }, context).where, filter).not.toBeNull()
})

test('E5 T10 every operation in docs/events.md is valid', () => {
  const queries = [...eventsPage.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, query]) => query as string)
  expect(queries).toHaveLength(2)
  for (const query of queries) expect(validate(schema, parse(query))).toEqual([])
})

test('P12 every query in docs/filters.md is valid', () => {
  const queries = [...filtersPage.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, query]) => query as string)
  expect(queries).toHaveLength(2)
  for (const query of queries) expect(validate(schema, parse(query))).toEqual([])
})

test('every example of docs/filters.md and docs/events.md finds something in the demo', async () => {
  await seedDemo(app.current)
  const ask = (query: string, variables = {}, token: string | null = null) =>
    app.current.run<Record<string, Record<string, never>>>(query, variables, token)
  const [ada] = demoAccounts
  const input = { email: ada?.email, password: ada?.password }
  const signIn =
    'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInPayload { token } } }'
  const { token } = ((await ask(signIn, { input })).data.signIn ?? {}) as { token?: string }
  const lists: [string[], string, string][] = [
    [examples('filter'), 'organizationBySlug(slug: "acme")', 'workspaces'],
    [examples('filter of members'), 'workspaceByKey(organizationSlug: "acme", key: "rhine")', 'members'],
    [examples('filter of events', eventsPage), 'organizationBySlug(slug: "acme")', 'auditLog'],
  ]
  for (const [filters, root, list] of lists) {
    const query = `query ($filter: String!) { at: ${root} { list: ${list}(filter: $filter) { totalCount } } }`
    for (const filter of filters) {
      const { data } = await ask(query, { filter }, token)
      expect(data.at?.list, filter).toEqual({ totalCount: expect.toSatisfy((count: number) => count > 0) })
    }
  }
  const [, inTypes] = filtersPage.match(/with `(\{ "where": .*\})`\./) ?? []
  const twin = 'query ($where: WorkspaceWhere) { viewer { workspaces(where: $where) { totalCount } } }'
  const { data } = await ask(twin, JSON.parse(inTypes ?? ''), token)
  expect(data.viewer?.workspaces).toEqual({ totalCount: 1 })
})
