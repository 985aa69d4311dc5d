import { builtInRoles, rankOf, type StoredRole } from '../../access/permissions.ts'
import { Prisma, type ScopeKind } from '../../generated/prisma/client.ts'
import type { SqlTx } from '../../platform/db.ts'
import { ValidationError } from '../../platform/refusal.ts'

/**
 * The role that a `role:` input names, by key, name or alias in any case (access.md).
 *
 * @param path the input field, for the error
 * @throws {ValidationError} names the roles that there are
 */
export async function findRole(
  tx: SqlTx,
  organizationId: string,
  scope: ScopeKind,
  named: string,
  path = 'role',
): Promise<StoredRole> {
  const [role] = await findRoles(tx, organizationId, scope, [{ named, path }])
  return role as StoredRole
}

/**
 * Like {@link findRole} for several inputs, by one query (lesson 6).
 *
 * @returns one role for each, in their order
 * @throws {ValidationError} names every input that names no role
 */
export async function findRoles(
  tx: SqlTx,
  organizationId: string,
  scope: ScopeKind,
  wanted: { named: string; path: string }[],
): Promise<StoredRole[]> {
  const [found] = await tx.$queryRaw<
    { roles: StoredRole[] }[]
  >`SELECT ${rolesIn(organizationId, scope)} AS roles`
  return namedRoles(found?.roles ?? [], scope, wanted)
}

/** SQL for the roles of a scope as JSON, oldest first: an alias of a built-in role means the built-in one. */
export const rolesIn = (organizationId: string, scope: ScopeKind) => Prisma.sql`(
  SELECT coalesce(json_agg(role_json(r) ORDER BY r.created_at), '[]'::json) FROM role r
  WHERE r.organization_id = ${organizationId}::uuid AND r.scope = ${scope}::scope_kind)`

/**
 * {@link findRole} among roles that are read already.
 *
 * @throws {ValidationError}
 */
export function namedRole(roles: StoredRole[], scope: ScopeKind, named: string): StoredRole {
  const [role] = namedRoles(roles, scope, [{ named, path: 'role' }])
  return role as StoredRole
}

function namedRoles(
  roles: StoredRole[],
  scope: ScopeKind,
  wanted: { named: string; path: string }[],
): StoredRole[] {
  const found = wanted.map(({ named }) => matchRole(roles, named))
  const known = rolesListed(roles)
  const issues = wanted.flatMap(({ named, path }, index) =>
    found[index]
      ? []
      : [{ path, message: `There is no ${scope.toLowerCase()} role "${named}". There is ${known}.` }],
  )
  if (issues.length > 0) throw new ValidationError(issues)
  return found as StoredRole[]
}

/** Roles as a sentence lists them for whoever named none of them: from the lowest level up. */
export const rolesListed = (roles: readonly Pick<StoredRole, 'key' | 'name' | 'level'>[]): string =>
  [...roles]
    .sort((one, other) => rankOf(one.level) - rankOf(other.level))
    .map(({ key, name }) => `${key} (${name})`)
    .join(', ')

/** A key wins over a name, and a name over an alias. */
export function matchRole<T extends { key: string; name: string; scope: ScopeKind }>(
  roles: T[],
  named: string,
): T | undefined {
  const wanted = fold(named)
  return (
    roles.find(({ key }) => fold(key) === wanted) ??
    roles.find(({ name }) => fold(name) === wanted) ??
    roles.find(({ key, scope }) => aliasesOf(scope, key).includes(wanted))
  )
}

/** Two spellings of one name. */
export const fold = (text: string) => text.normalize('NFC').trim().toLowerCase()

/** Other names of a built-in role, in lower case. */
export const aliasesOf = (scope: ScopeKind, key: string) =>
  builtInRoles.find((role) => role.scope === scope && role.key === key)?.aliases ?? []
