import { z } from 'zod'
import type { Role, ScopeKind } from '../../generated/prisma/client.ts'
import { type Tx, violates } from '../../platform/db.ts'
import { RoleKeyTaken, RoleNameTaken } from './errors.ts'
import { aliasesOf, fold } from './find-role.ts'

/** A role's key, kept as it is given. */
export const roleKeyField = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{1,47}$/,
    'A key has 2 to 48 letters, digits, hyphens and underscores, and begins with a letter.',
  )

/** The roles of an organization in one scope; whoever names another one holds the organization's lock. */
export function rolesOf(tx: Tx, organizationId: string, scope: ScopeKind): Promise<Role[]> {
  return tx.role.findMany({ where: { organizationId, scope } })
}

/**
 * What is meant by a `role:` input must stay clear: a key or a name is taken when another role answers to it, be it by
 * its key, its name or an alias, in any case.
 *
 * @param others the other roles of the organization and scope
 * @throws {RoleKeyTaken}
 * @throws {RoleNameTaken}
 */
export function refuseTakenNames(
  others: Role[],
  wanted: { key?: string | undefined; name?: string | undefined },
): void {
  const taken = new Set(others.flatMap(namesOf))
  if (wanted.key !== undefined && taken.has(fold(wanted.key))) throw new RoleKeyTaken(wanted.key)
  if (wanted.name !== undefined && taken.has(fold(wanted.name))) throw new RoleNameTaken(wanted.name)
}

const namesOf = ({ key, name, scope, builtIn }: Role) =>
  [key, name, ...(builtIn ? aliasesOf(scope, key) : [])].map(fold)

/** A free key made from a name: `Data Steward` is `DATA_STEWARD`, and the next one `DATA_STEWARD_2`. */
export function freeKey(others: Role[], name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^[^A-Z]+|_+$/g, '')
    .slice(0, 40)
  const base = words.length < 2 ? 'ROLE' : words
  const taken = new Set(others.flatMap(namesOf))
  for (let nth = 1; ; nth++) {
    const key = nth === 1 ? base : `${base}_${nth}`
    if (!taken.has(fold(key))) return key
  }
}

/**
 * Names what the unique indexes have refused: the lock lets nobody come in between, but a database may fold more letters
 * than we do.
 *
 * @throws {RoleKeyTaken}
 * @throws {RoleNameTaken}
 */
export async function mapTakenNames<T>(
  wanted: { key?: string | null | undefined; name?: string | undefined },
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (violates(error, 'role_folded_name_key')) throw new RoleNameTaken(wanted.name ?? '')
    if (violates(error, 'role_folded_key_key')) throw new RoleKeyTaken(wanted.key ?? '')
    throw error
  }
}
