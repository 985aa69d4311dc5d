import {
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isNonNullType,
  type OperationTypeNode,
} from 'graphql'
import { schema } from '../../src/schema.ts'
import type { Answer, TestApp } from './app.ts'
import { rootFields } from './schema-walk.ts'
import { subscribeTo } from './sse.ts'

/** One call of a root field, `Type.field`. */
export interface Call {
  name: string
  args: Record<string, unknown>
}

/** What a call was answered: its `__typename` (of a list, of each row), or the error. */
export type Outcome =
  | { answered: string | null }
  | { refused: { message: string; extensions: Record<string, unknown> & { code: string } } }

/** An operation has at most 50 aliases. */
const MOST_ALIASES = 40

/** Makes calls of root fields with as few requests as possible, and tells what each was answered. */
export async function makeCalls(app: TestApp, calls: Call[], token?: string | null): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const batch of batches(calls)) outcomes.push(...(await send(app, batch, token)))
  return outcomes
}

/** Calls that stand together in one operation: of one root type, and not more than it takes. */
function batches(calls: Call[]): Call[][] {
  const all: Call[][] = []
  for (const call of calls) {
    const last = all.at(-1)
    const fits = last && last.length < MOST_ALIASES && isBeside(last[0] as Call, call)
    if (fits) last.push(call)
    else all.push([call])
  }
  return all
}

/** A refusal of a field that can't be null takes the answers of all fields beside it away. */
const isBeside = (one: Call, other: Call) =>
  rootOf(one) === rootOf(other) &&
  // A subscription has one field.
  rootOf(one) !== 'Subscription' &&
  ![one, other].some(({ name }) => isNonNullType(roots.get(name)?.field.type))

const rootOf = ({ name }: Call) => String(name.split('.')[0])
const roots = rootFields(schema)

async function send(app: TestApp, calls: Call[], token?: string | null): Promise<Outcome[]> {
  const variables: Record<string, unknown> = {}
  const declared: string[] = []
  const fields = calls.map(({ name, args }, index) => {
    const { field } = roots.get(name) ?? {}
    if (!field) throw new Error(`There is no root field ${name}`)
    const given = field.args.filter((arg) => arg.name in args)
    for (const arg of given) {
      variables[`${arg.name}${index}`] = args[arg.name]
      declared.push(`$${arg.name}${index}: ${arg.type}`)
    }
    const list = given.map((arg) => `${arg.name}: $${arg.name}${index}`)
    const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }'
    return `call${index}: ${field.name}${list.length > 0 ? `(${list.join(', ')})` : ''}${selection}`
  })
  const operation = rootOf(calls[0] as Call).toLowerCase() as OperationTypeNode
  const head = declared.length > 0 ? `(${declared.join(', ')})` : ''
  const document = `${operation} ${head} { ${fields.join('\n')} }`
  const { data, errors = [] } =
    operation === 'subscription'
      ? await firstMessage(app, document, variables, token)
      : await app.run<Answered>(document, variables, token)
  const unplaced = errors.find(({ path }) => !path)
  if (unplaced) throw new Error(`${calls.map(({ name }) => name).join(', ')}: ${unplaced.message}`)
  return calls.map((_call, index) => {
    const error = errors.find(({ path }) => path?.[0] === `call${index}`)
    if (error) return { refused: { message: error.message, extensions: error.extensions } }
    return { answered: typeNamesOf(data?.[`call${index}`]) }
  })
}

type Answered = Record<string, unknown> | null

/** What a subscription tells first: its sample asks for what has happened already, so it never waits. */
async function firstMessage(app: TestApp, document: string, variables: object, token?: string | null) {
  const subscription = await subscribeTo(app, document, { ...variables }, token ?? null)
  const first = await subscription.next()
  await subscription.leave()
  if (!first) throw new Error(`${document} told nothing`)
  return first as Answer<Answered>
}

function typeNamesOf(value: unknown): string | null {
  if (Array.isArray(value)) return value.map(typeNamesOf).join(',')
  return (value as { __typename: string } | null)?.__typename ?? null
}

/** The type that a root field answers with when it lets a call through. */
export function payloadOf(name: string): string {
  const { field } = roots.get(name) ?? {}
  const type = field && getNamedType(field.type)
  const payload = `${field?.name[0]?.toUpperCase()}${field?.name.slice(1)}Payload`
  return type?.name.endsWith('Result') ? payload : String((type as GraphQLObjectType | undefined)?.name)
}
