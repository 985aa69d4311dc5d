import { beforeAll, describe, expect, test } from 'vitest'
import { gateOf } from '../../src/access/guard.ts'
import { notFound, notVerified, unauthenticated } from '../../src/platform/refusal.ts'
import { schema } from '../../src/schema.ts'
import { type Actor, actors, becomeActor, predict, type Verdict } from '../kit/actors.ts'
import { useTestApp } from '../kit/app.ts'
import { type Call, makeCalls, type Outcome, payloadOf } from '../kit/calls.ts'
import { createPlace, type Place, withoutSpares } from '../kit/place.ts'
import { type Needs, type SampleCall, sampleCalls, sampleNodes } from '../kit/sample-calls.ts'
import { nodeTypes, rootFields } from '../kit/schema-walk.ts'
import { snapshot } from '../kit/snapshot.ts'
import { createWorld, type Person, type World } from '../kit/world.ts'

const app = useTestApp({}, { taught: true })
const roots = rootFields(schema)

/** A sample call, and what an actor must be answered to it. */
interface Foreseen {
  /** As reports name it: the field, and which of its samples. */
  title: string
  name: string
  sample: SampleCall
  verdict: Verdict
  /** The `__typename` behind an open door. */
  answers: string
}

let world: World
let place: Place
let nodes: { type: string; id: string; needs: Needs }[]

beforeAll(async () => {
  world = createWorld(app.current)
  place = await createPlace(app.current, world)
  const rows = Object.entries(sampleNodes).map(async ([type, of]) =>
    (await of(place)).map((row) => ({ type, ...row })),
  )
  nodes = (await Promise.all(rows)).flat()
})

describe('every root field', () => {
  test('has a sample call, and every sample call a root field', () => {
    const withoutSample = [...roots.keys()].filter((name) => !sampleCalls[name]?.length)
    expect(
      withoutSample,
      'add a call of each to sampleCalls (test/kit/sample-calls.ts): whom access.md lets through, and arguments',
    ).toEqual([])
    const withoutField = Object.keys(sampleCalls).filter((name) => !roots.has(name))
    expect(withoutField, 'remove these from sampleCalls: there is no such root field').toEqual([])
  })

  test('declares a gate that names what its samples need', () => {
    const gates = Object.fromEntries(
      [...roots].map(([name, { field }]) => [name, gateOf(field)?.name ?? 'none']),
    )
    for (const [name, calls] of Object.entries(sampleCalls)) {
      for (const { needs } of calls)
        expect([name, gates[name]]).toEqual([name, expect.stringMatching(gateFor(needs))])
    }
  })
})

