import { domainToASCII, domainToUnicode } from 'node:url'
import { z } from 'zod'
import { ValidationError } from './refusal.ts'

/**
 * Parses an input, and tells everything that is wrong with it at once.
 *
 * @throws {ValidationError} with one issue per field
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new ValidationError(
    parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message: sentence(message) })),
  )
}

/**
 * Refuses a list whose rows name the same thing twice.
 *
 * @param list the field of the list, and `field` the one of its rows: both for the error
 * @throws {ValidationError} one issue for each repetition
 */
export function refuseRepeated(list: string, field: string, values: readonly string[]): void {
  const issues = values.flatMap((value, index) =>
    values.indexOf(value) === index
      ? []
      : [{ path: `${list}.${index}.${field}`, message: 'This one is in the list twice.' }],
  )
  if (issues.length > 0) throw new ValidationError(issues)
}

const sentence = (message: string) => (/[.!?]$/.test(message) ? message : `${message}.`)

/** Characters as a person counts them: a code point each, as PostgreSQL's length() does. */
const lengthOf = (text: string) => [...text].length

/** Characters that no name has: control characters, and halves of a character, which PostgreSQL can not store. */
const CONTROL = /[\p{Cc}\p{Cs}]/u
/** Line breaks and tabs are part of a longer text. */
export const CONTROL_IN_TEXT = /(?![\t\n\r])[\p{Cc}\p{Cs}]/u

function text(label: string, min: number, max: number, forbidden: RegExp) {
  return z
    .string()
    .transform((value) => value.normalize('NFC').trim())
    .refine((value) => lengthOf(value) >= min, `${label} can't be empty.`)
    .refine((value) => lengthOf(value) <= max, `${label} can have at most ${max} characters.`)
    .refine((value) => !forbidden.test(value), `${label} can't contain control characters.`)
}

/** A name that people give to something: 1 to 120 characters, trimmed, NFC (W4). */
export const nameField = (label = 'The name') => text(label, 1, 120, CONTROL)

/** A longer text of any lines, at most 2,000 characters (W6). */
export const descriptionField = () => text('The description', 0, 2000, CONTROL_IN_TEXT)

/** A name for programs, as of a feature or an extension: no dot, because paths have dots between names. */
export const keyField = (label: string) =>
  z
    .string()
    .regex(
      /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
      `${label} has 1 to 64 letters, digits, hyphens and underscores, and begins with a letter.`,
    )

/** A version as its maker writes it: 1 to 64 characters, trimmed, NFC. */
export const versionField = () => text('The version', 1, 64, CONTROL)

/** One label of 1 to 100 characters (W7). */
export const labelField = () => text('A label', 1, 100, CONTROL)

/**
 * An e-mail address: trimmed, NFC, compared without case; at most 254 characters (RFC 5321). A domain in Punycode is the
 * same as the one that it stands for.
 */
export const emailField = () =>
  z
    .string()
    .transform(canonicalEmail)
    .refine((value) => value !== null, "This is not an e-mail address, like 'ada@example.com'.")
    .transform(String)

/** The one spelling of an address under which it is stored and compared (lesson 8); null when it is no address. */
export function canonicalEmail(text: string): string | null {
  const [local = '', domain = '', ...more] = text.normalize('NFC').trim().split('@')
  const isForeign = /\P{ASCII}/u.test(domain) || /xn--/i.test(domain)
  const ascii = isForeign ? domainToASCII(domain) : domain
  const readable = isForeign ? domainToUnicode(ascii) : domain
  const email = `${local}@${readable}`.toLowerCase().normalize('NFC')
  const isAddress = more.length === 0 && LOCAL.test(local) && DOMAIN.test(ascii) && email.length <= 254
  return isAddress ? email : null
}

/** Whether two spellings are one address. */
export const isSameEmail = (one: string, other: string): boolean =>
  (canonicalEmail(one) ?? one) === (canonicalEmail(other) ?? other)

// No space or control character; letters of any script (RFC 6531). The mail itself proves the rest.
const LOCAL = /^[^\s@\p{Cc}"(),:;<>[\]\\]{1,64}$/u
// A dot in it, and no hyphen at the ends of what is between dots.
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i
