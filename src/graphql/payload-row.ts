import { queryFromInfo } from '@pothos/plugin-prisma'
import { type GraphQLResolveInfo, isObjectType } from 'graphql'
import type { Context } from '../context.ts'
import { delegateName } from '../platform/reading/model.ts'
import { missing } from '../platform/refusal.ts'

type Where = Record<string, unknown>

/** How Pothos loads the rows of a type that is a node: `findUnique` is what the type declares, with who may see it. */
interface Loader {
  modelName: string
  findUnique: (row: { id: string }, context: Context) => Where
}

interface Delegate {
  findUnique(query: object): PromiseLike<{ id: string } | null>
}

/**
 * The row that a payload shows, by the rule of its type, with all that is selected beneath it by one plan: Pothos would plan and
 * wait for each of its fields anew. A payload gives the id alone where it shows many rows, which are loaded together then
 * (lesson 24), and of a workspace or an organization, whose `viewerAccess` and the like are asked for at the same moment as the
 * row.
 *
 * @param typename of the field, or of one of its interface's types
 * @throws {CodedError} NOT_FOUND when it is gone, or the viewer may not see it
 */
export async function payloadRow(
  context: Context,
  info: GraphQLResolveInfo,
  typename: string,
  id: string,
): Promise<never> {
  const type = info.schema.getType(typename)
  if (!isObjectType(type)) throw new Error(`${typename} is no type of rows`)
  const loaderOf = type.extensions.pothosPrismaLoader as (context: Context) => Loader
  const { modelName, findUnique } = loaderOf(context)
  const delegate = Reflect.get(context.db, delegateName(modelName)) as Delegate
  const query = queryFromInfo({ context, info, typeName: typename })
  return ((await delegate.findUnique({ ...query, where: findUnique({ id }, context) })) ?? missing()) as never
}
