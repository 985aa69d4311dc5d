import type { IToken } from 'chevrotain'
import type { Column } from './columns.ts'
import { invalidFilter } from './errors.ts'
import { parseFilter, type Syntax, type Words } from './grammar.ts'
import { Quoted } from './lexer.ts'
import { instantOf, type Literal, literalOf } from './literals.ts'
import { and, everything, type Filter, LIMITS, not, nothing, or, type Test, type Value } from './tree.ts'

export interface Fields {
  columns: Readonly<Record<string, Column>>
  /** The field that is asked by a value that stands alone. */
  bare?: string | undefined
}

/**
 * Reads a `filter` string of a list with these fields (P7 to P9).
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_FILTER` with the position, what was expected, and which fields there are
 */
export function readFilter(source: string, fields: Fields): Filter {
  const syntax = parseFilter(source)
  return syntax ? new Checker(source, fields).filter(syntax) : everything
}

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | ':'
const ORDERED = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const

class Checker {
  private tests = 0

  constructor(
    private readonly source: string,
    private readonly fields: Fields,
  ) {}

  filter(syntax: Syntax): Filter {
    if (syntax.kind === 'and') return and(syntax.of.map((part) => this.filter(part)))
    if (syntax.kind === 'or') return or(syntax.of.map((part) => this.filter(part)))
    if (syntax.kind === 'not') return not(this.filter(syntax.of))
    const { subject, comparator, value } = syntax
    if (!comparator || !value) return this.bare(subject)
    const key = this.fieldOf(subject)
    return this.distribute(key, comparator, value)
  }

  /** `title : (a OR b)` asks the field for each value. `!=` of several is none of them. */
  private distribute(key: string, comparator: IToken, value: Words | Syntax): Filter {
    const comparison = comparator.image as Comparison
    const column = this.fields.columns[key] as Column
    const each = (syntax: Words | Syntax): Filter => {
      if (syntax.kind === 'words') {
        this.count(syntax.offset)
        return this.compare(
          key,
          column,
          comparison === '!=' ? '=' : comparison,
          literalOf(this.source, syntax),
        )
      }
      if (syntax.kind === 'and') return and(syntax.of.map(each))
      if (syntax.kind === 'or') return or(syntax.of.map(each))
      if (syntax.kind === 'not') return not(each(syntax.of))
      if (syntax.comparator)
        throw this.invalid(syntax.comparator.startOffset, `Behind ${comparison} stand values only.`)
      return each(syntax.subject)
    }
    return comparison === '!=' ? not(each(value)) : each(value)
  }

  private bare(words: Words): Filter {
    const { bare } = this.fields
    const [first] = words.tokens
    if (words.tokens.length === 1 && first && /^(and|or|not)$/.test(first.image))
      throw this.invalid(words.offset, `Write ${first.image.toUpperCase()} in capitals.`)
    if (!bare) {
      const last = words.tokens.at(-1)
      const end = last ? last.startOffset + last.image.length : 0
      throw invalidFilter(this.source, end, 'Expected a comparator: = != < <= > >= or :', ['a comparator'])
    }
    this.count(words.offset)
    const { pieces } = literalOf(this.source, words)
    return { kind: 'test', field: bare, op: 'contains', value: pieces }
  }

  private fieldOf({ tokens, offset }: Words): string {
    const name = tokens.map(({ image }) => image).join('')
    const { columns } = this.fields
    const found = Object.keys(columns).find((key) => key === name || columns[key]?.names.includes(name))
    if (found && !tokens.some(({ tokenType }) => tokenType === Quoted)) return found
    const known = Object.values(columns).map(({ names }) => names[0])
    throw invalidFilter(
      this.source,
      offset,
      `There is no field ${name}. There is ${known.join(', ')}.`,
      known,
    )
  }

  private count(offset: number): void {
    if (++this.tests > LIMITS.tests)
      throw this.invalid(offset, `A filter can ask at most ${LIMITS.tests} questions.`)
  }

  private invalid(offset: number, problem: string) {
    return invalidFilter(this.source, offset, problem)
  }

  private compare(key: string, column: Column, comparison: Comparison, literal: Literal): Filter {
    const { pieces, text, offset } = literal
    const test = (op: Test['op'], value: Value): Filter => ({ kind: 'test', field: key, op, value })
    const [name] = column.names
    const allow = (...allowed: Comparison[]) => {
      if (!allowed.includes(comparison))
        throw this.invalid(offset, `${name} takes ${allowed.join(' ')}, not ${comparison}.`)
    }
    const wrong = (expected: string) =>
      invalidFilter(this.source, offset, `${name} is ${expected}, not "${text}".`, [expected])
    const isWildcard = pieces.length === 2 && text === '*'
    if (isWildcard && comparison === ':' && column.kind !== 'search') return test('present', true)
    const ordered = ORDERED[comparison as keyof typeof ORDERED]
    switch (column.kind) {
      case 'search':
        allow('=', ':')
        return test('contains', pieces)
      case 'text': {
        const fold = (value: string) => (column.lower ? value.toLowerCase() : value)
        if (ordered) return test(ordered, fold(text))
        if (comparison === ':') return test('contains', pieces)
        return pieces.length > 1 ? test('like', pieces.map(fold)) : test('eq', fold(text))
      }
      case 'term':
        allow('=', '!=', ':')
        return test('eq', text)
      case 'choice': {
        allow('=', '!=', ':')
        const value = column.values.find((each) => each.toLowerCase() === text.toLowerCase())
        if (!value) throw wrong(`one of ${column.values.join(', ')}`)
        return test('eq', value)
      }
      case 'flag':
        allow('=', '!=', ':')
        if (text !== 'true' && text !== 'false') throw wrong('true or false')
        return test('eq', text === 'true')
      case 'texts':
        allow(':')
        if (pieces.length > 1)
          throw this.invalid(offset, `${name} is compared as a whole: write \\* for a star.`)
        return test('has', text)
      case 'integer': {
        allow('=', '!=', '<', '<=', '>', '>=')
        const value = Number(text)
        if (!/^-?\d{1,9}$/.test(text)) throw wrong('a whole number')
        return test(ordered ?? 'eq', value)
      }
      case 'time': {
        allow('=', '!=', '<', '<=', '>', '>=')
        const instant = instantOf(text)
        if (!instant) throw wrong('a time like "2026-11-22T06:30:00Z" or a day like 2026-11-22')
        if (instant.exact) return test(ordered ?? 'eq', instant.at)
        // Stored times are whole milliseconds, so a finer one lies behind the millisecond that it begins with.
        if (!ordered) return nothing
        return test(ordered === 'lt' || ordered === 'lte' ? 'lte' : 'gt', instant.at)
      }
    }
  }
}
