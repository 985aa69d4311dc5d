import type { Filter, Test } from '../../src/graphql/lists/tree.ts'

/** A workspace as the oracle knows it: by the keys that filters use. */
export interface Row {
  id: string
  name: string
  key: string
  description: string
  labels: string[]
  mlEnabled: boolean
  createdAt: Date
  updatedAt: Date
  deletedAt: Date | null
  createdBy: string | null
  createdByName: string | null
}

/** Compares texts as the database orders them: this one by code points. */
const codePoints = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other))

/** What a filter means, said without SQL: true, or not. */
export function matches(filter: Filter, row: Row): boolean {
  if (filter.kind === 'and') return filter.of.every((part) => matches(part, row))
  if (filter.kind === 'or') return filter.of.some((part) => matches(part, row))
  if (filter.kind === 'not') return !matches(filter.of, row)
  return passes(filter, row[filter.field as keyof Row])
}

function passes({ op, value }: Test, stored: Row[keyof Row]): boolean {
  if (op === 'present') return Array.isArray(stored) ? stored.length > 0 : stored !== null && stored !== ''
  if (stored === null) return false
  if (Array.isArray(stored)) return stored.includes(value as string)
  if (op === 'like') return wholly(stored as string, value as string[])
  if (op === 'contains') return partly((stored as string).toLowerCase(), value as string[])
  const order =
    typeof stored === 'string' ? codePoints(stored, value as string) : Number(stored) - Number(value)
  return { eq: order === 0, lt: order < 0, lte: order <= 0, gt: order > 0, gte: order >= 0, has: false }[op]
}

const literally = (piece: string) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const wholly = (text: string, pieces: readonly string[]) =>
  new RegExp(`^${pieces.map(literally).join('[\\s\\S]*')}$`, 'u').test(text)

const partly = (text: string, pieces: readonly string[]) =>
  new RegExp(pieces.map((piece) => literally(piece.toLowerCase())).join('[\\s\\S]*'), 'u').test(text)
