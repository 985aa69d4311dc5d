import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { Context } from '../../context.ts'
import { type Connection, connectionOf, type LoadedList, type Row } from '../connection.ts'
import { encodeId } from '../ids.ts'
import { leafWriter, Unfit, type Write } from './leaves.ts'
import type { Path, Run, Value } from './run.ts'

/** Writes one field of an object as JSON. */
type WriteField = (parent: Value, run: Run, path: Path) => string | Promise<string>
type WriteNow = (parent: Value, run: Run) => string

/** A root field, or one of the viewer: its resolver may ask the database. */
export interface Written {
  key: string
  nullable: boolean
  nodes: FieldNode[]
  write: WriteField
}

/** What a field of ours tells about itself, when it is no plain column and no plain relation. */
export interface LoadedField {
  /** The to-one relation that it gives, if `allow` does not throw. */
  relation: string
  allow?: (context: Context) => void
}
export type FromRow = (row: never, context: Context) => unknown

const extensionOf = <T>(field: GraphQLField<unknown, unknown>, name: string): T | undefined =>
  field.extensions[name] as T | undefined
const modelOf = (type: GraphQLObjectType) => type.extensions.pothosPrismaModel

function unfit(): never {
  throw new Unfit()
}

/** Compiles selections; throws {@link Unfit} where it meets anything that it does not know. */
export class Compiler {
  constructor(
    readonly schema: GraphQLSchema,
    readonly fragments: Record<string, FragmentDefinitionNode>,
  ) {}

