import type { ScopeRef } from '../../access/standing.ts'
import type { AccessLevel, Role, ScopeKind } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { memberEvent } from '../role/member-event.ts'
import { LastOwner } from './errors.ts'

/** A direct role in a scope, as its row says. */
export interface Grant {
  id: string
  role: Role
}

/** The person's own role in a scope: not one that an organization role gives on its workspaces. */
export async function findGrant(tx: Tx, scope: ScopeRef, userId: string): Promise<Grant | null> {
  const select = { id: true, role: true } as const
  return scope.kind === 'Organization'
    ? tx.organizationMember.findUnique({
        where: { organizationId_userId: { organizationId: scope.id, userId } },
        select,
      })
    : tx.workspaceMember.findUnique({
        where: { workspaceId_userId: { workspaceId: scope.id, userId } },
        select,
      })
}

/**
 * Gives a person a role in a scope, or another one than they have. Whoever joins a workspace joins its organization as a
 * plain member. The caller holds the scope's lock (`lockScope`).
 *
 * @returns the events to append; none when the person has this role already
 */
export async function grantRole(tx: Tx, scope: ScopeRef, userId: string, role: Role): Promise<NewEvent[]> {
  const present = await findGrant(tx, scope, userId)
  if (present?.role.id === role.id) return []
  if (present) return [await changeGrant(tx, scope, present, userId, role)]
  const id = newId()
  const joined = scope.kind === 'Workspace' ? await joinOrganization(tx, scope.organizationId, [userId]) : []
  await addGrants(tx, scope, [{ id, userId, role }])
  return [...joined, memberEvent('member.added', scope, id, userId, null, role)]
}

/**
 * Makes plain members of an organization of those who are none yet.
 *
 * @returns the events to append: one for each who joined
 */
export async function joinOrganization(
  tx: Tx,
  organizationId: string,
  userIds: string[],
): Promise<NewEvent[]> {
  if (userIds.length === 0) return []
  const role = await tx.role.findUniqueOrThrow({
    where: { organizationId_scope_key: { organizationId, scope: 'ORGANIZATION', key: 'MEMBER' } },
  })
  // Two who add the same people to two workspaces insert them in the same order, and so never wait for each other.
  const rows = [...userIds].sort().map((userId) => ({ id: newId(), organizationId, userId, roleId: role.id }))
  const joined = await tx.organizationMember.createManyAndReturn({
    data: rows,
    skipDuplicates: true,
    select: { id: true, userId: true },
  })
  const scope = { kind: 'Organization', id: organizationId, organizationId } as const
  return joined.map(({ id, userId }) => memberEvent('member.added', scope, id, userId, null, role))
}

/** Inserts the first grants of people in a scope, whose lock the caller holds. */
export async function addGrants(
  tx: Tx,
  scope: ScopeRef,
  grants: { id: string; userId: string; role: Role }[],
): Promise<void> {
  if (grants.length === 0) return
  const { organizationId } = scope
  const data = grants.map(({ id, userId, role }) => ({ id, organizationId, userId, roleId: role.id }))
  if (scope.kind === 'Organization') await tx.organizationMember.createMany({ data })
  else await tx.workspaceMember.createMany({ data: data.map((row) => ({ ...row, workspaceId: scope.id })) })
}

async function changeGrant(
  tx: Tx,
  scope: ScopeRef,
  present: Grant,
  userId: string,
  role: Role,
): Promise<NewEvent> {
  const change = { where: { id: present.id }, data: { roleId: role.id }, select: { id: true } } as const
  if (scope.kind === 'Workspace') await tx.workspaceMember.update(change)
  else {
    await tx.organizationMember.update(change)
    await refuseLastOwner(tx, scope.id)
  }
  return memberEvent('member.role_changed', scope, present.id, userId, present.role, role)
}

/**
 * Takes a person's own role in a scope away; with the organization's, their roles on its workspaces fall too.
 *
 * @returns the events to append: one for each role that falls
 * @throws {LastOwner}
 */
export async function removeGrant(
  tx: Tx,
  scope: ScopeRef,
  grant: Grant,
  userId: string,
): Promise<NewEvent[]> {
  const which = { where: { id: grant.id }, select: { id: true } } as const
  const removed = memberEvent('member.removed', scope, grant.id, userId, grant.role, null)
  if (scope.kind === 'Workspace') {
    await tx.workspaceMember.delete(which)
    return [removed]
  }
  const { organizationId } = scope
  const fallen = await tx.workspaceMember.findMany({
    where: { organizationId, userId },
    select: { id: true, workspaceId: true, role: true },
    orderBy: { id: 'asc' },
  })
  // The foreign key takes the workspaces' rows away with the organization's.
  await tx.organizationMember.delete(which)
  await refuseLastOwner(tx, scope.id)
  const fall = fallen.map(({ id, workspaceId, role }) =>
    memberEvent(
      'member.removed',
      { kind: 'Workspace', id: workspaceId, organizationId },
      id,
      userId,
      role,
      null,
    ),
  )
  return [...fall, removed]
}

/** What a person may still do in a scope without a role of their own there: their organization role decides. */
export async function remainingAccess(
  tx: Tx,
  { kind, organizationId }: ScopeRef,
  userId: string,
): Promise<AccessLevel | null> {
  if (kind === 'Organization') return null
  const membership = await tx.organizationMember.findUnique({
    where: { organizationId_userId: { organizationId, userId } },
    select: { role: { select: { level: true } } },
  })
  return membership?.role.level ?? null
}

/** The id of the row that the list of a scope shows for a person who has a role there. */
export async function effectiveMember(tx: Tx, scope: ScopeRef, userId: string): Promise<string> {
  const { organizationId } = scope
  const list = scope.kind === 'Organization' ? { ofOrganizationId: scope.id } : { workspaceId: scope.id }
  const { id } = await tx.member.findFirstOrThrow({
    where: { organizationId, userId, ...list },
    select: { id: true },
  })
  return id
}

/** The scope of the roles that are held in a scope. */
export const roleScopeOf = ({ kind }: ScopeRef): ScopeKind =>
  kind === 'Organization' ? 'ORGANIZATION' : 'WORKSPACE'

/**
 * Asks the database's own rule now instead of at the end of the transaction (M12), so that the refusal has its type. The
 * organization is locked already, so the answer stays true.
 */
export async function refuseLastOwner(tx: Tx, organizationId: string): Promise<void> {
  const owner = await tx.organizationMember.findFirst({
    where: { organizationId, role: { level: 'OWNER' } },
    select: { id: true },
  })
  if (!owner) throw new LastOwner()
}
