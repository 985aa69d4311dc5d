import { z } from 'zod'
import { ValidationError, type ValidationIssue } from '../../platform/refusal.ts'
import { emailField, parseInput } from '../../platform/validation.ts'
import { idempotencyKeyField } from '../operation/idempotency.ts'
import { preferencePatch } from '../preferences/preference-fields.ts'
import { settingsInput } from '../settings/settings-input.ts'
import { workspaceFields } from '../workspace/workspace-fields.ts'
import { workspaceKeyField } from '../workspace/workspace-key.ts'

/** So many workspaces one run takes, and so many members each of them can name. */
export const MOST_WORKSPACES = 10_000
const MOST_MEMBERS = 100

const desired = workspaceFields.partial().extend({
  key: workspaceKeyField,
  settings: settingsInput.nullish(),
  preferences: preferencePatch.nullish(),
  members: z
    .array(
      z.object({
        email: emailField(),
        role: z.string().trim().min(1, 'Name a role.').max(120, 'A role has at most 120 characters.'),
      }),
    )
    .max(MOST_MEMBERS, `A workspace can name at most ${MOST_MEMBERS} members.`)
    .nullish(),
})

/** The state that one workspace is to be in: what is absent stays as it is, or is as in the template when it is new. */
export type Desired = z.output<typeof desired>

const input = z.object({
  workspaces: z
    .array(desired)
    .min(1, 'Name at least one workspace.')
    .max(
      MOST_WORKSPACES,
      `At most ${MOST_WORKSPACES.toLocaleString('en')} workspaces can be provisioned at once.`,
    ),
  mode: z.enum(['ATOMIC', 'BEST_EFFORT']),
  idempotencyKey: idempotencyKeyField.nullish(),
})

export type DesiredInput = z.input<typeof input>

/**
 * Reads the input of a run.
 *
 * @throws {ValidationError} names every field that is wrong, each key and address that is there twice, and secrets: those are
 *   not provisioned, because nobody could tell whether they are the same
 */
export function parseDesired(given: unknown): z.output<typeof input> {
  const parsed = parseInput(input, given)
  const issues = [
    ...repeated(parsed.workspaces.map(({ key }) => key)).map((nth) =>
      issue(`workspaces.${nth}.key`, 'This key is in the list twice.'),
    ),
    ...parsed.workspaces.flatMap(({ members, settings }, nth) => [
      ...repeated((members ?? []).map(({ email }) => email)).map((at) =>
        issue(`workspaces.${nth}.members.${at}.email`, 'This address is in the list twice.'),
      ),
      ...(settings?.integrations ?? []).flatMap(({ secrets }, at) =>
        secrets?.length
          ? [
              issue(
                `workspaces.${nth}.settings.integrations.${at}.secrets`,
                'Secrets are not provisioned: set them with updateWorkspaceSettings.',
              ),
            ]
          : [],
      ),
    ]),
  ]
  if (issues.length > 0) throw new ValidationError(issues)
  return parsed
}

const issue = (path: string, message: string): ValidationIssue => ({ path, message })

/** The places of values that were there before. */
function repeated(values: readonly string[]): number[] {
  const seen = new Set<string>()
  return values.flatMap((value, nth) => {
    const isAgain = seen.has(value)
    seen.add(value)
    return isAgain ? [nth] : []
  })
}
