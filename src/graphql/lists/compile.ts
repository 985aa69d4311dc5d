import type { Context } from '../../context.ts'
import { type Column, escapeLike, nest, type Where } from './columns.ts'
import type { Filter, Test } from './tree.ts'

/**
 * A filter as a Prisma `where`, so that it joins the tenant's filter and nested loading, and every literal is a parameter.
 * Negations are pushed down to the tests: a row without a value fails every test of it but passes its negation, which
 * SQL's unknown would not do.
 */
export function compileFilter(
  filter: Filter,
  fields: Readonly<Record<string, Column>>,
  context: Context,
): Where {
  const compile = (part: Filter, negated: boolean): Where => {
    if (part.kind === 'not') return compile(part.of, !negated)
    if (part.kind === 'test') return test(part, fields[part.field] as Column, context, negated)
    const of = part.of.map((each) => compile(each, negated))
    if ((part.kind === 'and') !== negated) return { AND: of }
    // To Prisma an `OR` of nothing inside of another condition is no condition at all.
    return of.length > 0 ? { OR: of } : NO_ROW
  }
  return compile(filter, false)
}

const NO_ROW: Where = { id: { in: [] } }

function test(asked: Test, column: Column, context: Context, negated: boolean): Where {
  const absent = 'absent' in column ? column.absent : undefined
  const found = asked.op === 'present' ? presence(column, absent) : positive(asked, column, context)
  if (!negated) return found
  return absent && asked.op !== 'present' ? { OR: [absent, { NOT: found }] } : { NOT: found }
}

/** Present is what has a value, and not an empty one. */
function presence(column: Column, absent: Where | undefined): Where {
  const filled =
    column.kind === 'text'
      ? [nest(column.path, { not: '' })]
      : column.kind === 'texts'
        ? [nest(column.path, { isEmpty: false })]
        : []
  return { AND: [...(absent ? [{ NOT: absent }] : []), ...filled] }
}

function positive({ op, value }: Test, column: Column, context: Context): Where {
  switch (column.kind) {
    case 'search':
      return column.match(containing(value as readonly string[]))
    case 'term':
      return column.match(value as string, context)
    case 'choice':
      return column.match
        ? column.match(value as string, context)
        : nest(column.path ?? [], { equals: value })
    default:
      if (op === 'like') return like(column.path, value as readonly string[])
      if (op === 'contains') return nest(column.path, containing(value as readonly string[]))
      return nest(column.path, { [op === 'eq' ? 'equals' : op]: value })
  }
}

const pattern = (pieces: readonly string[]) => pieces.map(escapeLike).join('%')

const containing = (pieces: readonly string[]) =>
  ({ contains: pattern(pieces), mode: 'insensitive' }) as const

/**
 * The whole text, with anything for each wildcard. Prisma writes patterns that are open at one end; one that starts with
 * the first piece and one that ends with all of them is together the closed pattern.
 */
function like(path: readonly string[], pieces: readonly string[]): Where {
  const [first = ''] = pieces
  return {
    AND: [nest(path, { startsWith: escapeLike(first) }), nest(path, { endsWith: pattern(pieces) })],
  }
}
