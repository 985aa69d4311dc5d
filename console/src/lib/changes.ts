import { areaOf } from './area.ts'
import { timeOf } from './words.ts'

/** What happened to one field, in words. */
export interface ChangeShown {
  field: string
  /** Null when there was nothing, or the log does not keep it; never both. */
  before: string | null
  after: string | null
}

/** What tells most comes first. */
const FIRST = ['userId', 'name', 'email', 'key', 'role']

const NAMES: Record<string, string> = {
  mlEnabled: 'Machine learning',
  userId: 'Person',
  fullName: 'Name',
  purgeAt: 'Kept until',
  deletedAt: 'Deleted',
  url: 'Address',
  defaultCoordinateSystem: 'Coordinate system',
  boundingBox: 'Area',
  email: 'E-mail',
  slug: 'Name in links',
  uri: 'Where it is',
}
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/
/** Fields whose values have names in capital letters; elsewhere capital letters are somebody's own. */
const ENUMS = new Set([
  ...['kind', 'level', 'mode', 'role', 'scope', 'state', 'platformRole'],
  ...['theme', 'weekStart', 'whoMayInvite', 'workspaceDeletion'],
])
const LONGEST = 120

/**
 * What a log or a plan says of each field.
 *
 * @param nameOf the name of a person, where it is known
 */
export function changesIn(
  changes: Record<string, unknown>,
  nameOf: (userId: string) => string | undefined = () => undefined,
): ChangeShown[] {
  const shown = (field: string, value: unknown) =>
    field === 'userId' && typeof value === 'string' ? (nameOf(value) ?? value) : wordsFor(value, field)
  return Object.entries(changes)
    .sort(([one], [other]) => rankOf(one) - rankOf(other))
    .map(([field, change]) => {
      const { before, after } = (change ?? {}) as { before?: unknown; after?: unknown }
      return { field: fieldName(field), before: shown(field, before), after: shown(field, after) }
    })
    .filter(({ before, after }) => before !== null || after !== null)
}

const rankOf = (field: string): number => {
  const rank = FIRST.indexOf(field)
  return rank < 0 ? FIRST.length : rank
}

/** The ids of people whom these changes are about. */
export function peopleIn(changes: Record<string, unknown>): string[] {
  const { before, after } = (changes.userId ?? {}) as { before?: unknown; after?: unknown }
  return [before, after].filter((id) => typeof id === 'string')
}

/** `workspace.role_changed` as "Workspace role changed". */
export const eventName = (type: string): string => sentence(type.replace('.', ' ').replaceAll('_', ' '))

const fieldName = (field: string): string =>
  NAMES[field] ??
  addressField(field) ??
  sentence(field.replaceAll('.', ' · ').replace(/(?<=[a-z])[A-Z]/g, ' $&'))

/** `members.ada@example.com`: the dots of an address divide nothing. */
function addressField(field: string): string | null {
  const dot = field.indexOf('.')
  return dot > 0 && field.includes('@') ? `${sentence(field.slice(0, dot))} · ${field.slice(dot + 1)}` : null
}

const sentence = (text: string): string =>
  text.charAt(0).toUpperCase() +
  text.slice(1).replace(/(?<= )[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase())

function wordsFor(value: unknown, field = ''): string | null {
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return wordsForText(value, field.slice(field.lastIndexOf('.') + 1))
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return short(value.map((one) => wordsFor(one) ?? 'none').join(', ')) || null
  const area = 'coordinates' in value ? areaOf(value as Parameters<typeof areaOf>[0]) : null
  if (area) return `from ${area.west}, ${area.south} to ${area.east}, ${area.north} degrees`
  const parts = Object.entries(value).map(([name, part]) => `${name} ${wordsFor(part, name) ?? 'none'}`)
  return parts.length > 0 ? short(parts.join(', ')) : null
}

function wordsForText(text: string, field: string): string {
  if (INSTANT.test(text)) return timeOf(text)
  return ENUMS.has(field) ? sentence(text.toLowerCase().replaceAll('_', ' ')) : short(text)
}

const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
