import { z } from 'zod'

/** What can be preferred (S4). Null is nothing: the workspace's value counts, else the default. */
export const preferenceFields = z.object({
  locale: z
    .string()
    .max(100, 'A locale can have at most 100 characters.')
    .transform((value, context) => {
      const locale = canonicalLocale(value.trim())
      if (locale) return locale
      context.addIssue('This is not a locale of BCP 47, like "en", "de-CH" or "zh-Hant-TW".')
      return z.NEVER
    })
    .nullable(),
  timeZone: z
    .string()
    .max(100, 'A time zone can have at most 100 characters.')
    .transform((value, context) => {
      const zone = canonicalZone(value.trim())
      if (zone) return zone
      context.addIssue('This is not a time zone of the IANA database, like "Europe/Zurich" or "UTC".')
      return z.NEVER
    })
    .nullable(),
  theme: z.enum(['LIGHT', 'DARK', 'SYSTEM']).nullable(),
  weekStart: z.enum(['MONDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY']).nullable(),
  landingPage: z
    .string()
    .trim()
    .max(200, 'A landing page can have at most 200 characters.')
    .regex(
      /^[a-z][a-z0-9-]*(\/[A-Za-z0-9_-]+)*$/,
      'A landing page is a path in the workspace, like "overview" or "members/invites": no address and no leading slash.',
    )
    .nullable(),
})

export type Preferences = z.output<typeof preferenceFields>

/** In a patch an absent field stays as it is. */
export const preferencePatch = preferenceFields.partial()

export type PreferencePatch = z.input<typeof preferencePatch>

export const DEFAULT_PREFERENCES = {
  locale: 'en',
  timeZone: 'UTC',
  theme: 'SYSTEM',
  weekStart: 'MONDAY',
  landingPage: 'overview',
} as const satisfies Preferences

export const PREFERENCES = Object.keys(DEFAULT_PREFERENCES) as (keyof Preferences)[]

/** Selects all of them, and nothing else of their row. */
export const preferenceSelection = {
  locale: true,
  timeZone: true,
  theme: true,
  weekStart: true,
  landingPage: true,
} as const satisfies Record<keyof Preferences, true>

function canonicalLocale(value: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(value)[0]
  } catch {
    return undefined
  }
}

/**
 * The zone in the database's own spelling; another name of it stays, because people expect "Asia/Kolkata" and not what their
 * runtime calls it. An offset like "+02:00" is no place on earth, and knows no summer time.
 */
function canonicalZone(value: string): string | undefined {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions()
    if (/^[+-]/.test(timeZone)) return undefined
    return timeZone.toLowerCase() === value.toLowerCase() ? timeZone : value
  } catch {
    return undefined
  }
}
