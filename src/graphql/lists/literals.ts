import { invalidFilter } from './errors.ts'
import { endOf, type Words } from './grammar.ts'
import { Quoted } from './lexer.ts'

/** The value on a comparator's right side: its text between the `*` wildcards, and all of it as it reads. */
export interface Literal {
  pieces: readonly string[]
  text: string
  offset: number
}

const ESCAPES: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  "'": "'",
  '\\': '\\',
  '*': '*',
}

/**
 * Reads a literal: either quotes, backslash escapes, and `*` for anything, which `\*` takes literally. Text is compared in
 * Unicode's composed form (NFC), as it is stored.
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_FILTER` for an unknown escape, or a character that no text can hold
 */
export function literalOf(source: string, words: Words): Literal {
  const [only] = words.tokens
  const quoted = words.tokens.length === 1 && only?.tokenType === Quoted
  const raw = quoted ? only.image.slice(1, -1) : rawOf(source, words)
  const start = words.offset + (quoted ? 1 : 0)
  const pieces: string[] = ['']
  const add = (text: string) => pieces.push((pieces.pop() ?? '') + text)
  for (let index = 0; index < raw.length; index++) {
    const character = raw[index] as string
    if (character === '*') {
      pieces.push('')
    } else if (character === '\\') {
      const [all, code] = /^u([0-9a-fA-F]{4})/.exec(raw.slice(index + 1)) ?? []
      const next = raw[index + 1] ?? ''
      const meant = code ? String.fromCharCode(Number.parseInt(code, 16)) : ESCAPES[next]
      if (meant === undefined) {
        throw invalidFilter(
          source,
          start + index,
          `There is no escape \\${next}: use \\" \\' \\\\ \\* \\n \\r \\t or \\u0041.`,
        )
      }
      add(meant)
      index += all?.length ?? 1
    } else add(character)
  }
  if (pieces.some((piece) => piece.includes('\0')))
    throw invalidFilter(source, words.offset, 'No text has the character U+0000.')
  const composed = pieces.map((piece) => piece.normalize('NFC'))
  return { pieces: composed, text: composed.join('*'), offset: words.offset }
}

/** Words that dots join are one literal, such as an e-mail address; with spaces or quotes between they are not. */
function rawOf(source: string, { tokens, offset }: Words): string {
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1]
    if (token.tokenType === Quoted || (before && endOf(before) !== token.startOffset)) {
      throw invalidFilter(
        source,
        token.startOffset,
        'Put a value with spaces or quotes in quotes as a whole.',
      )
    }
  }
  const last = tokens.at(-1)
  return source.slice(offset, last ? endOf(last) : offset)
}

/** An instant of a literal; `exact` is false when it lies between two milliseconds, where no stored time is. */
export interface Instant {
  at: Date
  exact: boolean
}

const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:\d\d))?$/

/** RFC 3339 with an offset, or a day alone, which begins at midnight in UTC. @returns null for anything else */
export function instantOf(text: string): Instant | null {
  const match = INSTANT.exec(text)
  if (!match) return null
  const [, year, month, day, hours = '00', minutes = '00', seconds = '00', fraction = '', zone = 'Z'] = match
  if (!isDay(Number(year), Number(month), Number(day))) return null
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0')
  const at = new Date(
    `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${milliseconds}${zone.toUpperCase()}`,
  )
  return Number.isNaN(at.getTime()) ? null : { at, exact: !/[1-9]/.test(fraction.slice(3)) }
}

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