  /** Fields whose own resolvers run: of the query, and of the viewer. */
  roots(type: GraphQLObjectType, set: SelectionSetNode): Written[] {
    return [...this.#fields(type, set)].map(([key, node]): Written => {
      if (node.name.value === '__typename')
        return { key, nullable: false, nodes: [node], write: () => JSON.stringify(type.name) }
      const field = this.#field(type, node)
      const nullable = !isNonNullType(field.type)
      const complete = this.#resolved(field, node)
      const write: WriteField = async (parent, run, prev) => {
        const { value, path } = run.resolve(type, field, node, parent, prev)
        const found = await value
        if (found instanceof Error) throw found
        run.hasBegunBeneath = true
        if (found == null) return nullable ? 'null' : unfit()
        return complete(found as Value, run, path)
      }
      return { key, nullable, nodes: [node], write }
    })
  }

  /** What such a resolver gives: a row of a model, the viewer, or a page of rows. */
  #resolved({ type }: GraphQLField<unknown, unknown>, node: FieldNode): WriteField {
    const named = getNullableType(type)
    if (!isObjectType(named) || !node.selectionSet) return unfit()
    if (modelOf(named)) return this.#object(named, node.selectionSet)
    if (named.name.endsWith('Connection')) return this.#connection(named, node.selectionSet) as WriteField
    if (named.name !== 'Viewer') return unfit()
    const fields = this.roots(named, node.selectionSet)
    return async (viewer, run, path) => {
      const written = await Promise.all(fields.map(({ write }) => write(viewer, run, path)))
      return `{${fields.map(({ key }, at) => `${JSON.stringify(key)}:${written[at]}`).join(',')}}`
    }
  }

  #object(type: GraphQLObjectType, set: SelectionSetNode): WriteNow {
    const relations = new Set<string>()
    const parts = [...this.#fields(type, set)].map(([key, node]) => ({
      head: `${JSON.stringify(key)}:`,
      write: this.#rowField(type, node, relations),
    }))
    return (row, run) => {
      let json = '{'
      for (const { head, write } of parts) json += `${json.length > 1 ? ',' : ''}${head}${write(row, run)}`
      return `${json}}`
    }
  }

  /** @param relations those that were selected of the same row: a second selection may have loaded other rows */
  #rowField(type: GraphQLObjectType, node: FieldNode, relations: Set<string>): WriteNow {
    if (node.name.value === '__typename') return () => JSON.stringify(type.name)
    const field = this.#field(type, node)
    const column = extensionOf<string>(field, 'pothosExposedField')
    if (column !== undefined) return this.#leaf(field, (row) => row[column])
    const fromRow = extensionOf<FromRow>(field, 'fromRow')
    if (fromRow) return this.#leaf(field, (row, run) => fromRow(row as never, run.context))
    const isNode = modelOf(type) && type.getInterfaces().some(({ name }) => name === 'Node')
    if (isNode && field.name === 'id')
      return (row) => (typeof row.id === 'string' ? JSON.stringify(encodeId(type.name, row.id)) : unfit())
    const list = extensionOf<LoadedList>(field, 'loadedList')
    const relation = list?.relation ?? this.#relationOf(field)
    if (relations.has(relation)) return unfit()
    relations.add(relation)
    return list ? this.#list(list, field, node) : this.#toOne(relation, field, node)
  }

  #relationOf(field: GraphQLField<unknown, unknown>): string {
    if (field.args.length > 0) return unfit()
    const plain = extensionOf<{ name: string; isList: boolean }>(field, 'pothosPrismaRelationField')
    const loaded = extensionOf<LoadedField>(field, 'loadedField')
    if (plain?.isList) return unfit()
    return plain?.name ?? loaded?.relation ?? unfit()
  }

  #toOne(relation: string, field: GraphQLField<unknown, unknown>, node: FieldNode): WriteNow {
    const named = getNullableType(field.type)
    if (!isObjectType(named) || !modelOf(named) || !node.selectionSet) return unfit()
    const write = this.#object(named, node.selectionSet)
    const allow = extensionOf<LoadedField>(field, 'loadedField')?.allow
    const nullable = !isNonNullType(field.type)
    return (row, run) => {
      allow?.(run.context)
      const found = row[relation]
      if (found === null && nullable) return 'null'
      return typeof found === 'object' && found !== null ? write(found as Value, run) : unfit()
    }
  }

  #leaf(field: GraphQLField<unknown, unknown>, read: (row: Value, run: Run) => unknown): WriteNow {
    const write: Write = leafWriter(field.type as GraphQLOutputType) ?? unfit()
    if (field.args.length > 0) return unfit()
    return (row, run) => {
      const value = read(row, run)
      return value === undefined ? unfit() : write(value)
    }
  }

  #list(list: LoadedList, field: GraphQLField<unknown, unknown>, node: FieldNode): WriteNow {
    const named = getNullableType(field.type)
    if (!isObjectType(named) || !node.selectionSet || list.isGuarded) return unfit()
    const write = this.#connection(named, node.selectionSet)
    const { through, relation } = list
    return (row, run) => {
      const parent = (through ? row[through] : row) as Value | undefined
      const rows = parent?.[relation]
      if (!Array.isArray(rows) || typeof row.id !== 'string') return unfit()
      const total = (parent?._count as Record<string, number> | undefined)?.[relation]
      const plan = run.planOf(list, field, node)
      return write(connectionOf(run.context, plan, row.id, rows as Row[], total ?? 0) as never, run) as string
    }
  }

  #connection(type: GraphQLObjectType, set: SelectionSetNode) {
    const parts = [...this.#fields(type, set)].map(([key, node]) => ({
      head: `${JSON.stringify(key)}:`,
      write: this.#connectionField(type, node),
    }))
    return (given: Value, run: Run): string | Promise<string> => {
      const connection = given as unknown as Connection
      const { totalCount } = connection
      const isLate = typeof totalCount === 'function' && parts.some(({ write }) => write === 'totalCount')
      const join = (total: number | null) =>
        `{${parts
          .map(({ head, write }) => head + (write === 'totalCount' ? COUNT(total) : write(connection, run)))
          .join(',')}}`
      if (isLate) return totalCount().then(join)
      return join(typeof totalCount === 'number' ? totalCount : null)
    }
  }

  #connectionField(
    type: GraphQLObjectType,
    node: FieldNode,
  ): 'totalCount' | ((connection: Connection, run: Run) => string) {
    const name = node.name.value
    if (name === '__typename') return () => JSON.stringify(type.name)
    const field = this.#field(type, node)
    if (name === 'totalCount') return 'totalCount'
    const set = node.selectionSet ?? unfit()
    if (name === 'pageInfo') {
      const write = this.#plainObject(this.#objectType(field), set)
      return ({ pageInfo }) => write(pageInfo as never)
    }
    if (name === 'nodes') {
      const write = this.#object(this.#objectType(field), set)
      return ({ nodes }, run) => `[${nodes.map((row) => write(row as never, run)).join(',')}]`
    }
    if (name !== 'edges') return unfit()
    const edge = this.#objectType(field)
    const parts = [...this.#fields(edge, set)].map(([key, one]) => {
      const write = this.#edgeField(edge, one)
      return (row: Connection['edges'][number], run: Run) => `${JSON.stringify(key)}:${write(row, run)}`
    })
    return ({ edges }, run) =>
      `[${edges.map((one) => `{${parts.map((part) => part(one, run)).join(',')}}`).join(',')}]`
  }

  #edgeField(
    edge: GraphQLObjectType,
    node: FieldNode,
  ): (one: Connection['edges'][number], run: Run) => string {
    const name = node.name.value
    if (name === '__typename') return () => JSON.stringify(edge.name)
    if (name === 'cursor') return ({ cursor }) => JSON.stringify(cursor)
    if (name !== 'node') return unfit()
    const write = this.#object(this.#objectType(this.#field(edge, node)), node.selectionSet ?? unfit())
    return (one, run) => write(one.node as never, run)
  }

  /** An object whose fields are its properties. */
  #plainObject(type: GraphQLObjectType, set: SelectionSetNode): (value: Value) => string {
    const parts = [...this.#fields(type, set)].map(([key, node]) => {
      if (node.name.value === '__typename') return () => `${JSON.stringify(key)}:${JSON.stringify(type.name)}`
      const field = this.#field(type, node)
      const write = leafWriter(field.type as GraphQLOutputType) ?? unfit()
      return (value: Value) => `${JSON.stringify(key)}:${write(value[field.name])}`
    })
    return (value) => `{${parts.map((part) => part(value)).join(',')}}`
  }

  #objectType({ type }: GraphQLField<unknown, unknown>): GraphQLObjectType {
    let named: unknown = type
    while (typeof named === 'object' && named !== null && 'ofType' in named) named = named.ofType
    return isObjectType(named) ? named : unfit()
  }

  #field(type: GraphQLObjectType, node: FieldNode): GraphQLField<unknown, unknown> {
    return type.getFields()[node.name.value] ?? unfit()
  }

  /** The fields that are selected, by the names of the answer, in the order of the answer. */
  #fields(
    type: GraphQLObjectType,
    set: SelectionSetNode,
    found = new Map<string, FieldNode>(),
  ): Map<string, FieldNode> {
    for (const one of set.selections) {
      if (one.directives?.length) unfit()
      if (one.kind === Kind.FIELD) {
        const key = one.alias?.value ?? one.name.value
        // Two selections under one name are merged by graphql-js.
        if (found.has(key) && one.selectionSet) unfit()
        if (!found.has(key)) found.set(key, one)
        continue
      }
      const fragment = one.kind === Kind.FRAGMENT_SPREAD ? this.fragments[one.name.value] : one
      const condition = fragment?.typeCondition?.name.value
      if (!fragment || (condition && condition !== type.name)) return unfit()
      this.#fields(type, fragment.selectionSet, found)
    }
    return found
  }
}

const COUNT = (total: number | null) => (total === null ? unfit() : String(total))
