import type { Standing } from '../../access/access.ts'
import { mayGrant, type ScopeRef } from '../../access/standing.ts'
import type { Role } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { LastOwner, RoleTooHigh } from './errors.ts'

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
 * Only who stands as high may give or take away a role (access.md, rule 2): asked of every role that a change touches.
 *
 * @throws {RoleTooHigh}
 */
export function refuseRoleAbove(standing: Standing, ...roles: (Role | undefined)[]): void {
  const above = roles.find((role) => role && !mayGrant(standing, role))
  if (above) throw new RoleTooHigh(above.name)
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
  const joined = scope.kind === 'Workspace' ? await joinOrganization(tx, scope.organizationId, userId) : []
  return [...joined, await addGrant(tx, scope, userId, role)]
}

async function joinOrganization(tx: Tx, organizationId: string, userId: string): Promise<NewEvent[]> {
  const id = newId()
  const role = await tx.role.findUniqueOrThrow({
    where: { organizationId_scope_key: { organizationId, scope: 'ORGANIZATION', key: 'MEMBER' } },
  })
  const { count } = await tx.organizationMember.createMany({
    data: [{ id, organizationId, userId, roleId: role.id }],
    skipDuplicates: true,
  })
  if (count === 0) return []
  return [
    memberEvent(
      'member.added',
      { kind: 'Organization', id: organizationId, organizationId },
      id,
      userId,
      null,
      role,
    ),
  ]
}

async function addGrant(tx: Tx, scope: ScopeRef, userId: string, role: Role): Promise<NewEvent> {
  const id = newId()
  const { organizationId } = scope
  if (scope.kind === 'Organization') {
    await tx.organizationMember.create({
      data: { id, organizationId, userId, roleId: role.id },
      select: { id: true },
    })
  } else {
    await tx.workspaceMember.create({
      data: { id, organizationId, workspaceId: scope.id, userId, roleId: role.id },
      select: { id: true },
    })
  }
  return memberEvent('member.added', scope, id, userId, null, role)
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
 * @throws {LastOwner}
 */
export async function removeGrant(tx: Tx, scope: ScopeRef, grant: Grant, userId: string): Promise<NewEvent> {
  const which = { where: { id: grant.id }, select: { id: true } } as const
  if (scope.kind === 'Workspace') await tx.workspaceMember.delete(which)
  else {
    await tx.organizationMember.delete(which)
    await refuseLastOwner(tx, scope.id)
  }
  return memberEvent('member.removed', scope, grant.id, userId, grant.role, null)
}

/**
 * Asks the database's own rule now instead of at the end of the transaction (M12), so that the refusal has its type. The
 * organization is locked already, so the answer stays true.
 */
async function refuseLastOwner(tx: Tx, organizationId: string): Promise<void> {
  const owner = await tx.organizationMember.findFirst({
    where: { organizationId, role: { level: 'OWNER' } },
    select: { id: true },
  })
  if (!owner) throw new LastOwner()
}

function memberEvent(
  type: 'member.added' | 'member.role_changed' | 'member.removed',
  scope: ScopeRef,
  id: string,
  userId: string,
  before: Role | null,
  after: Role | null,
): NewEvent {
  return {
    organizationId: scope.organizationId,
    workspaceId: scope.kind === 'Workspace' ? scope.id : null,
    type,
    subject: { type: 'Member', id },
    changes: {
      userId: { [after ? 'after' : 'before']: userId },
      role: { ...(before ? { before: before.key } : {}), ...(after ? { after: after.key } : {}) },
    },
  }
}
