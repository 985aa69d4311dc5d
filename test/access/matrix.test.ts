import { beforeAll, describe, expect, test } from 'vitest'
import { gateOf } from '../../src/access/guard.ts'
import { notFound, notVerified, unauthenticated } from '../../src/platform/refusal.ts'
import { schema } from '../../src/schema.ts'
import { type Actor, actors, becomeActor, predict, type Verdict } from '../kit/actors.ts'
import { useTestApp } from '../kit/app.ts'
import { type Call, makeCalls, type Outcome, payloadOf } from '../kit/calls.ts'
import { createPlace, type Place } from '../kit/place.ts'
import { type Needs, sampleCalls, sampleNodes } from '../kit/sample-calls.ts'
import { nodeTypes, rootFields } from '../kit/schema-walk.ts'
import { snapshot } from '../kit/snapshot.ts'
import { createWorld, type Person, type World } from '../kit/world.ts'

const app = useTestApp()
const roots = rootFields(schema)

/** A sample call with its verdict. */
interface Foreseen {
  /** As reports name it: the field, and which of its samples. */
  title: string
  call: Call
  verdict: Verdict
  answers: string
  consumes: boolean
}

let world: World
let place: Place

beforeAll(async () => {
  world = createWorld(app.current)
  place = await createPlace(app.current, world)
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
  if (needs === 'a session') return /^isAuthenticated$/
  if (needs === 'a verified address') return /^isVerified$/
  if ('sees' in needs) return /^(isVerified|hasAccess\(READ, )/
  return new RegExp(`^can\\('(.+ \\| )?${needs.permission}( \\| .+)?', (scope|${needs.on})\\('\\w+'\\)\\)$`)
}

describe.each(actors)('$title', (actor) => {
  let person: Person | null

  beforeAll(async () => {
    person = await becomeActor(actor, place)
  })

  test('is refused what the matrix refuses, with the same words, and nothing is written', async () => {
    const refused = (await foresee(actor, place)).filter(({ verdict }) => verdict !== 'ALLOW')
    const before = await snapshot(app.current)
    const outcomes = await makeCalls(
      app.current,
      refused.map(({ call }) => call),
      person?.token,
    )
    expect(reportOf(refused, outcomes)).toEqual(refused.map(({ title, verdict }) => `${title}: ${verdict}`))
    expect(outcomes.map(messageOf)).toEqual(refused.map(({ verdict }) => textOf(verdict)))
    expect(await snapshot(app.current), 'a refused call has written').toEqual(before)
  })

  test('is let through where the matrix says so', async () => {
    const allowed = (await foresee(actor, place)).filter(
      ({ verdict, consumes }) => verdict === 'ALLOW' && !consumes,
    )
    const outcomes = await makeEach(allowed, person)
    expect(reportOf(allowed, outcomes)).toEqual(allowed.map(({ title, answers }) => `${title}: ${answers}`))
  })

  test('is let through to what ends their own access', async () => {
    const consuming = (await foresee(actor, place)).filter(
      ({ verdict, consumes }) => verdict === 'ALLOW' && consumes,
    )
    for (const { title } of consuming) {
      const ownPlace = await createPlace(app.current, world)
      const own = await becomeActor(actor, ownPlace)
      const again = (await foresee(actor, ownPlace)).filter((one) => one.title === title)
      const outcomes = await makeEach(again, own)
      expect(reportOf(again, outcomes)).toEqual(again.map((one) => `${title}: ${one.answers}`))
    }
  })

  test('lesson 29: sees by node and nodes exactly the rows that the matrix shows', async () => {
    const rows = await nodesOf(place)
    const calls = rows.flatMap(({ id }) => [
      { name: 'Query.node', args: { id } },
      { name: 'Query.nodes', args: { ids: [id] } },
    ])
    const outcomes = await makeCalls(app.current, calls, person?.token)
    const expected = rows.flatMap(({ type, needs }) => {
      const verdict = predict(actor, needs)
      const shown = verdict === 'ALLOW' ? type : verdict
      return [`${type} by node: ${shown}`, `${type} by nodes: ${shown}`]
    })
    const titles = rows.flatMap(({ type }) => [`${type} by node`, `${type} by nodes`])
    expect(outcomes.map((outcome, index) => `${titles[index]}: ${wordOf(outcome)}`)).toEqual(expected)
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

/** Every sample call, made for this place, with what the actor must be answered. */
async function foresee(actor: Actor, at: Place): Promise<Foreseen[]> {
  const foreseen: Foreseen[] = []
  for (const [name, calls] of Object.entries(sampleCalls)) {
    for (const [index, { needs, args, answers, consumes }] of calls.entries()) {
      foreseen.push({
        title: calls.length > 1 ? `${name} ${index + 1}` : name,
        call: { name, args: (await args?.(at)) ?? {} },
        verdict: predict(actor, needs),
        answers: answers ?? payloadOf(name),
        consumes: consumes ?? false,
      })
    }
  }
  return foreseen
}

/** Each in a request of its own: a mutation may change who asks. */
async function makeEach(foreseen: Foreseen[], person: Person | null): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { call } of foreseen) outcomes.push(...(await makeCalls(app.current, [call], person?.token)))
  return outcomes
}

async function nodesOf(at: Place): Promise<{ type: string; id: string; needs: Needs }[]> {
  const rows = await Promise.all(
    Object.entries(sampleNodes).map(async ([type, of]) => (await of(at)).map((row) => ({ type, ...row }))),
  )
  return rows.flat()
}

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
