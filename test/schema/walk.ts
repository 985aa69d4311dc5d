import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { schema } from '../../src/schema.ts'

export type Field = GraphQLField<unknown, unknown>
type Fielded = GraphQLObjectType | GraphQLInterfaceType

/** One selection that is made from the schema, and what it is about. */
export interface Selection {
  label: string
  text: string
  /** The field of the row that it goes through; null for the row's own leaves. */
  field: string | null
}

/** Values for required arguments of fields beneath a list, by `Type.field.argument`. */
const REQUIRED: Record<string, string> = {}

/** Fields whose arguments fit one parent only, so that nobody asks them of a list; each has a test of its own. */
const ALONE = new Set(['Organization.workspaceMemberCounts'])

/** Every type of the API's own: not those of introspection, nor the scalars that GraphQL brings. */
export const ownTypes = Object.values(schema.getTypeMap()).filter(
  ({ name }) => !name.startsWith('__') && !['ID', 'String', 'Int', 'Float', 'Boolean'].includes(name),
)

export const objectTypes = ownTypes.filter(isObjectType)

export const fieldsOf = (type: Fielded): Field[] => Object.values(type.getFields())

/** The type of the rows of a connection; undefined for any other type. */
export function nodeOf(type: unknown): GraphQLObjectType | undefined {
  if (!isObjectType(type) || !type.name.endsWith('Connection')) return undefined
  const node = getNamedType(type.getFields().nodes?.type)
  return isObjectType(node) ? node : undefined
}

/** Every list of the API: the object type that has it, its field, and the type of its rows. */
export const connections = objectTypes.flatMap((owner) =>
  fieldsOf(owner).flatMap((field) => {
    const node = nodeOf(getNamedType(field.type))
    return node ? [{ owner, field, node }] : []
  }),
)

/** All that can be selected of a type without a selection beneath. */
export function leavesOf(type: GraphQLCompositeType): string {
  if (!('getFields' in type)) return '__typename'
  const leaves = fieldsOf(type).filter((field) => isLeafType(getNamedType(field.type)))
  return ['__typename', ...leaves.map((field) => field.name + argumentsOf(type, field))].join(' ')
}

/** What every field of `type` costs on a row, each on its own and each with one more field beneath. */
export function selectionsOf(type: Fielded): Selection[] {
  return [
    { label: 'leaves', text: leavesOf(type), field: null },
    ...branchesOf(type).flatMap(({ field, target }) => [
      ...beneath(target).map(({ label, text }) => ({
        label: `${field.name} ${label}`,
        text: branch(type, field, target, text),
        field: field.name,
      })),
      ...repeated(type, field, target),
    ]),
  ]
}

/** The same field under two names, with the same and with other arguments, and through two fragments. */
function repeated(type: Fielded, field: Field, target: GraphQLCompositeType): Selection[] {
  const leaves = leavesOf(nodeOf(target) ?? target)
  const once = branch(type, field, target, leaves)
  const other = branch(type, field, target, leaves, 1)
  return [
    { label: `${field.name} under two names`, text: `a: ${once} b: ${once}`, field: null },
    { label: `${field.name} with other arguments`, text: `a: ${once} b: ${other}`, field: null },
    {
      label: `${field.name} in two fragments`,
      text: `... on ${type.name} { ${branch(type, field, target, '__typename')} } ... { ${once} }`,
      field: field.name,
    },
  ]
}

function beneath(target: GraphQLCompositeType): { label: string; text: string }[] {
  const row = nodeOf(target) ?? target
  if (!('getFields' in row)) return [{ label: 'leaves', text: '__typename' }]
  const own = [{ label: 'leaves', text: leavesOf(row) }, ...deeper(row)]
  if (!isInterfaceType(row)) return own
  const types = schema.getPossibleTypes(row).flatMap((type) =>
    [{ label: 'leaves', text: leavesOf(type) }, ...deeper(type)].map(({ label, text }) => ({
      label: `on ${type.name} ${label}`,
      text: `... on ${type.name} { ${text} }`,
    })),
  )
  return [...own, ...types]
}

const deeper = (type: Fielded) =>
  branchesOf(type).map(({ field, target }) => ({
    label: field.name,
    text: branch(type, field, target, leavesOf(nodeOf(target) ?? target)),
  }))

const branchesOf = (type: Fielded) =>
  fieldsOf(type).flatMap((field) => {
    const target = getNamedType(field.type)
    return isCompositeType(target) && !ALONE.has(`${type.name}.${field.name}`) ? [{ field, target }] : []
  })

function branch(type: Fielded, field: Field, target: GraphQLCompositeType, text: string, size = 3): string {
  const connection = nodeOf(target) !== undefined
  const all = argumentsOf(type, field, connection ? size : undefined)
  if (!connection) return `${field.name}${all} { ${text} }`
  const page = 'totalCount pageInfo { hasNextPage endCursor }'
  return `${field.name}${all} { ${page} edges { cursor } nodes { ${text} } }`
}

function argumentsOf(type: Fielded, field: Field, size?: number): string {
  const required = field.args
    .filter((argument) => isNonNullType(argument.type) && argument.defaultValue === undefined)
    .map(({ name }) => {
      const value = REQUIRED[`${type.name}.${field.name}.${name}`]
      if (value === undefined) throw new Error(`Say what to ask of ${type.name}.${field.name}(${name}:)`)
      return `${name}: ${value}`
    })
  const given = [...(size === undefined ? [] : [`first: ${size}`]), ...required]
  return given.length === 0 ? '' : `(${given.join(', ')})`
}
