import SchemaBuilder from '@pothos/core'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import { type GraphQLResolveInfo, isObjectType } from 'graphql'
import { isVerified } from '../access/rules.ts'
import type { Context } from '../context.ts'
import type PrismaTypes from '../generated/pothos-types.ts'
import { getDatamodel } from '../generated/pothos-types.ts'
import { badInput, missing } from '../platform/refusal.ts'
import { decodeId, encodeId } from './ids.ts'
import { rowClient } from './row-client.ts'

const MOST_NODES = 100

/** A deleted row is found by its own field only, where it can be asked for (O13). */
function shown(node: unknown): unknown {
  if (node instanceof Error) throw node
  return (node as { deletedAt?: Date | null } | null)?.deletedAt ? missing() : (node ?? missing())
}

/** @throws {CodedError} BAD_USER_INPUT `INVALID_ID` for an id of something that is no node, such as a session */
function refuseOtherTypes({ schema }: GraphQLResolveInfo, ids: readonly { typename: string }[]): void {
  for (const { typename } of ids) {
    const type = schema.getType(typename)
    const isNode = isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node')
    if (!isNode) throw badInput('INVALID_ID', `There is nothing to look up by the id of ${typename}.`)
  }
}

/** The GraphQL schema's builder: it defines no types. Each domain adds its own and src/schema.ts imports them all. */
export const builder = new SchemaBuilder<{
  PrismaTypes: PrismaTypes
  Context: Context
  DefaultFieldNullability: false
  DefaultEdgesNullability: false
  DefaultNodeNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    JSON: { Input: unknown; Output: unknown }
  }
}>({
  plugins: [RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  prisma: { client: (context) => rowClient(context), dmmf: getDatamodel(), exposeDescriptions: false },
  relay: {
    cursorType: 'String',
    clientMutationId: 'omit',
    encodeGlobalID: (typename, id) => encodeId(typename, String(id)),
    decodeGlobalID: (globalId) => decodeId(globalId),
    edgesFieldOptions: { nullable: false, description: 'The rows of this page, each with its cursor.' },
    nodesFieldOptions: { nullable: { list: false, items: false } },
    nodesOnConnection: { description: 'The rows of this page, without their cursors.' },
    idFieldOptions: { description: 'Opaque id.' },
    nodeFieldOptions: { nullable: false, description: 'The row.' },
    cursorFieldOptions: { description: 'Give it to `after` or `before` to go on from this row.' },
    pageInfoFieldOptions: { description: 'Whether there is more, and where to go on.' },
    hasNextPageFieldOptions: { description: 'Whether there are rows behind this page.' },
    hasPreviousPageFieldOptions: {
      description: 'Whether there are rows in front of this page.',
    },
    startCursorFieldOptions: { description: "The first row's cursor; null on an empty page." },
    endCursorFieldOptions: { description: "The last row's cursor; null on an empty page." },
    pageInfoTypeOptions: { description: 'Where this page stands in its list.' },
    nodeTypeOptions: { description: 'Anything that has an id of its own.' },
    nodeQueryOptions: {
      nullable: true,
      description: 'Anything by its id, under the same rule as its own field.',
      args: { id: { description: 'The id of anything.' } },
      extensions: { gate: isVerified },
      resolve: async (_root, { id }, _context, info, resolveNode) => {
        refuseOtherTypes(info, [id])
        return shown(await resolveNode(id))
      },
    },
    nodesQueryOptions: {
      nullable: { list: false, items: true },
      description: 'Several things by their ids, in this order; null, with an error, where there is none.',
      args: { ids: { description: `At most ${MOST_NODES} ids.` } },
      extensions: { gate: isVerified },
      resolve: async (_root, { ids }, _context, info, resolveNodes) => {
        if (ids.length > MOST_NODES)
          throw badInput('TOO_MANY_IDS', `Ask for at most ${MOST_NODES} ids at once.`)
        refuseOtherTypes(info, ids)
        return (await resolveNodes(ids)).map((node) => {
          try {
            return shown(node)
          } catch (error) {
            return error
          }
        })
      },
    },
  },
})

builder.queryType({ description: 'Reading. Every field is null when it is refused, and `errors` says why.' })
builder.mutationType({
  description:
    'Writing. Each mutation takes one `input` and answers a union: its payload, or one of the errors that it can refuse with.',
})
builder.subscriptionType({
  description:
    'Listening, by server-sent events: ask with `accept: text/event-stream`. Each field is null, with an error, when it is refused, and whether the viewer may is asked again for every event.',
})

/** The builder's own type parameter, for helpers that define fields and types. */
export type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never
/** The `t` of a plain object type's fields. */
export type ObjectFields<Shape extends object> = PothosSchemaTypes.ObjectFieldBuilder<Types, Shape>
/** The `t` of an input type's fields. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>
