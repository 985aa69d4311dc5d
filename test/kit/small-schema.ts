import { createRequire } from 'node:module'
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  parse,
} from 'graphql'
import type { applyMiddleware as ApplyMiddleware, IMiddlewareGenerator } from 'graphql-middleware'
import type * as Shield from 'graphql-shield'
import { createAccess } from '../../src/access/access.ts'
import { guardSchema } from '../../src/access/guard.ts'
import type { Gate } from '../../src/access/rules.ts'
import type { Context } from '../../src/context.ts'
import type { TestApp } from './app.ts'
import type { Person } from './world.ts'

const require = createRequire(import.meta.url)
/** graphql-shield as it comes, to show what it does without our guard. */
export const shield = require('graphql-shield') as typeof Shield
const { applyMiddleware } = require('graphql-middleware') as { applyMiddleware: typeof ApplyMiddleware }

type Resolver = GraphQLFieldResolver<unknown, unknown>
export type Resolvers = Record<string, Record<string, Resolver | { subscribe: Resolver; resolve?: Resolver }>>

/** A schema of its own for one trap. */
export function small(sdl: string, resolvers: Resolvers): GraphQLSchema {
  const made = buildSchema(sdl)
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = made.getType(typeName)
    for (const [name, given] of Object.entries(fields)) {
      const field = isObjectType(type) ? type.getFields()[name] : undefined
      if (!field) throw new Error(`There is no ${typeName}.${name}`)
      if (typeof given === 'function') field.resolve = given
      else Object.assign(field, given)
    }
  }
  return made
}

/** As the documentation of graphql-shield has it. */
export const shielded = (made: GraphQLSchema, rules: Shield.IRules, options: object = {}): GraphQLSchema =>
  applyMiddleware(
    made,
    shield.shield(rules, options) as unknown as IMiddlewareGenerator<unknown, unknown, unknown>,
  )

/** As ours: a gate on each root field. */
export function guarded(made: GraphQLSchema, gates: Record<string, Gate>): GraphQLSchema {
  for (const [name, gate] of Object.entries(gates)) {
    const [typeName, fieldName] = name.split('.') as [string, string]
    const type = made.getType(typeName) as GraphQLObjectType
    const field = type.getFields()[fieldName]
    if (field) field.extensions = { gate }
  }
  return guardSchema(made)
}

export const run = async (made: GraphQLSchema, query: string, contextValue: object = {}) => {
  const result = (await execute({ schema: made, document: parse(query), contextValue })) as ExecutionResult
  const codes = result.errors?.map(
    ({ message, originalError }) => (originalError as { code?: string })?.code ?? message,
  )
  return { data: result.data && JSON.parse(JSON.stringify(result.data)), codes: codes ?? [] }
}

export const gate = (name: string, check: Gate['check']): Gate => ({ name, check })

/** A request's context without HTTP, for schemas that the server does not have. */
export async function contextOf({ services }: TestApp, person: Person | null): Promise<Context> {
  const caller = person ? await person.caller() : { ...services, viewer: null, requestId: null }
  const readViewer = async () => (person ? (await person.caller()).viewer : null)
  return { ...caller, readViewer, access: createAccess(services.db, caller.viewer) } as Context
}
