import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { nodeOf } from '../schema/walk.ts'

/** Numbers from 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const DEEPEST = 4

/**
 * A query that is made of the schema by chance: columns, relations, lists, aliases and fragments.
 *
 * @param roots root fields with their arguments, each with the type that it gives
 */
export function randomQuery(schema: GraphQLSchema, seed: number, roots: Record<string, string>): string {
  const next = numbers(seed)
  const below = (most: number) => Math.floor(next() * most)
  const one = <T>(all: readonly T[]): T => all[below(all.length)] as T

  const selection = (type: GraphQLObjectType, depth: number): string => {
    const fields = Object.values(type.getFields()).filter(
      ({ args }) => !args.some((arg) => isNonNullType(arg.type)),
    )
    const parts = Array.from({ length: 1 + below(5) }, (_, nth) => field(one(fields), depth, nth))
    const plain = parts.filter(Boolean)
    if (plain.length === 0) return '__typename'
    const [first, ...rest] = plain
    return next() < 0.2 ? `... on ${type.name} { ${first} } ${rest.join(' ')}` : plain.join(' ')
  }
  const field = ({ name, ...rest }: GraphQLField<unknown, unknown>, depth: number, nth: number) => {
    const label = next() < 0.3 ? `a${nth}: ${name}` : name
    const named = getNamedType(rest.type)
    if (isLeafType(named)) return label === name ? name : `b${label}`
    if (depth >= DEEPEST || !isObjectType(named)) return next() < 0.2 ? '__typename' : ''
    // Two selections under one name have to be alike, so that each has a name of its own.
    const own = `c${depth}${nth}${below(1e6)}: ${name}`
    const node = nodeOf(named)
    if (!node) return `${own} { ${selection(named, depth + 1)} }`
    const page = one(['', '(first: 1)', '(first: 2)', '(first: 3)', '(last: 2)'])
    const about = one(['nodes', 'edges', 'both'])
    const rows = selection(node, depth + 1)
    const parts = [
      about !== 'edges' ? `nodes { ${rows} }` : '',
      about !== 'nodes' ? `edges { cursor node { ${rows} } }` : '',
      next() < 0.3 ? 'totalCount' : '',
      next() < 0.3 ? 'pageInfo { hasNextPage endCursor startCursor hasPreviousPage }' : '',
    ]
    return `${own}${page} { ${parts.filter(Boolean).join(' ')} }`
  }
  const [root, typeName] = one(Object.entries(roots))
  return `{ ${root} { ${selection(schema.getType(typeName) as GraphQLObjectType, 0)} } }`
}
