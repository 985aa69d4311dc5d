import type { Prisma } from '../generated/prisma/client.ts'
import { ceilingOf, LEVELS, type WorkspacePermission } from './permissions.ts'

/** Selects the roles with a permission on workspaces: a built-in one by its level, a custom one by its own permissions. */
export function rolesHolding(permission: WorkspacePermission): Prisma.RoleWhereInput {
  const level = { in: LEVELS.filter((one) => ceilingOf(one).includes(permission)) }
  return {
    OR: [
      { builtIn: true, level },
      { builtIn: false, level, permissions: { has: permission } },
    ],
  }
}
