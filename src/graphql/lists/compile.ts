import type { Context } from '../../context.ts'
import { type Column, escapeLike, nest, type Where } from './columns.ts'
import { invalidFilter } from './errors.ts'
import type { Filter, Test } from './tree.ts'

/** A condition; with `through`, of the row behind that relation. */
interface Condition {
  through: string | null
  where: Where
}

/** Each one joins a table: without a bound a filter could join hundreds. */
const MOST_JOINS = 10

/**
 * A filter as a Prisma `where`, so that it joins the tenant's filter and nested loading, and every literal is a parameter.
 * Negations are pushed down to the tests: a row without a value fails every test of it but passes its negation, which
 * SQL's unknown would not do. Tests beside each other that lead through one relation share one join.
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_FILTER` when it would join too often
 */
export function compileFilter(
  filter: Filter,
  fields: Readonly<Record<string, Column>>,
  context: Context,
): Where {
  let joins = 0
  const join = () => {
    if (++joins > MOST_JOINS) {
      throw invalidFilter(
        '',
        0,
        `It changes between related things more than ${MOST_JOINS} times: put the questions about each of them side by side.`,
      )
    }
  }
  const joined = ({ through, where }: Condition): Where => {
    if (through === null) return where
    join()
    return { [through]: where }
  }
  const test = (asked: Test, negated: boolean): Condition => {
    const column = fields[asked.field] as Column
    const absent = 'absent' in column ? column.absent : undefined
    if (asked.op === 'present') {
      if ('path' in column && (column.path?.length ?? 0) > 1) join()
      return here(presence(column, absent, negated))
    }
    const found = positive(asked, column, context)
    if (!negated) return found
    if (absent) return here({ OR: [absent, { NOT: joined(found) }] })
    return { through: found.through, where: { NOT: found.where } }
  }
  const compile = (part: Filter, negated: boolean): Condition => {
    if (part.kind === 'not') return compile(part.of, !negated)
    if (part.kind === 'test') return test(part, negated)
    const all = (part.kind === 'and') !== negated
    // To Prisma an `OR` of nothing inside of another condition is no condition at all.
    if (part.of.length === 0) return here(all ? {} : NO_ROW)
    const combined = (of: Where[]): Where => (all ? { AND: of } : { OR: of })
    const groups = new Map<string | null, Where[]>()
    for (const each of part.of) {
      const { through, where } = compile(each, negated)
      groups.set(through, [...(groups.get(through) ?? []), where])
    }
    const merged = [...groups].map(([through, of]) => ({ through, where: combined(of) }))
    const [only] = merged
    return only && merged.length === 1 ? only : here(combined(merged.map(joined)))
  }
  return joined(compile(filter, false))
}

const here = (where: Where): Condition => ({ through: null, where })

const NO_ROW: Where = { id: { in: [] } }

/** Present is what has a value, and not an empty one. */
function presence(column: Column, absent: Where | undefined, negated: boolean): Where {
  const empty = [
    ...(absent ? [absent] : []),
    ...(column.kind === 'text' ? [nest(column.path, '')] : []),
    ...(column.kind === 'texts' ? [nest(column.path, { isEmpty: true })] : []),
  ]
  if (negated) return empty.length > 0 ? { OR: empty } : NO_ROW
  return { AND: empty.map((each) => ({ NOT: each })) }
}

function positive({ op, value }: Test, column: Column, context: Context): Condition {
  if (column.kind === 'search')
    return { through: column.through, where: column.match(containing(value as readonly string[])) }
  if (column.kind === 'term')
    return { through: column.through, where: column.match(value as string, context) }
  if (column.kind === 'choice' && column.match) return here(column.match(value as string, context))
  const path = column.path ?? []
  // Whatever comes before the last step is a relation; only one such step can be shared.
  const [first = ''] = path
  const through = path.length > 1 ? first : null
  const rest = through ? path.slice(1) : path
  if (op === 'like') return { through, where: like(rest, value as readonly string[]) }
  if (op === 'contains') return { through, where: nest(rest, containing(value as readonly string[])) }
  return { through, where: nest(rest, { [op === 'eq' ? 'equals' : op]: value }) }
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