/** What `sees` asks may stand in the gate, or in the tenant filter behind `isVerified`. */
function gateFor(needs: Needs): RegExp {
  if (needs === 'anybody') return /^isPublic$/
  if (needs === 'a session') return /^(isAuthenticated|isInPerson)$/
  if (needs === 'a verified address') return /^isVerified$/
  if (needs === 'a platform administrator') return /^isPlatformAdmin$/
  if ('ownerWith' in needs) return needs.ownerWith === 'a session' ? /^isInPerson$/ : /^isVerified$/
  if ('sees' in needs) return /^(isVerified$|hasAccess\(READ, |can\('workspace:read', |can\(.+, scopeOf\()/
  if ('level' in needs) return new RegExp(`^hasAccess\\(${needs.level}, ${needs.on}\\('\\w+'\\)\\)$`)
  return new RegExp(
    `^can\\('(.+ \\| )?${needs.permission}( \\| .+)?', (scope(Of)?|${needs.on}(Of)?)\\([\\w', ]+\\)\\)$`,
  )
}

describe.each(actors)('$title', (actor) => {
  const foreseen = foresee(actor)
  let person: Person | null

  beforeAll(async () => {
    person = await becomeActor(actor, place)
  })

  test('is refused what the matrix refuses, with the same words, and nothing is written', async () => {
    const refused = foreseen.filter(({ verdict }) => verdict !== 'ALLOW')
    const calls = await Promise.all(refused.map((one) => callOf(one, withoutSpares(place))))
    const before = await snapshot(app.current)
    const outcomes = await makeCalls(app.current, calls, person?.token)
    expect(reportOf(refused, outcomes)).toEqual(refused.map(({ title, verdict }) => `${title}: ${verdict}`))
    expect(outcomes.map(messageOf)).toEqual(refused.map(({ verdict }) => textOf(verdict)))
    expect(await snapshot(app.current), 'a refused call has written').toEqual(before)
  })

  test('is let through where the matrix says so', async () => {
    const allowed = foreseen.filter(({ verdict }) => verdict === 'ALLOW')
    const outcomes: Outcome[] = []
    // Each in a request of its own: a mutation may change who asks.
    for (const one of allowed) {
      const { consumes } = one.sample
      const at = consumes === 'place' ? await createPlace(app.current, world) : place
      const caller = consumes ? await becomeActor(actor, at) : person
      outcomes.push(...(await makeCalls(app.current, [await callOf(one, at)], caller?.token)))
    }
    expect(reportOf(allowed, outcomes)).toEqual(allowed.map(({ title, answers }) => `${title}: ${answers}`))
  })

  test('lesson 29: sees by node and nodes exactly the rows that the matrix shows', async () => {
    const expected = nodes.map(({ type, needs }) => {
      const verdict = predict(actor, needs)
      return `${type}: ${verdict === 'ALLOW' ? type : verdict}`
    })
    const calls = nodes.map(({ id }) => ({ name: 'Query.node', args: { id } }))
    const outcomes = await makeCalls(app.current, calls, person?.token)
    expect(outcomes.map((outcome, index) => `${nodes[index]?.type}: ${wordOf(outcome)}`)).toEqual(expected)
    const { data, errors = [] } = await app.current.run<{ nodes: ({ __typename: string } | null)[] } | null>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }',
      { ids: nodes.map(({ id }) => id) },
      person?.token,
    )
    const words = nodes.map(({ type }, index) => {
      const error = errors.find(({ path = [] }) => path.length === 1 || path[1] === index)
      return `${type}: ${data?.nodes[index]?.__typename ?? error?.extensions.code}`
    })
    expect(words).toEqual(expected)
  })
})

test('lesson 29: every type that implements Node has a sample row', () => {
  expect(
    nodeTypes(schema).filter((name) => !sampleNodes[name]),
    'add a row of each to sampleNodes (test/kit/sample-calls.ts), and who sees it',
  ).toEqual([])
})

test('O2 createWorkspace without an organization asks for the same permission', async () => {
  const member = await place.tenant.member('MEMBER')
  const before = await snapshot(app.current)
  const call = { name: 'Mutation.createWorkspace', args: { input: { name: 'Mine' } } }
  const [refused] = await makeCalls(app.current, [call], member.token)
  expect(refused && wordOf(refused)).toBe('FORBIDDEN workspace:create')
  expect(await snapshot(app.current)).toEqual(before)
  const manager = await place.tenant.member('WORKSPACE_MANAGER')
  expect(await makeCalls(app.current, [call], manager.token)).toEqual([
    { answered: 'CreateWorkspacePayload' },
  ])
})

/** Every sample call, and what follows from the matrix. */
function foresee(actor: Actor): Foreseen[] {
  return Object.entries(sampleCalls).flatMap(([name, calls]) =>
    calls.map((sample, index) => ({
      title: calls.length > 1 ? `${name} ${index + 1}` : name,
      name,
      sample,
      verdict: predict(actor, sample.needs),
      answers:
        typeof sample.answers === 'function' ? sample.answers(actor) : (sample.answers ?? payloadOf(name)),
    })),
  )
}

const callOf = async ({ name, sample }: Foreseen, at: Place): Promise<Call> => ({
  name,
  args: (await sample.args?.(at)) ?? {},
})

const reportOf = (foreseen: Foreseen[], outcomes: Outcome[]) =>
  foreseen.map(({ title }, index) => `${title}: ${wordOf(outcomes[index] as Outcome)}`)

/** An outcome in the words of a verdict. */
function wordOf(outcome: Outcome): string {
  if ('answered' in outcome) return String(outcome.answered)
  const { code, permission } = outcome.refused.extensions
  return permission === undefined ? code : `${code} ${permission}`
}

const messageOf = (outcome: Outcome) => ('refused' in outcome ? outcome.refused.message : null)

function textOf(verdict: Verdict): unknown {
  if (verdict === 'UNAUTHENTICATED') return unauthenticated().message
  if (verdict === 'ACCOUNT_NOT_VERIFIED') return notVerified().message
  if (verdict === 'NOT_FOUND') return notFound().message
  return expect.stringContaining(verdict.replace('FORBIDDEN ', ''))
}
