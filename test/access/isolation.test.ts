import { beforeAll, describe, expect, test } from 'vitest'
import { decodeId, encodeId } from '../../src/graphql/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import { forbidden, notFound } from '../../src/platform/refusal.ts'
import { schema } from '../../src/schema.ts'
import { useTestApp } from '../kit/app.ts'
import { makeCalls, type Outcome, payloadOf } from '../kit/calls.ts'
import { createPlace, type Place, withoutSpares } from '../kit/place.ts'
import { nestedCalls, sampleCalls, sampleNodes } from '../kit/sample-calls.ts'
import { idPaths, nestedFields, nodeTypes, rootFields, selectAll, valuesAt } from '../kit/schema-walk.ts'
import { type Snapshot, snapshot } from '../kit/snapshot.ts'
import { createWorld } from '../kit/world.ts'

const app = useTestApp({}, { taught: true })
const roots = rootFields(schema)

/** A call with another id at one place: of a root field, or of an operation that reaches a field below. */
interface Probe {
  /** The field, and where the id stands. */
  title: string
  /** The type that the sample names there. */
  typename: string
  /** It is for platform administrators: the owner of a tenant gets no further, whatever the id. */
  closed: boolean
  /** What is answered for an id that is not the viewer's, where that refuses one row of a list alone. */
  answers?: string
  call:
    | { name: string; with(id: string): Record<string, unknown> }
    | { document: string; with(id: string): object }
}

/** A probe and the id that is put in. */
interface Shot {
  probe: Probe
  id: string
}

/** Tenant A, whose owner asks, and tenant B, whose ids are asked about. */
let ours: Place
let theirs: Place
let probes: Probe[]
/** Ids of tenant B by type. */
let foreign: Record<string, string[]>
let before: Snapshot

beforeAll(async () => {
  const world = createWorld(app.current)
  ours = await createPlace(app.current, world)
  theirs = await createPlace(app.current, world)
  foreign = Object.fromEntries(
    await Promise.all(
      Object.entries(sampleNodes).map(
        async ([type, of]) => [type, (await of(theirs)).map(({ id }) => id)] as const,
      ),
    ),
  )
  probes = [...(await rootProbes()), ...nestedProbes()]
  before = await snapshot(app.current)
})

describe('what the walk covers', () => {
  test('every type that implements Node has a row of another tenant', () => {
    expect(
      nodeTypes(schema).filter((name) => !foreign[name]?.length),
      'add a row of each to sampleNodes (test/kit/sample-calls.ts)',
    ).toEqual([])
  })

  test('every argument and input field that takes an id is given one in a sample call', () => {
    const wanted = [
      ...[...roots].flatMap(([name, { field }]) => idPaths(field.args).map((path) => `${name} ${path}`)),
      ...[...nestedFields(schema)].flatMap(([name, { args }]) =>
        idPaths(args).map((path) => `${name} ${path}`),
      ),
    ]
    const given = new Set(probes.map(({ title }) => title))
    expect(
      wanted.filter((path) => !given.has(path)),
      'give these in sampleCalls, or in nestedCalls when they are not of a root field (test/kit/sample-calls.ts)',
    ).toEqual([])
    expect(wanted.length).toBeGreaterThan(8)
  })
})

