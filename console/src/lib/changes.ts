import { timeOf } from './words.ts'

/** What happened to one field, in words. */
export interface ChangeShown {
  field: string
  /** Null when there was nothing before, or the log does not keep it. */
  before: string | null
  after: string | null
}

const NAMES: Record<string, string> = {
  mlEnabled: 'Machine learning',
  userId: 'Person',
  fullName: 'Name',
  purgeAt: 'Kept until',
  deletedAt: 'Deleted',
  url: 'Address',
  defaultCoordinateSystem: 'Coordinate system',
  boundingBox: 'Area',
}
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/
const LONGEST = 120

/**
 * What an event says of each field.
 *
 * @param nameOf the name of a person, where it is known
 */
export function changesIn(
  changes: Record<string, unknown>,
  nameOf: (userId: string) => string | undefined,
): ChangeShown[] {
  return Object.entries(changes).map(([field, change]) => {
    const { before, after } = (change ?? {}) as { before?: unknown; after?: unknown }
    const shown = (value: unknown) =>
      field === 'userId' && typeof value === 'string' ? (nameOf(value) ?? value) : wordsFor(value)
    return { field: fieldName(field), before: shown(before), after: shown(after) }
  })
}

/** The ids of people whom these changes are about. */
export function peopleIn(changes: Record<string, unknown>): string[] {
  const { before, after } = (changes.userId ?? {}) as { before?: unknown; after?: unknown }
  return [before, after].filter((id) => typeof id === 'string')
}

/** `workspace.role_changed` as "Workspace role changed". */
export const eventName = (type: string): string => sentence(type.replace('.', ' ').replaceAll('_', ' '))

const fieldName = (field: string): string =>
  NAMES[field] ?? sentence(field.replaceAll('.', ' · ').replace(/(?<=[a-z])[A-Z]/g, ' $&'))

const sentence = (text: string): string =>
  text.charAt(0).toUpperCase() +
  text.slice(1).replace(/(?<= )[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase())

function wordsFor(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string' && INSTANT.test(value)) return timeOf(value)
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return short(value.join(', ')) || null
  return short(typeof value === 'string' ? value : JSON.stringify(value))
}

const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
