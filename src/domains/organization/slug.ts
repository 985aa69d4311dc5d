import { z } from 'zod'

/** The name of an organization in links: unique in the instance. */
export const slugField = z
  .string()
  .max(48, 'A slug can have at most 48 characters.')
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'A slug has lower-case letters, digits and single hyphens between them, and begins with a letter.',
  )
