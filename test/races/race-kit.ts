import { afterAll, beforeAll } from 'vitest'
import type { Service } from '../../src/service.ts'
import { type Answer, openBeside, type TestApp, useTestApp } from '../kit/app.ts'
import { createWorld, type World } from '../kit/world.ts'

type Instance = Pick<TestApp, 'run' | 'services' | 'app'>
type Result = { __typename: string } & Record<string, unknown>

/** One call: what to send, and as whom. */
export interface Call {
  mutation: string
  input: Record<string, unknown>
  token?: string
  /** What to select of the answer beside its type. */
  fields?: string
}

export interface Races {
  readonly app: TestApp
  readonly world: World
  /** Two instances of the service on one database. */
  readonly instances: readonly [Instance, Instance]
  /** Sends all calls at once, in turn to one instance and the other. */
  race(calls: Call[]): Promise<Outcome[]>
}

/** What a call was answered: the type of the result, or the code of the error. */
export interface Outcome {
  kind: string
  result: Result | null
  errors: Answer<unknown>['errors']
}

/** Two instances of the service for the tests of a file, each with several connections. */
export function useRaces(): Races {
  const first = useTestApp({ DATABASE_POOL: '10' })
  let second: (Service & Pick<TestApp, 'run'>) | undefined
  let world: World | undefined
  beforeAll(async () => {
    second = await openBeside(first.current)
    world = createWorld(first.current)
  })
  afterAll(() => second?.close())
  const races: Races = {
    get app() {
      return first.current
    },
    get world() {
      if (!world) throw new Error('The world is made in beforeAll')
      return world
    },
    get instances() {
      if (!second) throw new Error('The second instance is opened in beforeAll')
      return [first.current, second] as const
    },
    race: (calls) =>
      Promise.all(calls.map((call, index) => send(races.instances[index % 2] as Instance, call))),
  }
  return races
}

async function send(instance: Instance, { mutation, input, token, fields = '' }: Call): Promise<Outcome> {
  const Name = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}`
  const document = `mutation ($input: ${Name}Input!) {
    result: ${mutation}(input: $input) { __typename ${fields && `... on ${Name}Payload { ${fields} }`} }
  }`
  const { data, errors } = await instance.run<{ result: Result | null } | null>(document, { input }, token)
  const result = data?.result ?? null
  return { kind: errors?.[0]?.extensions.code ?? String(result?.__typename), result, errors }
}

/** How often each kind of answer came. */
export function tally(outcomes: Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** So many of something, each made from its index. */
export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
