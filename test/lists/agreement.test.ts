import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { Caller } from '../../src/access/caller.ts'
import { workspaceList } from '../../src/domains/workspace/list.ts'
import { readFilter } from '../../src/graphql/lists/check.ts'
import type { Column } from '../../src/graphql/lists/columns.ts'
import { and, type Filter, not, or, type Test } from '../../src/graphql/lists/tree.ts'
import { newId } from '../../src/platform/ids.ts'
import { useTestApp } from '../kit/app.ts'
import { createWorld, type Tenant } from '../kit/world.ts'
import { matches, type Row } from './oracle.ts'
import { print, type Style, twin } from './print.ts'

const app = useTestApp()
const workspaceFields = workspaceList.fields

/** Texts that SQL, patterns or quoting could take for something else. */
const TEXTS = [
  'a',
  'A',
  'ab',
  'a%b',
  'a_b',
  'aXb',
  '100%',
  'a*b',
  'a\\b',
  "o'b",
  'say "b"',
  'É',
  'é',
  'x;--',
  'AND',
  'ß',
  '𝒳b',
]
const TIMES = [1, 2, 3, 4].map((day) => new Date(Date.UTC(2026, 0, day, 12, 0, 0, day)))
const FLAG = [true, false]

let tenant: Tenant
let rows: Row[]
let people: { userId: string; email: string; name: string }[]

beforeAll(async () => {
  const world = createWorld(app.current)
  tenant = await world.tenant()
  const { db } = app.current.services
  people = (await Promise.all([tenant.member(), tenant.member()])).map(({ userId, email }, index) => ({
    userId,
    email,
    name: TEXTS[index * 5] as string,
  }))
  for (const { userId, name } of people) await db.user.update({ where: { id: userId }, data: { name } })
  await db.workspaceMember.deleteMany({ where: { organizationId: tenant.organizationId } })
  await db.workspace.deleteMany({ where: { organizationId: tenant.organizationId } })
  const at = <T>(values: readonly T[], index: number) => values[index % values.length] as T
  rows = Array.from({ length: 60 }, (_, index) => {
    const creator = index % 3 === 0 ? null : at(people, index)
    return {
      id: newId(),
      name: at(TEXTS, index),
      key: `k-${index % 7}-${index}`,
      description: index % 4 === 0 ? '' : at(TEXTS, index * 5 + 1),
      labels: index % 5 === 0 ? [] : [at(TEXTS, index), at(TEXTS, index + 3)],
      mlEnabled: at(FLAG, index),
      createdAt: at(TIMES, index),
      updatedAt: at(TIMES, index * 3 + 1),
      deletedAt: index % 2 ? null : at(TIMES, index),
      createdBy: creator?.email ?? null,
      createdByName: creator?.name ?? null,
    }
  })
  await db.workspace.createMany({
    data: rows.map(({ createdBy, createdByName: _name, ...row }, index) => ({
      ...row,
      organizationId: tenant.organizationId,
      databaseName: `${tenant.slug.replaceAll('-', '_').slice(0, 30)}_${index}`,
      createdById: people.find(({ email }) => email === createdBy)?.userId ?? null,
    })),
  })
})

const text = fc.constantFrom(...TEXTS)
const pieces = fc.array(fc.constantFrom('', ...TEXTS), { minLength: 2, maxLength: 3 })
/** `title:"*"` asks for presence. */
const parts = pieces.filter((each) => each.some((piece) => piece !== ''))
const asked = (field: string, op: fc.Arbitrary<Test['op']>, value: fc.Arbitrary<Test['value']>) =>
  fc.record({ kind: fc.constant('test' as const), field: fc.constant(field), op, value })
const compared = fc.constantFrom<Test['op']>('eq', 'lt', 'lte', 'gt', 'gte')
const texts = fc.constantFrom('name', 'description', 'key', 'createdByName')
const present = fc.constant('present' as const)