describe("T12 another tenant's id", () => {
  test('answers NOT_FOUND, in the words for an id that does not exist, and nothing is written', async () => {
    const shots = probes.flatMap((probe) => {
      const absent = encodeId(probe.typename, newId())
      return [absent, ...(foreign[probe.typename] ?? [])].map((id) => ({ probe, id }))
    })
    const isRow = ({ probe }: Shot) => probe.answers !== undefined
    await expectEach(
      shots.filter((shot) => !isRow(shot)),
      NOT_FOUND,
    )
    for (const shot of shots.filter(isRow)) await expectEach([shot], { answered: shot.probe.answers })
    expect(await snapshot(app.current), 'a call with a foreign id has written').toEqual(before)
  })

  test('is not found by node and nodes, whatever its type (lesson 29)', async () => {
    const rows = Object.entries(foreign).flatMap(([type, ids]) => ids.map((id) => ({ type, id })))
    const own = Object.values(await ownNodes()).flat()
    const single = await makeCalls(
      app.current,
      rows.map(({ id }) => ({ name: 'Query.node', args: { id } })),
      ours.tenant.owner.token,
    )
    expect(single.map((outcome, index) => [rows[index]?.type, outcome])).toEqual(
      rows.map(({ type }) => [type, NOT_FOUND]),
    )
    const { data, errors } = await app.current.run<{ nodes: ({ id: string } | null)[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      { ids: [...own, ...rows.map(({ id }) => id)] },
      ours.tenant.owner.token,
    )
    expect(data.nodes).toEqual([...own.map((id) => ({ id })), ...rows.map(() => null)])
    expect(errors?.map(({ message, path, extensions }) => ({ message, path, extensions }))).toEqual(
      rows.map((_row, index) => ({ ...NOT_FOUND.refused, path: ['nodes', own.length + index] })),
    )
  })

  test('is not found by slug and key either', async () => {
    const { db } = app.current.services
    const key = async (id: string) => (await db.workspace.findUniqueOrThrow({ where: { id } })).key
    const theirKey = await key(theirs.workspace.workspaceId)
    const calls = [
      { name: 'Query.organizationBySlug', args: { slug: theirs.tenant.slug } },
      { name: 'Query.workspaceByKey', args: { organizationSlug: theirs.tenant.slug, key: theirKey } },
      { name: 'Query.organizationBySlug', args: { slug: 'no-such-organization' } },
      { name: 'Query.workspaceByKey', args: { organizationSlug: ours.tenant.slug, key: 'no-such-key' } },
    ]
    const outcomes = await makeCalls(app.current, calls, ours.tenant.owner.token)
    expect(outcomes).toEqual(calls.map(() => NOT_FOUND))
  })
})

describe('an id that can not be one', () => {
  test('of a wrong type is INVALID_ID, and nothing is written', async () => {
    const shots = probes.flatMap((probe) => {
      const taken = new Set(
        probes.filter(({ title }) => title === probe.title).map(({ typename }) => typename),
      )
      // `node` and `nodes` take every type: only one that is no node is wrong there.
      const takesAll = /^Query\.nodes? /.test(probe.title)
      const wrong = takesAll ? ['Nothing', 'Viewer'] : nodeTypes(schema).filter((name) => !taken.has(name))
      return wrong.map((typename) => ({ probe, id: encodeId(typename, newId()) }))
    })
    await expectEach(shots, INVALID_ID)
    expect(await snapshot(app.current)).toEqual(before)
  })

  test('and a malformed one are INVALID_ID, and nothing is written', async () => {
    const malformed = (typename: string) => [
      '',
      'nonsense',
      newId(),
      '💥',
      'x'.repeat(5_000),
      encodeId(typename, '1'),
      encodeId(typename, ''),
      encodeId(typename, `${newId()}.${newId()}.${newId()}`),
      encodeId(typename, `${newId()}' OR true --`),
      // Only a member has an id of two parts.
      ...(typename === 'Member' ? [] : [encodeId(typename, `${newId()}.${newId()}`)]),
    ]
    await expectEach(
      probes.flatMap((probe) => malformed(probe.typename).map((id) => ({ probe, id }))),
      INVALID_ID,
    )
    expect(await snapshot(app.current)).toEqual(before)
  })
})

describe('lists', () => {
  test('lesson 29: nothing of another tenant is below viewer, organization, workspace and node', async () => {
    const secrets = await markersOf(theirs)
    const everything = (type: string) => selectAll(schema.getType(type) as never, 2)
    const documents = {
      Viewer: `{ viewer ${everything('Viewer')} }`,
      Organization: `query ($id: ID!) { organization(id: $id) ${everything('Organization')} }`,
      Workspace: `query ($id: ID!) { workspace(id: $id) ${everything('Workspace')} }`,
    }
    const ids: Record<string, string> = { Organization: ours.tenant.id, Workspace: ours.workspace.id }
    for (const [type, document] of Object.entries(documents)) {
      const answer = await app.current.run<unknown>(document, { id: ids[type] }, ours.tenant.owner.token)
      expect(answer.errors ?? []).toEqual([])
      const seen = [...textsIn(answer.data)]
      expect(seen.filter((text) => secrets.has(text))).toEqual([])
      // The walk is no proof when it sees nothing.
      expect(seen).toEqual(expect.arrayContaining([ours.tenant.organizationId, ours.workspace.workspaceId]))
      expect(seen.length).toBeGreaterThan(50)
    }
  })

  test('the same walk sees another tenant when its own people ask', async () => {
    const secrets = await markersOf(theirs)
    const document = `{ viewer ${selectAll(schema.getType('Viewer') as never, 2)} }`
    const answer = await app.current.run<unknown>(document, {}, theirs.tenant.owner.token)
    expect([...textsIn(answer.data)].filter((text) => secrets.has(text)).length).toBeGreaterThan(20)
  })
})

const NOT_FOUND = { refused: { message: notFound().message, extensions: { code: 'NOT_FOUND' } } } as const
const FORBIDDEN = {
  refused: {
    message: forbidden('platform:admin').message,
    extensions: { code: 'FORBIDDEN', permission: 'platform:admin' },
  },
}
const INVALID_ID = {
  refused: { message: expect.any(String), extensions: { code: 'BAD_USER_INPUT', reason: 'INVALID_ID' } },
}

async function ownNodes(): Promise<Record<string, string[]>> {
  return { Organization: [ours.tenant.id], Workspace: [ours.workspace.id], User: [ours.tenant.owner.id] }
}

/** Every id in every sample call, with the owner as caller. */
async function rootProbes(): Promise<Probe[]> {
  const found: Probe[] = []
  for (const [name, calls] of Object.entries(sampleCalls)) {
    const paths = idPaths(roots.get(name)?.field.args ?? [])
    for (const { args, needs, refusesRows } of paths.length > 0 ? calls : []) {
      const given = (await args?.(withoutSpares(ours))) ?? {}
      for (const path of paths) {
        for (const { value, replace } of valuesAt(given, path)) {
          const { typename } = decodeId(value)
          const closed = needs === 'a platform administrator'
          const answers = refusesRows && path.includes('*') ? { answers: payloadOf(name) } : {}
          const call = { name, with: replace }
          found.push({ title: `${name} ${path}`, typename, closed, call, ...answers })
        }
      }
    }
  }
  return found
}

function nestedProbes(): Probe[] {
  return Object.entries(nestedCalls).flatMap(([name, { document, variables, arguments: named, needs }]) =>
    Object.entries(named).flatMap(([path, variable]) =>
      valuesAt(variables(ours), variable).map(({ value, replace }) => ({
        title: `${name} ${path}`,
        typename: decodeId(value).typename,
        closed: needs === 'a platform administrator',
        call: { document, with: replace },
      })),
    ),
  )
}

/** Asks as the owner of tenant A, and expects one outcome of all, down to the words. */
async function expectEach(shots: Shot[], expected: object): Promise<void> {
  const { token } = ours.tenant.owner
  const atRoots = shots.flatMap(({ probe: { call }, id }) =>
    'name' in call ? [{ name: call.name, args: call.with(id) }] : [],
  )
  const answers = (await makeCalls(app.current, atRoots, token)).values()
  for (const { probe, id } of shots) {
    const { call, title, typename, closed } = probe
    const outcome = 'name' in call ? answers.next().value : await askBelow(call.document, call.with(id))
    expect([title, typename, id, outcome]).toEqual([title, typename, id, closed ? FORBIDDEN : expected])
  }
  expect(shots.length).toBeGreaterThan(0)
}

async function askBelow(document: string, variables: object): Promise<Outcome> {
  const { data, errors } = await app.current.run(document, variables, ours.tenant.owner.token)
  const [error] = errors ?? []
  if (!error) return { answered: JSON.stringify(data) }
  return { refused: { message: error.message, extensions: error.extensions } }
}

/** What only a tenant's own people may ever read: the ids of all its rows, in every table, and the names among them. */
async function markersOf({ tenant: { organizationId } }: Place): Promise<Set<string>> {
  const { db } = app.current.services
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT quote_ident(c.relname) AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'organization_id'`
  const parts = tables.map(
    ({ name }) => `SELECT to_jsonb(t) AS row FROM ${name} t WHERE organization_id = '${organizationId}'`,
  )
  const own = `SELECT to_jsonb(o) FROM organization o WHERE id = '${organizationId}'`
  const people = `SELECT to_jsonb(u) FROM "user" u JOIN organization_member m ON m.user_id = u.id
    WHERE m.organization_id = '${organizationId}'`
  const rows = await db.$queryRawUnsafe<{ row: Record<string, unknown> }[]>(
    [...parts, own, people].join(' UNION ALL '),
  )
  const telling = rows.flatMap(({ row }) =>
    [row.id, row.email, row.slug, row.database_name, row.token_hash].filter(
      (value) => typeof value === 'string',
    ),
  )
  return new Set([...telling, organizationId])
}

/** Every text of an answer; of a global id, the row ids inside. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') {
    yield value
    try {
      yield* decodeId(value).id.split('.')
    } catch {
      // It is no id, and was given as it is.
    }
  } else if (value && typeof value === 'object') {
    for (const one of Object.values(value)) yield* textsIn(one)
  }
}
