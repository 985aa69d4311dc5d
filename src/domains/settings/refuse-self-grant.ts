import type { Standing } from '../../access/access.ts'
import type { Permission } from '../../access/permissions.ts'
import { DEFAULT_POLICIES, isLocked, type Policies, permissionsGained } from '../../access/policies.ts'
import { forbidden } from '../../platform/refusal.ts'

/**
 * A policy can be opened only by somebody who may do what it opens (access.md, rule 2): else an administrator would set
 * `workspaceDeletion` to ADMIN, and delete.
 *
 * @param touched the permissions that exist in the scope whose settings change
 * @throws {CodedError} FORBIDDEN, names the permission that the caller lacks
 */
export function refuseSelfGrant(
  standing: Standing,
  touched: readonly Permission[],
  { before, after }: { before: Policies; after: Policies },
): void {
  const gained = permissionsGained(before, after).filter((permission) => touched.includes(permission))
  const missing = gained.find((permission) => !standing.permissions.has(permission))
  if (missing) throw forbidden(missing)
}

/**
 * The most open that policies can become in any workspace, once it may have values of its own again: unlocking brings old ones
 * back.
 */
export function mostOpen(policies: Policies, unlocked: (path: string) => boolean): Policies {
  const open = Object.entries(DEFAULT_POLICIES).filter(([name]) => unlocked(`permissions.${name}`))
  return { ...policies, ...Object.fromEntries(open) }
}

/** Whether a change of locks frees the value at a path. */
export const isUnlocked =
  (before: readonly string[] | undefined, after: readonly string[] | undefined) => (path: string) =>
    isLocked(before, path) && !isLocked(after, path)
