import { z } from 'zod'
import { EVENT_PATTERNS } from '../../platform/events.ts'
import { descriptionField } from '../../platform/validation.ts'

/** An absolute http or https address without credentials. Where it may lead is decided when something is sent. */
const urlField = z
  .string()
  .trim()
  .max(2000, 'The URL can have at most 2,000 characters.')
  .transform((value, context) => {
    const problem = problemOf(value)
    if (problem) context.addIssue({ code: 'custom', message: problem })
    return problem ? z.NEVER : new URL(value).href
  })

function problemOf(value: string): string | null {
  if (!URL.canParse(value) || !/^https?:\/\//i.test(value))
    return 'This is not an absolute http or https URL, like "https://example.com/hooks".'
  const { username, password, hash } = new URL(value)
  if (username || password)
    return 'The URL can contain no user name and no password: messages are signed instead.'
  return hash ? 'The URL can contain no fragment: it would not be sent.' : null
}

const typesField = z
  .array(
    z
      .string()
      .refine(
        (type) => EVENT_PATTERNS.has(type),
        'There is no such type of event. Name one, like "member.added", or "member.*", or "*" for all.',
      ),
  )
  .transform((types) => [...new Set(types)])
  .refine((types) => types.length > 0, 'Name at least one type of event, or "*" for all.')

/** What people set on an event subscription. */
export const subscriptionFields = z.object({
  url: urlField,
  types: typesField,
  description: descriptionField(),
  enabled: z.boolean('Say true or false, or leave it out.'),
})

/** In an update an absent field stays as it is. */
export const subscriptionPatch = subscriptionFields.partial()
