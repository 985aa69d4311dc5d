import { builder, type ObjectFields } from '../../graphql/builder.ts'
import { ownPreferences } from './policy.ts'
import {
  DEFAULT_PREFERENCES,
  PREFERENCES,
  type Preferences,
  preferenceSelection,
} from './preference-fields.ts'

export const ThemeEnum = builder.enumType('Theme', {
  description: 'Light or dark.',
  values: {
    LIGHT: { description: 'Dark on light.' },
    DARK: { description: 'Light on dark.' },
    SYSTEM: { description: 'As the device is set.' },
  } satisfies Record<NonNullable<Preferences['theme']>, { description: string }>,
})

export const WeekStartEnum = builder.enumType('WeekStart', {
  description: 'The first day of a week in calendars.',
  values: {
    MONDAY: { description: 'As in ISO 8601.' },
    FRIDAY: { description: 'As in the Maldives.' },
    SATURDAY: { description: 'As in Egypt.' },
    SUNDAY: { description: 'As in the United States.' },
  } satisfies Record<NonNullable<Preferences['weekStart']>, { description: string }>,
})

const PreferenceSourceEnum = builder.enumType('PreferenceSource', {
  description: 'Where a value that counts for the viewer comes from.',
  values: {
    DEFAULT: { description: 'Nobody has set it.' },
    WORKSPACE: { description: 'The workspace has set it for everybody.' },
    VIEWER: { description: 'The viewer has set it for themselves.' },
  } as const,
})

export const preferenceDescriptions: Record<keyof Preferences, string> = {
  locale: 'Language and region after BCP 47, like `de-CH`. Default: `en`.',
  timeZone: 'A time zone of the IANA database, like `Europe/Zurich`. Default: `UTC`.',
  theme: 'Light or dark. Default: `SYSTEM`.',
  weekStart: 'The first day of a week. Default: `MONDAY`.',
  landingPage:
    'The page that opens first, a path in the workspace of at most 200 characters, like `members/invites`. Default: `overview`.',
}

const TYPES = {
  locale: 'String',
  timeZone: 'String',
  theme: ThemeEnum,
  weekStart: WeekStartEnum,
  landingPage: 'String',
} as const

/** One value that counts for the viewer. */
interface Preference {
  value: string
  source: 'DEFAULT' | 'WORKSPACE' | 'VIEWER'
}

type Effective = Record<keyof Preferences, Preference>

interface Loaded {
  workspace: Preferences | null
  viewer: Preferences | null
}

/** The viewer's own value, else the workspace's, else the default. */
function effectiveOf({ workspace, viewer }: Loaded): Effective {
  const counting = PREFERENCES.map((name): [string, Preference] => {
    if (viewer?.[name]) return [name, { value: viewer[name], source: 'VIEWER' }]
    if (workspace?.[name]) return [name, { value: workspace[name], source: 'WORKSPACE' }]
    return [name, { value: DEFAULT_PREFERENCES[name], source: 'DEFAULT' }]
  })
  return Object.fromEntries(counting) as Effective
}

/** One field for each preference. */
const eachPreference = <Field>(field: (name: keyof Preferences) => Field) =>
  Object.fromEntries(PREFERENCES.map((name) => [name, field(name)])) as Record<keyof Preferences, Field>

function preferenceType(
  name: string,
  description: string,
  type: 'String' | typeof ThemeEnum | typeof WeekStartEnum,
) {
  return builder.objectRef<Preference>(name).implement({
    description,
    fields: (t) => ({
      value: t.field({
        type: type as 'String',
        description: 'The value that counts.',
        resolve: ({ value }) => value,
      }),
      source: t.expose('source', { type: PreferenceSourceEnum, description: 'Where it comes from.' }),
    }),
  })
}

const StringPreference = preferenceType('StringPreference', 'A text that counts for the viewer.', 'String')
const EFFECTIVE_TYPES = {
  locale: StringPreference,
  timeZone: StringPreference,
  landingPage: StringPreference,
  theme: preferenceType('ThemePreference', 'The theme that counts for the viewer.', ThemeEnum),
  weekStart: preferenceType(
    'WeekStartPreference',
    'The first day of a week that counts for the viewer.',
    WeekStartEnum,
  ),
}

const EffectivePreferencesType = builder.objectRef<Effective>('EffectivePreferences').implement({
  description: 'What counts for the viewer, each value with its source.',
  fields: (t) =>
    eachPreference((name) =>
      t.field({
        type: EFFECTIVE_TYPES[name] as typeof StringPreference,
        description: preferenceDescriptions[name],
        resolve: (effective) => effective[name],
      }),
    ),
})

const OwnPreferencesType = builder
  .objectRef<Preferences | Record<string, never>>('OwnPreferences')
  .implement({
    description: 'What was set in one place; null where nothing was.',
    fields: (t: ObjectFields<Preferences | Record<string, never>>) =>
      eachPreference((name) =>
        t.field({
          type: TYPES[name] as 'String',
          nullable: true,
          description: `${preferenceDescriptions[name]} Null when it was not set here.`,
          resolve: (own) => own[name] ?? null,
        }),
      ),
  })

const PreferencesType = builder.objectRef<Loaded>('Preferences').implement({
  description:
    'How a workspace is shown to the viewer: their own values, else those of the workspace, else the defaults.',
  fields: (t) => ({
    ...eachPreference((name) =>
      t.field({
        type: TYPES[name] as 'String',
        description: `${preferenceDescriptions[name]} As it counts for the viewer.`,
        resolve: (loaded) => effectiveOf(loaded)[name].value,
      }),
    ),
    effective: t.field({
      type: EffectivePreferencesType,
      description: 'The same values, each with its source.',
      resolve: effectiveOf,
    }),
    workspace: t.field({
      type: OwnPreferencesType,
      description: 'What was set for everybody in the workspace.',
      resolve: ({ workspace }) => workspace ?? {},
    }),
    viewer: t.field({
      type: OwnPreferencesType,
      description: 'What the viewer has set for themselves.',
      resolve: ({ viewer }) => viewer ?? {},
    }),
  }),
})

builder.prismaObjectField('Workspace', 'preferences', (t) =>
  t.field({
    type: PreferencesType,
    description: 'How the workspace is shown to the viewer.',
    select: (_args, { viewer }) => ({
      preferences: { select: preferenceSelection },
      viewerPreferences: { where: ownPreferences(viewer), take: 1, select: preferenceSelection },
    }),
    resolve: ({ preferences, viewerPreferences }) => ({
      workspace: preferences,
      viewer: viewerPreferences[0] ?? null,
    }),
  }),
)
