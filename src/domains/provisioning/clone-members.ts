import type { Standing } from '../../access/access.ts'
import type { Role } from '../../generated/prisma/client.ts'
import { changesBetween, type NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { forbidden } from '../../platform/refusal.ts'
import { addGrants, joinOrganization } from '../member/grant-role.ts'
import { fold } from '../role/find-role.ts'
import { memberEvent } from '../role/member-event.ts'
import { refuseRoleAbove } from '../role/refuse-role-above.ts'
import { refuseTakenNames, rolesOf } from '../role/role-names.ts'
import type { Copy } from './clone-parts.ts'
import { RolesMissing } from './errors.ts'

/** The roles of the clone's organization that stand for those of the source. */
export interface RolesOf {
  /** In whatever case: two keys that differ in nothing else can not be. */
  byKey: ReadonlyMap<string, Role>
  /** Keys of those that were made. */
  created: string[]
  events: NewEvent[]
}

const grantsOf = ({ tx, source }: Copy) =>
  tx.workspaceMember.findMany({
    where: { organizationId: source.organizationId, workspaceId: source.id },
    select: { userId: true, role: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })

/**
 * Finds the roles that members of the source hold in the organization of the clone, by their keys.
 *
 * @param create makes those that are not there, which needs `organization:roles` and reaches no higher than the caller
 * @param needed whether a role that is not there is refused: members are copied
 * @throws {RolesMissing}
 * @throws {RoleTooHigh}
 * @throws {RoleKeyTaken}
 * @throws {RoleNameTaken}
 * @throws {CodedError} FORBIDDEN
 */
export async function rolesInClone(
  copy: Copy,
  { onTarget, create, needed }: { onTarget: Standing; create: boolean; needed: boolean },
): Promise<RolesOf> {
  const { tx, source, scope } = copy
  const { organizationId } = scope
  const held = new Map((await grantsOf(copy)).map(({ role }) => [role.key, role]))
  const present = await rolesOf(tx, organizationId, 'WORKSPACE')
  const byKey = new Map(present.map((role) => [fold(role.key), role]))
  const missing = [...held.values()].filter(({ key }) => !byKey.has(fold(key)))
  if (source.organizationId === organizationId || missing.length === 0)
    return { byKey, created: [], events: [] }
  if (!create && needed) throw new RolesMissing(missing.map(({ key }) => key).sort())
  if (!create) return { byKey, created: [], events: [] }
  if (!onTarget.permissions.has('organization:roles')) throw forbidden('organization:roles')
  const made = missing.map(({ key, name, description, level, permissions }) => {
    const role = { id: newId(), scope: 'WORKSPACE', key, name, description, level, permissions } as const
    refuseRoleAbove(onTarget, { ...role, builtIn: false })
    refuseTakenNames(present, { key, name })
    return role
  })
  const rows = await tx.role.createManyAndReturn({ data: made.map((role) => ({ ...role, organizationId })) })
  for (const row of rows) byKey.set(fold(row.key), row)
  return {
    byKey,
    created: made.map(({ key }) => key),
    events: made.map(({ id, ...told }) => ({
      organizationId,
      type: 'role.created',
      subject: { type: 'Role', id },
      changes: changesBetween({}, told),
    })),
  }
}

/**
 * Gives the direct members of the source the same roles on the clone; who made the clone owns it already. Whoever is not in
 * the organization of the clone joins it as a plain member: the caller shares an organization with them, as `addMember` asks.
 *
 * @param onClone the caller's standing there: nobody gets a role above it
 * @throws {RoleTooHigh}
 */
export async function copyMembers(
  copy: Copy,
  onClone: Standing,
  { byKey }: RolesOf,
): Promise<{ count: number; events: NewEvent[] }> {
  const { tx, viewer, source, scope } = copy
  const grants = (await grantsOf(copy))
    .filter(({ userId }) => onClone.memberId === null || userId !== viewer.userId)
    .flatMap(({ userId, role: { key } }) => {
      const role = byKey.get(fold(key))
      return role ? [{ id: newId(), userId, role }] : []
    })
  refuseRoleAbove(onClone, ...new Set(grants.map(({ role }) => role)))
  const isHere = source.organizationId === scope.organizationId
  const people = grants.map(({ userId }) => userId)
  const joined = isHere ? [] : await joinOrganization(tx, scope.organizationId, people)
  await addGrants(tx, scope, grants)
  return {
    count: grants.length,
    events: [
      ...joined,
      ...grants.map(({ id, userId, role }) => memberEvent('member.added', scope, id, userId, null, role)),
    ],
  }
}
