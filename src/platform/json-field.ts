import { z } from 'zod'

const MOST_CHARACTERS = 4000
const MOST_LEVELS = 10

/** A JSON object of somebody else's making: at most 4,000 characters and 10 levels. PostgreSQL must be able to store it. */
export const jsonObjectField = (label: string) =>
  z
    .custom<Record<string, unknown>>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      `${label} is a JSON object.`,
    )
    .superRefine((value, context) => {
      const problem = problemOf(value)
      if (problem) context.addIssue({ code: 'custom', message: `${label} ${problem}` })
    })
    // A literal in a GraphQL document arrives as an object without a prototype, which Prisma does not take.
    .transform((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>)

function problemOf(value: object): string | null {
  if (isDeeper(value)) return `can have at most ${MOST_LEVELS} levels.`
  if (JSON.stringify(value).length > MOST_CHARACTERS)
    return `can have at most ${MOST_CHARACTERS.toLocaleString('en')} characters.`
  return hasUnstorable(value)
    ? 'can contain neither the character U+0000 nor half of a surrogate pair.'
    : null
}

/** Goes down level by level, so that no depth exhausts the stack. */
function isDeeper(value: object): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth < MOST_LEVELS; depth++) {
    level = level.flatMap((inner) =>
      typeof inner === 'object' && inner !== null ? Object.values(inner) : [],
    )
  }
  return level.some((inner) => typeof inner === 'object' && inner !== null)
}

const UNSTORABLE = /\p{Cs}|\0/u

function hasUnstorable(value: unknown): boolean {
  if (typeof value === 'string') return UNSTORABLE.test(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => UNSTORABLE.test(key) || hasUnstorable(inner))
}
