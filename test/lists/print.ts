import type { Filter, Test } from '../../src/graphql/lists/tree.ts'

const NAMES: Record<string, string[]> = {
  name: ['title', 'name', 'display_name'],
  key: ['key'],
  description: ['description'],
  labels: ['labels'],
  mlEnabled: ['ml_enabled', 'mlEnabled'],
  createdAt: ['create_time', 'created_time', 'created_at', 'createdAt'],
  updatedAt: ['update_time', 'updatedAt'],
  deletedAt: ['delete_time'],
  createdBy: ['created_by', 'created_by.email'],
  createdByName: ['created_by.display_name', 'created_by.name'],
}

const COMPARATORS = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

/** Choices that mean the same, made by a number: quotes, spellings, parentheses. */
export interface Style {
  pick(count: number): number
}

const piece = (text: string, quote: string) =>
  [...text].map((char) => (char === '\\' || char === '*' || char === quote ? `\\${char}` : char)).join('')

function literal(pieces: readonly string[], style: Style): string {
  const quote = ['"', "'"][style.pick(2)] as string
  const body = pieces.map((each) => piece(each, quote)).join('*')
  return `${quote}${body}${quote}`
}

/** A filter as a person would write it. */
export function print(filter: Filter, style: Style): string {
  if (filter.kind === 'test') return printTest(filter, style)
  if (filter.kind === 'not') {
    const inner = `${group(filter.of, style)}`
    return style.pick(2) ? `NOT ${inner}` : `-${inner}`
  }
  // OR binds tighter than AND: an AND inside needs parentheses, an OR inside of an AND does not.
  if (filter.kind === 'or') return filter.of.map((part) => group(part, style)).join(' OR ')
  const parts = filter.of.map((part) =>
    part.kind === 'or' && style.pick(2) ? print(part, style) : group(part, style),
  )
  return parts.join(style.pick(2) ? ' AND ' : '  ')
}

const group = (filter: Filter, style: Style): string =>
  filter.kind === 'test' || filter.kind === 'not' ? print(filter, style) : `(${print(filter, style)})`

function printTest({ field, op, value }: Test, style: Style): string {
  const names = NAMES[field] ?? [field]
  const name = names[style.pick(names.length)]
  if (op === 'present') return `${name}:*`
  const text =
    value instanceof Date
      ? style.pick(2)
        ? value.toISOString()
        : `"${value.toISOString()}"`
      : typeof value === 'boolean'
        ? String(value)
        : literal(typeof value === 'string' ? [value] : (value as string[]), style)
  const comparator =
    op === 'eq' || op === 'like' ? '=' : op === 'contains' || op === 'has' ? ':' : COMPARATORS[op]
  const space = style.pick(2) ? ' ' : ''
  return `${name}${space}${comparator}${space}${text}`
}

type Where = Record<string, unknown>

/** The same filter as a `where`. */
export function twin(filter: Filter): Where {
  if (filter.kind === 'and') return { and: filter.of.map(twin) }
  if (filter.kind === 'or') return { or: filter.of.map(twin) }
  if (filter.kind === 'not') return { not: twin(filter.of) }
  const { field, op, value } = filter
  if (op === 'present') return { [field]: { present: true } }
  if (op === 'like' || op === 'contains') {
    const pattern = (value as string[]).map((each) => each.replaceAll('*', '\\*')).join('*')
    return { [field]: { [op === 'like' ? 'like' : 'containsLike']: pattern } }
  }
  return { [field]: { [op]: value instanceof Date ? value.toISOString() : value } }
}
