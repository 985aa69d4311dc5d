import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  type OperationDefinitionNode,
} from 'graphql'
import type { Context } from '../../context.ts'
import type { LoadedList } from '../connection.ts'

export type Path = GraphQLResolveInfo['path'] | undefined
export type Value = Record<string, unknown>

/** One execution: what its fields have to know, and the arguments of its lists, which are the same for all rows. */
export class Run {
  readonly context: Context
  readonly #arguments = new Map<FieldNode, Value>()
  readonly #plans = new Map<FieldNode, ReturnType<LoadedList['plan']>>()
  /** Whether a root has been resolved: then an error is no refusal of the root. */
  hasBegunBeneath = false

  constructor(
    readonly environment: {
      schema: GraphQLSchema
      fragments: Record<string, FragmentDefinitionNode>
      operation: OperationDefinitionNode
      context: Context
      variables: Value
    },
  ) {
    this.context = environment.context
  }

  argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Value {
    const present = this.#arguments.get(node)
    if (present) return present
    const given = getArgumentValues(field, node, this.environment.variables)
    this.#arguments.set(node, given)
    return given
  }

  planOf(list: LoadedList, field: GraphQLField<unknown, unknown>, node: FieldNode) {
    const present = this.#plans.get(node)
    if (present) return present
    const plan = list.plan(this.argumentsOf(field, node), this.context)
    this.#plans.set(node, plan)
    return plan
  }

  resolve(
    type: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    parent: unknown,
    prev: Path,
  ) {
    const { schema, fragments, operation, variables } = this.environment
    const key = node.alias?.value ?? node.name.value
    const info = {
      fieldName: field.name,
      fieldNodes: [node],
      returnType: field.type,
      parentType: type,
      path: { prev, key, typename: type.name },
      schema,
      fragments,
      rootValue: undefined,
      operation,
      variableValues: variables,
    } as GraphQLResolveInfo
    const value = field.resolve?.(parent, this.argumentsOf(field, node), this.context, info)
    return { value, path: info.path }
  }
}