const anyTest: fc.Arbitrary<Filter> = fc.oneof(
  texts.chain((field) => asked(field, compared, text)),
  texts.chain((field) => asked(field, fc.constant('like'), pieces)),
  texts.chain((field) =>
    asked(
      field,
      fc.constant('contains'),
      fc.oneof(
        parts,
        text.map((one) => [one]),
      ),
    ),
  ),
  fc
    .constantFrom('createdAt', 'updatedAt', 'deletedAt')
    .chain((field) => asked(field, compared, fc.constantFrom(...TIMES))),
  fc
    .constantFrom('labels', 'description', 'deletedAt', 'createdBy', 'name')
    .chain((field) => asked(field, present, fc.constant(true))),
  asked('labels', fc.constant('has'), text),
  asked('mlEnabled', fc.constant('eq'), fc.constantFrom(...FLAG)),
  asked(
    'createdBy',
    fc.constant('eq'),
    fc.integer({ min: 0, max: 2 }).map((index) => people[index]?.email ?? 'nobody@example.com'),
  ),
)

const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyTest,
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map(and),
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map(or),
    tie('tree').map(not),
  ),
}))

const style: fc.Arbitrary<Style> = fc
  .infiniteStream(fc.nat(1000))
  .map((numbers) => ({ pick: (count) => (numbers.next().value as number) % count }))

const QUERY = `query ($id: ID!, $filter: String, $where: WorkspaceWhere) {
  organization(id: $id) { workspaces(first: 1000, deleted: INCLUDE, filter: $filter, where: $where) { totalCount nodes { key } } }
}`

async function listed(variables: Record<string, unknown>): Promise<string[]> {
  const { data, errors } = await app.current.run<{
    organization: { workspaces: { totalCount: number; nodes: { key: string }[] } }
  }>(QUERY, { id: tenant.id, ...variables }, tenant.owner.token)
  expect(errors).toBeUndefined()
  const { nodes, totalCount } = data.organization.workspaces
  expect(totalCount).toBe(nodes.length)
  return nodes.map(({ key }) => key).sort()
}

const RUNS = 150

test('P9 P12 a filter string, its typed twin and an oracle in memory agree on every row', async () => {
  await fc.assert(
    fc.asyncProperty(tree, style, async (filter, how) => {
      const expected = rows
        .filter((row) => matches(filter, row))
        .map(({ key }) => key)
        .sort()
      const printed = print(filter, how)
      const [byString, byTwin] = await Promise.all([
        listed({ filter: printed }),
        listed({ where: twin(filter) }),
      ])
      expect(byString, printed).toEqual(expected)
      expect(byTwin, printed).toEqual(expected)
    }),
    { numRuns: RUNS },
  )
}, 60_000)

test('P9 reading what was printed gives the same tree', () => {
  fc.assert(
    fc.property(tree, style, (filter, how) => {
      expect(readFilter(print(filter, how), workspaceFields)).toEqual(filter)
    }),
    { numRuns: 1000 },
  )
})

test('P9 whatever a person types is read or refused, never an accident', () => {
  const soup = fc
    .array(
      fc.constantFrom(
        'title',
        'labels',
        '=',
        ':',
        '(',
        ')',
        '"',
        "'",
        '*',
        '-',
        '.',
        'AND',
        'OR',
        'NOT',
        ' ',
        '\\',
        'a',
        '<=',
        '!',
        ',',
        '2026-01-01',
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 60 })), (source) => {
      try {
        readFilter(source, workspaceFields)
      } catch (error) {
        expect((error as { details: { reason: string } }).details.reason).toBe('INVALID_FILTER')
        expect((error as { details: { position: number } }).details.position).toBeGreaterThan(0)
      }
    }),
    { numRuns: 3000 },
  )
})

test('P9 a number is read as one, also a negative one, and nothing else is', () => {
  const size: Column = { kind: 'integer', names: ['size'], path: ['size'], description: 'Its size.' }
  const read = (filter: string) => readFilter(filter, { columns: { size } })
  expect(read('size > -5')).toEqual({ kind: 'test', field: 'size', op: 'gt', value: -5 })
  expect(read('NOT size = 7')).toEqual(not({ kind: 'test', field: 'size', op: 'eq', value: 7 }))
  expect(() => read('size = 1.5')).toThrow(/whole number/)
  expect(() => read('size : 7')).toThrow(/size takes/)
  expect(() => read('seven')).toThrow(/Expected a comparator/)
})

test('P12 filter and where together are both true', async () => {
  const caller: Caller = await tenant.owner.caller()
  expect(caller.viewer).not.toBeNull()
  const both = await listed({ filter: 'ml_enabled = true', where: { name: { contains: 'b' } } })
  const expected = rows.filter(({ mlEnabled, name }) => mlEnabled && name.toLowerCase().includes('b'))
  expect(both).toEqual(expected.map(({ key }) => key).sort())
})
