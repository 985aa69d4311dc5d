import { createToken, Lexer } from 'chevrotain'

export const Space = createToken({ name: 'Space', pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true })
export const Quoted = createToken({
  name: 'Quoted',
  pattern: /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/,
  line_breaks: true,
})
export const Unclosed = createToken({ name: 'Unclosed', pattern: /["'][\s\S]*/, line_breaks: true })
/** Characters that end a word: what the grammar gives a meaning of its own. */
export const Text = createToken({ name: 'Text', pattern: /(?:[^\s"'(),.:<>=!\\]|\\\S)+/ })
/** A time has colons, which end any other word. */
export const Time = createToken({
  name: 'Time',
  pattern: /\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?/,
  longer_alt: Text,
})
export const And = createToken({ name: 'And', pattern: /AND/, longer_alt: Text })
export const Or = createToken({ name: 'Or', pattern: /OR/, longer_alt: Text })
export const Not = createToken({ name: 'Not', pattern: /NOT/, longer_alt: Text })
export const Comparator = createToken({ name: 'Comparator', pattern: /<=|>=|!=|[<>=:]/ })
/** A hyphen negates what follows, unless a comparator stands before it: `-5` is a number there. */
export const Minus = createToken({
  name: 'Minus',
  start_chars_hint: ['-'],
  line_breaks: false,
  pattern: (text, offset, before) =>
    text[offset] === '-' && before.at(-1)?.tokenType !== Comparator
      ? (['-'] as unknown as RegExpExecArray)
      : null,
})
export const Open = createToken({ name: 'Open', pattern: /\(/ })
export const Close = createToken({ name: 'Close', pattern: /\)/ })
export const Dot = createToken({ name: 'Dot', pattern: /\./ })
export const Comma = createToken({ name: 'Comma', pattern: /,/ })

export const TOKENS = [
  Space,
  Quoted,
  Unclosed,
  Comparator,
  Open,
  Close,
  Dot,
  Comma,
  Minus,
  And,
  Or,
  Not,
  Time,
  Text,
]

export const lexer = new Lexer(TOKENS, { positionTracking: 'onlyOffset', ensureOptimizations: false })
