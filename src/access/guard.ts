import { createRequire } from 'node:module'
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
} from 'graphql'
import type * as Shield from 'graphql-shield'
import type { Context } from '../context.ts'
import { renewViewer } from './access.ts'
import { type Looked, recordLooks } from './record-access.ts'
import type { Gate } from './rules.ts'

// The ESM build of graphql-shield fails to load on Node 23 and later (lesson 22); its CommonJS build works on all.
const { rule, deny, shield } = createRequire(import.meta.url)('graphql-shield') as typeof Shield

type Middleware = (
  resolve: unknown,
  ...args: [parent: unknown, args: unknown, context: unknown, info: unknown]
) => Promise<unknown>
type FieldMiddleware = Middleware | { resolve: Middleware }
type Resolver = NonNullable<GraphQLField<unknown, Context>['resolve']>

/**
 * Puts every root field behind its gate, and nothing else: graphql-shield wraps each field of each type otherwise, which
 * doubles the time of a large answer (access.md). Whatever is beneath a root is reached through tenant filters.
 *
 * @throws {Error} when a root field declares no gate: nothing is open by accident
 */
export function guardSchema(schema: GraphQLSchema): GraphQLSchema {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type): type is GraphQLObjectType => Boolean(type),
  )
  const rules = Object.fromEntries(roots.map((type) => [type.name, { '*': deny, ...rulesOf(type) }]))
  // A rule that throws counts as a refusal; ours return their error instead, so that an outage stays an outage.
  const generator = shield(rules, {
    fallbackRule: deny,
    allowExternalErrors: true,
    debug: true,
  } as Shield.IRules & never)
  const middleware = (
    generator as unknown as {
      generator: (schema: GraphQLSchema) => Record<string, Record<string, FieldMiddleware>>
    }
  ).generator(schema)
  for (const type of roots) {
    for (const field of Object.values(type.getFields())) {
      const wrap = middleware[type.name]?.[field.name]
      if (!wrap) throw new Error(`${type.name}.${field.name} has no middleware`)
      guardField(field, typeof wrap === 'function' ? wrap : wrap.resolve)
    }
  }
  return schema
}

function rulesOf(type: GraphQLObjectType): Record<string, ReturnType<ReturnType<typeof rule>>> {
  return Object.fromEntries(
    Object.values(type.getFields()).map((field) => {
      const gate = gateOf(field)
      if (!gate) throw new Error(`${type.name}.${field.name} declares no gate`)
      return [field.name, ruleOf(`${type.name}.${field.name} ${gate.name}`, gate)]
    }),
  )
}

/** The gate that a root field was declared with. */
export const gateOf = (field: GraphQLField<unknown, unknown>): Gate | undefined =>
  field.extensions.gate as Gate | undefined

/** `no_cache`: shield's own caches forget which object was asked about (lesson 19). */
function ruleOf(name: string, gate: Gate) {
  return rule(name, { cache: 'no_cache' })(async (_parent, args, context, info) => {
    try {
      await gate.check(args, context, info)
      return true
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  })
}

/**
 * A subscription is asked at its start too: shield alone would refuse each event after subscribing (lesson 21). And it is
 * asked anew for each event, credentials included: what its request has found out about the viewer may be hours old by
 * then (lesson 31). The first refusal ends it.
 */
function guardField(field: GraphQLField<unknown, Context>, wrap: Middleware): void {
  const resolve = field.resolve ?? defaultFieldResolver
  const { subscribe } = field
  if (!subscribe) {
    field.resolve = async (parent, args, context, info) => {
      const answer = await wrap(resolve, parent, args, context, info)
      if (info.parentType.name === 'Query')
        await recordLooks(context, nameOf(info), () => looksAt(args, answer, info))
      return answer
    }
    return
  }
  field.resolve = (parent, args, context, info) => {
    if (parent instanceof Refused) throw parent.error
    return resolve(parent, args, context, info)
  }
  const passed: Resolver = (parent, args, context, info) => subscribe(parent, args, context, info)
  field.subscribe = async (parent, args, context, info) => {
    const answer = await wrap(passed, parent, args, context, info)
    if (answer instanceof Error) throw answer
    await recordLooks(context, nameOf(info), () => looksAt(args, null, info))
    return untilRefused(answer as AsyncIterable<unknown>, async () => {
      await renewViewer(context)
      const again = await wrap(() => true, parent, args, context, info)
      if (again instanceof Error) throw again
    })
  }
}

const nameOf = ({ parentType, fieldName }: GraphQLResolveInfo) => `${parentType.name}.${fieldName}`

/** What a root field was asked for by id; where it was asked in another way, by a slug or a key, what it has found. */
function looksAt(args: unknown, answer: unknown, info: GraphQLResolveInfo): Looked[] {
  if (answer instanceof Error) return []
  const named = Object.values(args as object)
    .flat()
    .flatMap((value) => {
      const [, type, id] =
        /^([A-Za-z]+):([0-9a-f.-]{36,73})$/.exec(Buffer.from(String(value), 'base64url').toString('utf8')) ??
        []
      return type && id ? [{ type, id }] : []
    })
  if (named.length > 0) return named
  const { id } = (answer ?? {}) as { id?: unknown }
  return typeof id === 'string' ? [{ type: getNamedType(info.returnType).name, id }] : []
}

/** Stands in for the event that may not be seen any more. */
class Refused {
  constructor(readonly error: unknown) {}
}

/** How long an answer counts for events that were known when it was given. */
const ANSWER_MS = 1_000

/**
 * Asks before each event. Events that were read together are asked about together: each of them had happened when the
 * question was put, so whoever was allowed then may see it.
 *
 * Not a generator: ending one waits for the event that it is waiting for. */
function untilRefused(
  events: AsyncIterable<unknown>,
  ask: () => Promise<void>,
): AsyncIterableIterator<unknown> {
  const source = events[Symbol.asyncIterator]()
  let over = false
  let askedAt = Number.NEGATIVE_INFINITY
  const end = { done: true, value: undefined } as const
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: async () => {
      if (over) return end
      try {
        const step = await source.next()
        if (step.done || over) return end
        const { knownSince = Number.POSITIVE_INFINITY } = (step.value ?? {}) as { knownSince?: number }
        const now = performance.now()
        if (knownSince >= askedAt || now - askedAt > ANSWER_MS) {
          await ask()
          askedAt = now
        }
        return step
      } catch (error) {
        over = true
        await source.return?.()
        return { done: false, value: new Refused(error) }
      }
    },
    return: async () => {
      over = true
      await source.return?.()
      return end
    },
  }
}
