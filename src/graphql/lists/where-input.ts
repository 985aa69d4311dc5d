import type { InputRef } from '@pothos/core'
import { builder } from '../builder.ts'
import type { Column } from './columns.ts'
import { invalidWhere } from './errors.ts'
import { and, type Filter, LIMITS, not, or, type Test, type Value } from './tree.ts'

type Input = Record<string, unknown>

const ordering = {
  lt: 'Comes before it.',
  lte: 'Comes before it, or equals it.',
  gt: 'Comes after it.',
  gte: 'Comes after it, or equals it.',
}
const present = 'Whether there is a value, and not an empty one.'

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

const TextWhere = builder.inputType('TextWhere', {
  description: 'Questions to a text; all that are given have to be true.',
  fields: (t) => ({
    eq: t.string({ description: 'Equals it, case and all.' }),
    ne: t.string({ description: 'Does not equal it.' }),
    in: t.stringList({ description: 'Equals one of them.' }),
    lt: t.string({ description: ordering.lt }),
    lte: t.string({ description: ordering.lte }),
    gt: t.string({ description: ordering.gt }),
    gte: t.string({ description: ordering.gte }),
    like: t.string({
      description: 'Equals it, where `*` stands for anything, `\\*` for a star and `\\\\` for a backslash.',
    }),
    contains: t.string({ description: 'Has it somewhere, in any case; `*` is a star.' }),
    containsLike: t.string({ description: 'Like `contains`, but `*` stands for anything.' }),
    present: t.boolean({ description: present }),
  }),
})

const TimeWhere = builder.inputType('DateTimeWhere', {
  description: 'Questions to a time; all that are given have to be true.',
  fields: (t) => ({
    eq: t.field({ type: 'DateTime', description: 'Is this instant.' }),
    ne: t.field({ type: 'DateTime', description: 'Is not this instant.' }),
    lt: t.field({ type: 'DateTime', description: ordering.lt }),
    lte: t.field({ type: 'DateTime', description: ordering.lte }),
    gt: t.field({ type: 'DateTime', description: ordering.gt }),
    gte: t.field({ type: 'DateTime', description: ordering.gte }),
    present: t.boolean({ description: present }),
  }),
})

/** Made for the first list that has a number: a type that nothing uses is no part of the schema. */
const intWhere = once(() =>
  builder.inputType('IntWhere', {
    description: 'Questions to a number; all that are given have to be true.',
    fields: (t) => ({
      eq: t.int({ description: 'Equals it.' }),
      ne: t.int({ description: 'Does not equal it.' }),
      in: t.intList({ description: 'Equals one of them.' }),
      lt: t.int({ description: ordering.lt }),
      lte: t.int({ description: ordering.lte }),
      gt: t.int({ description: ordering.gt }),
      gte: t.int({ description: ordering.gte }),
      present: t.boolean({ description: present }),
    }),
  }),
)

const FlagWhere = builder.inputType('BooleanWhere', {
  description: 'A question to a yes or no.',
  fields: (t) => ({
    eq: t.boolean({ description: 'Is it.' }),
    ne: t.boolean({ description: 'Is it not.' }),
  }),
})

const TextsWhere = builder.inputType('TextListWhere', {
  description: 'Questions to a list of texts; all that are given have to be true.',
  fields: (t) => ({
    has: t.string({ description: 'One of them equals it, case and all.' }),
    present: t.boolean({ description: 'Whether there is any.' }),
  }),
})

const TermWhere = builder.inputType('TermWhere', {
  description: 'Questions to something that has several names; any of them will do, as the field says.',
  fields: (t) => ({
    eq: t.string({ description: 'Is called this.' }),
    ne: t.string({ description: 'Is not called this.' }),
    in: t.stringList({ description: 'Is called one of these.' }),
    present: t.boolean({ description: present }),
  }),
})

type AnyInput = InputRef<object>
const choices = new Map<string, AnyInput>()

function choiceWhere({ type }: Column & { kind: 'choice' }): AnyInput {
  const { name } = type as unknown as { name: string }
  const known = choices.get(name)
  if (known) return known
  const made = builder.inputType(`${name}Where`, {
    description: `Questions to a ${name}; all that are given have to be true.`,
    fields: (t) => ({
      eq: t.field({ type, description: 'Is it.' }),
      ne: t.field({ type, description: 'Is not it.' }),
      in: t.field({ type: [type], description: 'Is one of them.' }),
      present: t.boolean({ description: present }),
    }),
  }) as unknown as AnyInput
  choices.set(name, made)
  return made
}

