import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'

export type Field = GraphQLField<unknown, unknown>

/** Every root field, by `Type.field`. */
export function rootFields(schema: GraphQLSchema): Map<string, { type: GraphQLObjectType; field: Field }> {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return new Map(
    roots
      .filter((type): type is GraphQLObjectType => Boolean(type))
      .flatMap((type) =>
        Object.values(type.getFields()).map(
          (field) => [`${type.name}.${field.name}`, { type, field }] as const,
        ),
      ),
  )
}

/** Every field of an object type that is no root, by `Type.field`. */
export function nestedFields(schema: GraphQLSchema): Map<string, Field> {
  const roots = new Set<GraphQLNamedType>([...rootFields(schema).values()].map(({ type }) => type))
  return new Map(
    Object.values(schema.getTypeMap())
      .filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'))
      .filter((type) => !roots.has(type))
      .flatMap((type) =>
        Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field] as const),
      ),
  )
}

/** Every type that `node(id)` can answer. */
export function nodeTypes(schema: GraphQLSchema): string[] {
  const node = schema.getType('Node')
  if (!isInterfaceType(node)) throw new Error('There is no interface Node')
  return schema.getPossibleTypes(node).map(({ name }) => name)
}

/** Where arguments or input fields take an id, as in `input.scopeId` or `ids.*`; a list is a step named `*`. */
export function idPaths(inputs: readonly (GraphQLArgument | GraphQLInputField)[]): string[] {
  return inputs.flatMap(({ name, type }) => pathsIn(type, [name], new Set()))
}

function pathsIn(type: GraphQLInputType, path: string[], above: Set<GraphQLNamedType>): string[] {
  if (isNonNullType(type)) return pathsIn(type.ofType, path, above)
  if (isListType(type)) return pathsIn(type.ofType, [...path, '*'], above)
  if (isInputObjectType(type)) {
    // A type that contains itself is walked once.
    if (above.has(type)) return []
    const around = new Set([...above, type])
    return Object.values(type.getFields()).flatMap((field) =>
      pathsIn(field.type, [...path, field.name], around),
    )
  }
  return type.name === 'ID' ? [path.join('.')] : []
}

/** The values at a path of {@link idPaths}, each with the way to put another one there. */
export function valuesAt(
  args: unknown,
  path: string,
): { value: string; replace: (value: string) => Record<string, unknown> }[] {
  const places: (string | number)[][] = []
  const find = (at: unknown, steps: string[], walked: (string | number)[]) => {
    const [step, ...rest] = steps
    if (at === null || at === undefined) return
    if (step === undefined) places.push(walked)
    else if (step === '*')
      for (const index of (at as unknown[]).keys()) find((at as unknown[])[index], rest, [...walked, index])
    else find((at as Record<string, unknown>)[step], rest, [...walked, step])
  }
  find(args, path.split('.'), [])
  return places.map((place) => ({
    value: String(place.reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], args)),
    replace: (value) => {
      const copy = structuredClone(args) as Record<string, unknown>
      const parent = place
        .slice(0, -1)
        .reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], copy)
      ;(parent as Record<string | number, unknown>)[place.at(-1) as string | number] = value
      return copy
    },
  }))
}

/**
 * Selects all that can be seen below a type: every leaf, every to-one object with its leaves, and every connection with
 * its rows, `levels` connections deep.
 */
export function selectAll(type: GraphQLNamedType, levels: number, nested = true): string {
  if (isUnionType(type) || isInterfaceType(type))
    return isInterfaceType(type) && 'id' in type.getFields() ? '{ __typename id }' : '{ __typename }'
  const fields = Object.values((type as GraphQLObjectType).getFields()).flatMap((field) => {
    const of = getNamedType(field.type)
    if (
      field.args.some(({ type: needed, defaultValue }) => isNonNullType(needed) && defaultValue === undefined)
    )
      return []
    if (isLeafType(of)) return [field.name]
    if (!isCompositeType(of)) return []
    if (!of.name.endsWith('Connection'))
      return nested ? [`${field.name} ${selectAll(of, levels, false)}`] : []
    if (levels === 0) return []
    const node = getNamedType((of as GraphQLObjectType).getFields().nodes?.type)
    return [
      `${field.name}(first: 20) { totalCount nodes ${selectAll(node as GraphQLNamedType, levels - 1)} }`,
    ]
  })
  return `{ ${fields.join(' ')} }`
}
