import { z } from 'zod'
import { jsonObjectField } from '../../platform/json-field.ts'
import { versionField } from '../../platform/validation.ts'

/** What can be changed of an installation. */
export const extensionFields = z.object({
  version: versionField().nullable(),
  enabled: z.boolean('Say true or false, or leave it out.'),
  config: jsonObjectField('The config').nullable(),
})

/** In an update an absent field stays as it is; null clears the version, and empties the config. */
export const extensionPatch = extensionFields.partial()

/** Extensions are named as in package registries. */
export const extensionKeyField = z
  .string()
  .max(120, 'The key of an extension can have at most 120 characters.')
  .regex(
    /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/,
    'The key of an extension has lower-case letters, digits, dots, hyphens and underscores, perhaps behind a scope, as in "@acme/charts".',
  )
