import { EVENT_PATTERNS, typesNamedBy } from '../../platform/events.ts'
import { badInput } from '../../platform/refusal.ts'

/**
 * The types that an argument `types` asks for.
 *
 * @returns null for all of them
 * @throws {CodedError} BAD_USER_INPUT `INVALID_TYPE` for a type that there is not
 */
export function typesAsked(types: readonly string[] | null | undefined): ReadonlySet<string> | null {
  if (!types || types.length === 0) return null
  const unknown = types.find((type) => !EVENT_PATTERNS.has(type))
  if (unknown !== undefined) {
    throw badInput(
      'INVALID_TYPE',
      `There is no type of event "${unknown.slice(0, 60)}". Name one, like "member.added", or "member.*", or "*" for all.`,
    )
  }
  return typesNamedBy(types)
}
