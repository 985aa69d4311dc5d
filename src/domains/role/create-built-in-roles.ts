import { builtInRoles } from '../../access/permissions.ts'
import type { Role } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'

/** Lays down the built-in roles of a new organization (access.md). */
export function createBuiltInRoles(tx: Tx, organizationId: string): Promise<Role[]> {
  return tx.role.createManyAndReturn({
    data: builtInRoles.map(({ aliases: _aliases, ...role }) => ({ ...role, organizationId, builtIn: true })),
  })
}
