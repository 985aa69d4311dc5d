import { EmbeddedActionsParser, type IRecognitionException, type IToken } from 'chevrotain'
import { invalidFilter } from './errors.ts'
import * as t from './lexer.ts'
import { LIMITS } from './tree.ts'

/** What a filter string says, before it is known which fields there are. */
export type Syntax =
  | { kind: 'and'; of: Syntax[] }
  | { kind: 'or'; of: Syntax[] }
  | { kind: 'not'; of: Syntax }
  | { kind: 'restriction'; subject: Words; comparator?: IToken; value?: Words | Syntax }

/** A name, or a literal: quoted, or words joined by dots. */
export interface Words {
  kind: 'words'
  tokens: IToken[]
  offset: number
}

/**
 * The grammar of AIP-160: a sequence binds tighter than AND, and OR tighter than a sequence.
 *
 *     expression  = sequence {"AND" sequence}
 *     sequence    = factor {factor}
 *     factor      = term {"OR" term}
 *     term        = ["NOT" | "-"] simple
 *     simple      = restriction | "(" expression ")"
 *     restriction = words [comparator (words | "(" expression ")")]
 */
class FilterParser extends EmbeddedActionsParser {
  constructor() {
    super(t.TOKENS, { maxLookahead: 1 })
    this.performSelfAnalysis()
  }

  expression = this.RULE('expression', (): Syntax => {
    const of = [this.SUBRULE(this.sequence)]
    this.MANY(() => {
      this.CONSUME(t.And)
      of.push(this.SUBRULE2(this.sequence))
    })
    return one('and', of)
  })

  sequence = this.RULE('sequence', (): Syntax => {
    const of: Syntax[] = []
    this.AT_LEAST_ONE(() => of.push(this.SUBRULE(this.factor)))
    return one('and', of)
  })

  factor = this.RULE('factor', (): Syntax => {
    const of = [this.SUBRULE(this.term)]
    this.MANY(() => {
      this.CONSUME(t.Or)
      of.push(this.SUBRULE2(this.term))
    })
    return one('or', of)
  })

  term = this.RULE('term', (): Syntax => {
    const negated = this.OPTION(() =>
      this.OR([{ ALT: () => this.CONSUME(t.Not) }, { ALT: () => this.CONSUME(t.Minus) }]),
    )
    const of = this.SUBRULE(this.simple)
    return negated ? { kind: 'not', of } : of
  })

  simple = this.RULE(
    'simple',
    (): Syntax =>
      this.OR([{ ALT: () => this.SUBRULE(this.composite) }, { ALT: () => this.SUBRULE(this.restriction) }]),
  )

  composite = this.RULE('composite', (): Syntax => {
    this.CONSUME(t.Open)
    const inner = this.SUBRULE(this.expression)
    this.CONSUME(t.Close)
    return inner
  })

  restriction = this.RULE('restriction', (): Syntax => {
    const subject = this.SUBRULE(this.words)
    const compared = this.OPTION(() => {
      const comparator = this.CONSUME(t.Comparator)
      const value = this.SUBRULE(this.operand)
      return { comparator, value }
    })
    return { kind: 'restriction', subject, ...compared }
  })

  operand = this.RULE('operand', (): Words | Syntax =>
    this.OR<Words | Syntax>([
      { ALT: () => this.SUBRULE(this.words) },
      { ALT: () => this.SUBRULE(this.composite) },
    ]),
  )

  words = this.RULE('words', (): Words => {
    const tokens = [this.SUBRULE(this.word)]
    this.MANY(() => {
      tokens.push(this.CONSUME(t.Dot))
      tokens.push(this.SUBRULE(this.step))
    })
    return { kind: 'words', tokens, offset: tokens[0]?.startOffset ?? 0 }
  })

  word = this.RULE(
    'word',
    (): IToken =>
      this.OR([
        { ALT: () => this.CONSUME(t.Text) },
        { ALT: () => this.CONSUME(t.Quoted) },
        { ALT: () => this.CONSUME(t.Time) },
      ]),
  )

  step = this.RULE(
    'step',
    (): IToken =>
      this.OR([
        { ALT: () => this.SUBRULE(this.word) },
        { ALT: () => this.CONSUME(t.And) },
        { ALT: () => this.CONSUME(t.Or) },
        { ALT: () => this.CONSUME(t.Not) },
      ]),
  )
}

const one = (kind: 'and' | 'or', of: Syntax[]): Syntax => (of.length === 1 ? (of[0] as Syntax) : { kind, of })

const parser = new FilterParser()

/**
 * Reads a filter string.
 *
 * @returns null for one that asks nothing
 * @throws {CodedError} BAD_USER_INPUT `INVALID_FILTER` with the position and what was expected there
 */
export function parseFilter(source: string): Syntax | null {
  if (source.length > LIMITS.characters) {
    throw invalidFilter(
      source,
      LIMITS.characters,
      `A filter can have at most ${LIMITS.characters} characters.`,
    )
  }
  const { tokens, errors } = t.lexer.tokenize(source)
  const [unknown] = errors
  if (unknown) throw unexpected(source, unknown.offset, 'a comparator', source[unknown.offset] ?? '')
  refuseEarly(source, tokens)
  if (tokens.length === 0) return null
  parser.input = tokens
  const syntax = parser.expression()
  const [error] = parser.errors
  if (error) throw explain(source, error)
  return syntax
}

/** What the grammar alone would not say well: an open quote, a call, and nesting that is too deep to recurse into. */
function refuseEarly(source: string, tokens: IToken[]): void {
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1]
    if (token.tokenType === t.Unclosed) {
      throw invalidFilter(source, token.startOffset, 'This quote is not closed.', [token.image[0] ?? ''])
    }
    if (token.tokenType === t.Close) depth--
    if (token.tokenType !== t.Open) continue
    if (before?.tokenType === t.Text && endOf(before) === token.startOffset) {
      throw invalidFilter(source, before.startOffset, `There is no function ${before.image}.`)
    }
    if (++depth > LIMITS.depth) {
      throw invalidFilter(source, token.startOffset, `Parentheses can be nested ${LIMITS.depth} deep.`)
    }
  }
}

/** Where the text behind a token starts. */
export const endOf = (token: IToken): number => token.startOffset + token.image.length

const OPERAND = 'a value'
const SIMPLE = 'a field, a value or ('
const EXPECTED: Record<string, string> = {
  operand: OPERAND,
  word: OPERAND,
  step: 'a name',
  simple: SIMPLE,
  sequence: SIMPLE,
  composite: 'AND, OR or )',
}

function explain(
  source: string,
  { token, context, name, previousToken }: IRecognitionException & { previousToken?: IToken },
) {
  const rule = context.ruleStack.at(-1) ?? ''
  const expected = name === 'NotAllInputParsedException' ? 'AND, OR or the end' : (EXPECTED[rule] ?? SIMPLE)
  const atEnd = Number.isNaN(token.startOffset)
  const offset = atEnd ? (previousToken ? endOf(previousToken) : source.length) : token.startOffset
  return unexpected(source, offset, expected, atEnd ? '' : token.image)
}

function unexpected(source: string, offset: number, expected: string, found: string) {
  return invalidFilter(source, offset, `Expected ${expected}, found ${found ? `"${found}"` : 'the end'}.`, [
    expected,
  ])
}
