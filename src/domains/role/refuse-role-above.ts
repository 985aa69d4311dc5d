import type { Standing } from '../../access/access.ts'
import { mayGrant } from '../../access/standing.ts'
import type { Role } from '../../generated/prisma/client.ts'
import { RoleTooHigh } from './errors.ts'

type TouchedRole = Parameters<typeof mayGrant>[1] & Pick<Role, 'name'>

/**
 * Only who stands as high may give or take away a role (access.md, rule 2): asked of every role that a change touches.
 *
 * @throws {RoleTooHigh}
 */
export function refuseRoleAbove(standing: Standing, ...roles: (TouchedRole | undefined)[]): void {
  const above = roles.find((role) => role && !mayGrant(standing, role))
  if (above) throw new RoleTooHigh(above.name)
}
