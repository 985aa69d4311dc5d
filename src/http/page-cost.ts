import type {
  ArgumentNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql'
import { getNamedType, isCompositeType, Kind } from 'graphql'

/** Objects that one operation may ask for: a page of 100 in each of 100 parents passes, 100 × 100 × 100 does not. */
export const MAX_OBJECTS = 100_000

const PAGE_ARGUMENTS = new Set(['first', 'last', 'ids'])
/** What a list gives when it is not told (`DEFAULT_PAGE` of src/graphql/lists/page.ts), and the most that it gives. */
const DEFAULT_PAGE = 50
const LARGEST_PAGE = 1000

type Variables = Readonly<Record<string, unknown>>
type Size = (variables: Variables) => number

/** A field with a selection of its own: how many objects it may give, and what hangs on each. */
interface Branch {
  size: Size
  children: Branch[]
}

const measured = new WeakMap<OperationDefinitionNode, Branch[]>()

/**
 * How many objects an operation can ask for at most, from the sizes of its pages, whether they stand in the document
 * or in variables.
 *
 * @param operation an operation of a valid document
 */
export function objectsAskedFor(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  let branches = measured.get(operation)
  if (!branches) {
    const root = schema.getRootType(operation.operation)
    branches = root ? new Measure(schema, document, operation).selection(operation.selectionSet, root) : []
    measured.set(operation, branches)
  }
  return sum(branches, variables)
}

function sum(branches: Branch[], variables: Variables): number {
  return branches.reduce(
    (total, { size, children }) => total + size(variables) * (1 + sum(children, variables)),
    0,
  )
}

class Measure {
  readonly #fragments: Map<string, FragmentDefinitionNode>
  readonly #measuredFragments = new Map<string, Branch[]>()
  readonly #defaults: Map<string, unknown>

  constructor(
    readonly schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
  ) {
    this.#fragments = new Map(
      document.definitions.flatMap((one) =>
        one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
      ),
    )
    this.#defaults = new Map(
      (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
        variable.name.value,
        defaultValue?.kind === Kind.INT ? Number(defaultValue.value) : undefined,
      ]),
    )
  }

  selection(set: SelectionSetNode, parent: GraphQLCompositeType): Branch[] {
    return set.selections.flatMap((node) => {
      if (node.kind === Kind.FIELD) return this.#field(node, parent)
      if (node.kind === Kind.FRAGMENT_SPREAD) return this.#fragment(node.name.value)
      const type = node.typeCondition ? this.schema.getType(node.typeCondition.name.value) : parent
      return isCompositeType(type) ? this.selection(node.selectionSet, type) : []
    })
  }

  #fragment(name: string): Branch[] {
    const known = this.#measuredFragments.get(name)
    if (known) return known
    const fragment = this.#fragments.get(name)
    const type = fragment && this.schema.getType(fragment.typeCondition.name.value)
    const branches = fragment && isCompositeType(type) ? this.selection(fragment.selectionSet, type) : []
    this.#measuredFragments.set(name, branches)
    return branches
  }

  /** `__schema` and `__type` cost nothing: what they can give is in memory and bounded by the schema. */
  #field(node: FieldNode, parent: GraphQLCompositeType): Branch[] {
    if (!node.selectionSet || node.name.value.startsWith('__')) return []
    const field = 'getFields' in parent ? parent.getFields()[node.name.value] : undefined
    const type = field && getNamedType(field.type)
    if (!field || !isCompositeType(type)) return []
    return [{ size: this.#size(node, field), children: this.selection(node.selectionSet, type) }]
  }

  #size(node: FieldNode, field: GraphQLField<unknown, unknown>): Size {
    const given = (node.arguments ?? []).filter(({ name }) => PAGE_ARGUMENTS.has(name.value))
    const page = field.args.find(({ name }) => PAGE_ARGUMENTS.has(name))
    if (!page) return () => 1
    const usual = typeof page.defaultValue === 'number' ? page.defaultValue : DEFAULT_PAGE
    const sizes = given.map((argument) => this.#argumentSize(argument, usual))
    return sizes.length ? (variables) => Math.max(1, ...sizes.map((size) => size(variables))) : () => usual
  }

  #argumentSize({ value }: ArgumentNode, usual: number): Size {
    if (value.kind === Kind.INT) return () => sizeOf(Number(value.value), usual)
    if (value.kind === Kind.LIST) return () => value.values.length
    if (value.kind !== Kind.VARIABLE) return () => usual
    const name = value.name.value
    const fallback = this.#defaults.get(name)
    return (variables) => sizeOf(variables[name] ?? fallback, usual)
  }
}

function sizeOf(value: unknown, usual: number): number {
  if (Array.isArray(value)) return value.length
  // As the lists take it (P1, P2): 0 is a usual page, and a huge one is the largest that there is.
  return typeof value === 'number' && value > 0 ? Math.min(value, LARGEST_PAGE) : usual
}
