import { type GraphQLOutputType, isEnumType, isListType, isNonNullType, isScalarType } from 'graphql'

/** The value can't be completed here: graphql-js answers the whole operation, and says what is wrong. */
export class Unfit extends Error {
  override name = 'Unfit'
}

/** Writes a value of one type as JSON. */
export type Write = (value: unknown) => string

const LARGEST_INT = 2 ** 31 - 1

/** As the type's own `serialize` and JSON would write it; a value of another kind is unfit, whatever `serialize` makes of it. */
const SCALARS: Record<string, Write> = {
  String: (value) => (typeof value === 'string' ? JSON.stringify(value) : unfit()),
  ID: (value) => (typeof value === 'string' ? JSON.stringify(value) : unfit()),
  Boolean: (value) => (typeof value === 'boolean' ? String(value) : unfit()),
  Int: (value) =>
    typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= LARGEST_INT
      ? String(value)
      : unfit(),
  DateTime: (value) => (value instanceof Date ? `"${value.toISOString()}"` : unfit()),
}

function unfit(): never {
  throw new Unfit()
}

/** @returns null for a type that is not known to be written the same way */
export function leafWriter(type: GraphQLOutputType): Write | null {
  if (isNonNullType(type)) {
    const write = nullableWriter(type.ofType)
    return write && ((value) => (value == null ? unfit() : write(value)))
  }
  const write = nullableWriter(type)
  return write && ((value) => (value === undefined ? unfit() : value === null ? 'null' : write(value)))
}

function nullableWriter(type: GraphQLOutputType): Write | null {
  if (isListType(type)) {
    const write = leafWriter(type.ofType as GraphQLOutputType)
    return write && ((value) => (Array.isArray(value) ? `[${value.map(write).join(',')}]` : unfit()))
  }
  if (isScalarType(type)) return SCALARS[type.name] ?? null
  if (!isEnumType(type)) return null
  const names = new Map(type.getValues().map(({ name, value }) => [value as unknown, JSON.stringify(name)]))
  return (value) => names.get(value) ?? unfit()
}
