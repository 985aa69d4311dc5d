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

/** An e-mail address: trimmed, NFC, compared without case; at most 254 characters (RFC 5321). */
export const emailField = () =>
  z
    .string()
    .transform((value) => value.normalize('NFC').trim().toLowerCase())
    .refine(
      (value) => value.length <= 254 && EMAIL.test(value),
      "This is not an e-mail address, like 'ada@example.com'.",
    )

// One @, no space or control character, a dot in the domain; letters of any script (RFC 6531). The mail itself proves the rest.
const EMAIL =
  /^[^\s@\p{Cc}"(),:;<>[\]\\]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+$/u
