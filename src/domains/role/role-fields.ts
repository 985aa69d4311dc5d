import { z } from 'zod'
import { allPermissions, customCeiling, LEVELS, type Permission } from '../../access/permissions.ts'
import type { AccessLevel, ScopeKind } from '../../generated/prisma/client.ts'
import { invalidField, ValidationError } from '../../platform/refusal.ts'
import { descriptionField, nameField } from '../../platform/validation.ts'

/** The fields of a custom role that can be changed. */
export const roleFields = z.object({
  name: nameField(),
  description: descriptionField(),
  level: z.enum(LEVELS).nullable(),
  permissions: z
    .array(z.enum(allPermissions))
    // One order, and each once, so that the same set is the same row.
    .transform((chosen) => allPermissions.filter((permission) => chosen.includes(permission))),
})

/**
 * A custom role has a level that its scope knows, and no permission above the ceiling of that level (access.md, rule 3).
 *
 * @throws {ValidationError} names every permission that the level does not reach
 */
export function refuseAboveCeiling(
  scope: ScopeKind,
  level: AccessLevel | null,
  permissions: readonly Permission[],
): void {
  if (scope === 'WORKSPACE' && level === null)
    throw invalidField('level', 'A role on workspaces has a level: READ, WRITE, ADMIN or OWNER.')
  if (scope === 'ORGANIZATION' && level === 'OWNER')
    throw invalidField('level', 'Only the built-in role OWNER owns an organization: take ADMIN at most.')
  const ceiling = new Set(customCeiling(scope, level))
  const above = permissions.filter((permission) => !ceiling.has(permission))
  if (above.length === 0) return
  const kind = scope === 'ORGANIZATION' ? 'an organization role' : 'a workspace role'
  throw new ValidationError(
    above.map((permission) => ({
      path: 'permissions',
      message: `${permission} is above the ceiling of ${kind} of level ${level ?? 'none'}.`,
    })),
  )
}
