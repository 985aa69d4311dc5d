import type { EnumRef } from '@pothos/core'
import type { Context } from '../../context.ts'

/** A part of a Prisma `where`. */
export type Where = Record<string, unknown>

interface Described {
  /** What filters call it: the first name is the documented one. Its key in the declaration is accepted too. */
  names: readonly [string, ...string[]]
  description: string
}

interface Stored extends Described {
  /** Where it is in the Prisma model: a column, or relations that lead to one. */
  path: readonly string[]
  /** When there can be no value: what is true of a row without one. */
  absent?: Where
}

/** A field that filters can ask about. Its kind decides on the operators, the type of its values and its typed twin. */
export type Column =
  | (Stored & {
      kind: 'text' /** Values are stored in lower case, and so compared in any case. */
      lower?: boolean
    })
  | (Stored & { kind: 'time' | 'integer' | 'flag' | 'texts' })
  | (Described & {
      kind: 'choice'
      /** The GraphQL enum of the same values. */
      type: EnumRef<never, never>
      values: readonly string[]
      path?: readonly string[]
      absent?: Where
      /** For a choice that is worked out rather than stored. */
      match?: (value: string, context: Context) => Where
    })
  | (Described & {
      /** Compared as a whole, in a way of its own: of the row itself, or of the one behind a relation. */
      kind: 'term'
      through: string | null
      match: (value: string, context: Context) => Where
      absent?: Where
    })
  | (Described & {
      /** Found by parts of words, in any case: the literal is already escaped for LIKE. */
      kind: 'search'
      through: string
      match: (part: { contains: string; mode: 'insensitive' }) => Where
    })

/** A field that rows can be ordered by. Rows without a value come last, in both directions. */
export type OrderKey = Stored

/** A text column that goes by these names. */
export const text = (
  names: Described['names'],
  path: readonly string[],
  description: string,
): Stored & { kind: 'text' } => ({ kind: 'text', names, path, description })

/** A time column: `create_time` goes by the name `created_at` too, and by the other forms that people know. */
export function time(
  name: 'create' | 'update' | 'delete' | 'expire',
  description: string,
): Stored & { kind: 'time' } {
  const past = `${name}d`
  const key = name === 'expire' ? 'expiresAt' : `${past}At`
  return {
    kind: 'time',
    names: [`${name}_time`, `${past}_time`, key.replace('At', '_at')],
    path: [key],
    description,
  }
}

/** `{ a: { b: leaf } }` for the path a, b. */
export const nest = (path: readonly string[], leaf: unknown): Where =>
  path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), leaf) as Where

/** Keeps `%`, `_` and backslashes of a person's text from meaning something to LIKE. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

/** Equal in any case, for a Prisma text column. */
export const anyCase = (text: string) => ({ equals: escapeLike(text), mode: 'insensitive' }) as const