const typeOf = (column: Column): AnyInput | 'String' => {
  if (column.kind === 'search') return 'String'
  if (column.kind === 'choice') return choiceWhere(column)
  if (column.kind === 'integer') return intWhere() as unknown as AnyInput
  const types = {
    text: TextWhere,
    time: TimeWhere,
    flag: FlagWhere,
    texts: TextsWhere,
    term: TermWhere,
  }
  return types[column.kind] as unknown as AnyInput
}

/** Defines `<Name>Where`, the typed twin of a list's `filter` (P12). */
export function whereInput(name: string, columns: Readonly<Record<string, Column>>): AnyInput {
  const ref = builder.inputRef<object>(`${name}Where`)
  ref.implement({
    description: `What \`filter\` says as a string, in types. All that is given has to be true; at most ${LIMITS.tests} questions, ${LIMITS.depth} deep.`,
    fields: (t) => ({
      and: t.field({ type: [ref], description: 'All of these; none are always true.' }),
      or: t.field({ type: [ref], description: 'Any of these; none are never true.' }),
      not: t.field({ type: ref, description: 'Whatever this does not match.' }),
      ...Object.fromEntries(
        Object.entries(columns).map(([key, column]) => [
          key,
          t.field({ type: typeOf(column) as AnyInput, description: column.description }),
        ]),
      ),
    }),
  })
  return ref
}

/**
 * Reads a `where`: the same tree as the `filter` that says the same.
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_FILTER` beyond the limits
 */
export function readWhere(where: object, columns: Readonly<Record<string, Column>>): Filter {
  let tests = 0
  const read = (input: Input, path: string, depth: number): Filter => {
    if (depth > LIMITS.depth) throw invalidWhere(path, `It can be nested ${LIMITS.depth} deep.`)
    const list = (value: unknown, at: string) =>
      (value as Input[]).map((each, index) => read(each, `${at}.${index}`, depth + 1))
    return and(
      given(input).map(([key, value]) => {
        const at = `${path}.${key}`
        if (key === 'and') return and(list(value, at))
        if (key === 'or') return or(list(value, at))
        if (key === 'not') return not(read(value as Input, at, depth + 1))
        const found = testsOf(key, columns[key] as Column, value, at)
        tests += found.length
        if (tests > LIMITS.tests) throw invalidWhere(at, `It can ask at most ${LIMITS.tests} questions.`)
        return and(found)
      }),
    )
  }
  return read(where as Input, 'where', 1)
}

const given = (input: Input) =>
  Object.entries(input).filter(([, value]) => value !== null && value !== undefined)

function testsOf(field: string, column: Column, value: unknown, path: string): Filter[] {
  const text = (raw: unknown) => plain(raw, path)
  const test = (op: Test['op'], operand: Value): Filter => ({ kind: 'test', field, op, value: operand })
  if (column.kind === 'search') return [test('contains', [text(value) as string])]
  const lower = column.kind === 'text' && column.lower
  const fold = (raw: unknown): Value => (lower ? String(text(raw)).toLowerCase() : text(raw))
  return given(value as Input).map(([op, operand]): Filter => {
    switch (op) {
      case 'ne':
        return not(test('eq', fold(operand)))
      case 'in':
        if ((operand as unknown[]).length > LIMITS.tests)
          throw invalidWhere(path, `It can name at most ${LIMITS.tests}.`)
        return or((operand as unknown[]).map((each) => test('eq', fold(each))))
      case 'present':
        return operand ? test('present', true) : not(test('present', true))
      case 'like':
      case 'containsLike':
        return wildcard(field, op, String(fold(operand)))
      case 'contains':
        return test('contains', [text(operand) as string])
      default:
        return test(op as Test['op'], fold(operand))
    }
  })
}

function wildcard(field: string, op: 'like' | 'containsLike', value: string): Filter {
  const pieces = ['']
  for (const [part] of value.matchAll(/\\[\\*]|[\s\S]/g)) {
    if (part === '*') pieces.push('')
    else pieces.push((pieces.pop() ?? '') + (part.length === 2 ? part.slice(1) : part))
  }
  if (op === 'containsLike') return { kind: 'test', field, op: 'contains', value: pieces }
  const [only = ''] = pieces
  if (pieces.length === 1) return { kind: 'test', field, op: 'eq', value: only }
  return { kind: 'test', field, op: 'like', value: pieces }
}

/** Text as it is stored: composed, and without the one character that no text can hold. */
function plain(value: unknown, path: string): Value {
  if (typeof value !== 'string') return value as Value
  if (value.includes('\0')) throw invalidWhere(path, 'No text has the character U+0000.')
  return value.normalize('NFC')
}
