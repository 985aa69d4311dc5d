import { z } from 'zod'
import { jsonObjectField } from '../../platform/json-field.ts'
import { keyField } from '../../platform/validation.ts'

/** So many features and integrations an organization or a workspace can have of its own. */
export const MOST_FEATURES = 200
export const MOST_INTEGRATIONS = 50
/** So many secrets one integration can have. */
export const MOST_SECRETS = 20

const DOMAIN =
  /^[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+$/u

const domainField = z
  .string()
  .transform((value) => value.normalize('NFC').trim().toLowerCase().replace(/^@/, ''))
  .refine((value) => value.length <= 253 && DOMAIN.test(value), "This is not a domain, like 'example.com'.")

const policyLevel = z.enum(['ADMIN', 'OWNER'])

const permissions = z.object({
  workspaceDeletion: policyLevel.nullish(),
  whoMayInvite: policyLevel.nullish(),
  allowedEmailDomains: z
    .array(domainField)
    .max(100, 'At most 100 domains can be allowed.')
    .transform((domains) => [...new Set(domains)])
    .nullish(),
  cloneByWriters: z.boolean().nullish(),
})

/** A list in which a key names what is meant, so that it can't be there twice. */
const keyed = <Item extends z.ZodType<{ key: string }>>(item: Item, most: number) =>
  z
    .array(item)
    .max(most, `At most ${most} can be given.`)
    .superRefine((items, context) => {
      const keys = items.map(({ key }) => key)
      for (const [index, key] of keys.entries()) {
        if (keys.indexOf(key) !== index) {
          context.addIssue({
            code: 'custom',
            path: [index, 'key'],
            message: `"${key}" is in the list twice.`,
          })
        }
      }
    })

const feature = z.object({ key: keyField('The key of a feature'), enabled: z.boolean().nullish() })

const secret = z.object({
  key: keyField('The key of a secret'),
  value: z
    .string()
    .min(1, "A secret can't be empty; null removes it.")
    .max(10_000, 'A secret can have at most 10,000 characters.')
    .nullable(),
})

const integration = z.object({
  key: keyField('The key of an integration'),
  enabled: z.boolean().nullish(),
  config: jsonObjectField('The config').nullish(),
  secrets: keyed(secret, MOST_SECRETS).nullish(),
})

/**
 * What `settings` inputs take (S1, S2): absent keeps (MERGE) or leaves out (REPLACE), null takes the own value away, so that
 * it is inherited again.
 */
export const settingsInput = z.object({
  permissions: permissions.nullish(),
  features: keyed(feature, MOST_FEATURES).nullish(),
  integrations: keyed(integration, MOST_INTEGRATIONS).nullish(),
})

export type SettingsInput = z.output<typeof settingsInput>
export type SettingsMode = 'MERGE' | 'REPLACE'

/** A path that an organization can lock: a policy, a feature, an integration, or a whole area. */
const lockField = z
  .string()
  .regex(
    /^(permissions(\.(workspaceDeletion|whoMayInvite|allowedEmailDomains|cloneByWriters))?|(features|integrations)(\.[A-Za-z][A-Za-z0-9_-]{0,63})?)$/,
    'A lock is an area or a value in it, like "features", "features.beta" or "permissions.whoMayInvite".',
  )

export const locksInput = z
  .array(lockField)
  .max(MOST_FEATURES + MOST_INTEGRATIONS, 'These are too many locks; lock a whole area instead.')
  .transform((locks) => [...new Set(locks)].sort())
