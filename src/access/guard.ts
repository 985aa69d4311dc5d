import { createRequire } from 'node:module'
import { defaultFieldResolver, type GraphQLField, type GraphQLObjectType, type GraphQLSchema } from 'graphql'
import type * as Shield from 'graphql-shield'
import type { Context } from '../context.ts'
import { renewAccess } from './access.ts'
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
 * asked anew for each event: what its request has found out about the viewer may be hours old by then (lesson 31).
 */
function guardField(field: GraphQLField<unknown, Context>, wrap: Middleware): void {
  const resolve = field.resolve ?? defaultFieldResolver
  const { subscribe } = field
  if (!subscribe) {
    field.resolve = (parent, args, context, info) => wrap(resolve, parent, args, context, info)
    return
  }
  field.resolve = async (parent, args, context, info) => {
    await renewAccess(context, true)
    return wrap(resolve, parent, args, context, info)
  }
  const passed: Resolver = (parent, args, context, info) => subscribe(parent, args, context, info)
  field.subscribe = async (parent, args, context, info) => {
    const answer = await wrap(passed, parent, args, context, info)
    if (answer instanceof Error) throw answer
    return answer
  }
}
