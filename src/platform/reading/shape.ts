/** A query as it is handed to a Prisma delegate, or a part of one. */
export type Query = Readonly<Record<string, unknown>>

/** Where a value stands in a query. */
export type Path = readonly (string | number)[]

const CONDITIONS = new Set(['AND', 'OR', 'NOT'])

/**
 * All of a query but the values that it compares with, as a text: queries of one shape are one statement with other
 * parameters. Whatever is not such a value is in the text, so that two queries that differ in it never share a statement.
 */
export function shapeOf(query: Query): string {
  let shape = ''
  for (const key in query) {
    const value = query[key]
    if (value === undefined) continue
    shape += `${key}:${key === 'where' ? conditionShape(value) : partShape(value)},`
  }
  return shape
}

function partShape(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(partShape).join(';')}]`
  if (typeof value === 'object' && value !== null) return `{${shapeOf(value as Query)}}`
  return JSON.stringify(value) ?? 'undefined'
}

function conditionShape(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return '?'
  if (value instanceof Date) return '?'
  // None, one, or more: each is a statement of its own.
  if (Array.isArray(value)) return `?[${Math.min(value.length, 2)}]`
  let shape = '{'
  for (const key in value) {
    const inner = (value as Query)[key]
    if (inner === undefined) continue
    if (CONDITIONS.has(key) && Array.isArray(inner))
      shape += `${key}:[${inner.map(conditionShape).join(';')}],`
    else shape += `${key}:${key === 'mode' ? String(inner) : conditionShape(inner)},`
  }
  return `${shape}}`
}

/** The value at a place of a query. */
export function valueAt(query: Query, path: Path): unknown {
  let value: unknown = query
  for (const step of path) value = (value as Record<string | number, unknown>)[step]
  return value
}
