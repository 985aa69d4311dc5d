import { Prisma } from '../generated/prisma/client.ts'
import type { Db, Tx } from '../platform/db.ts'
import { forbidden, notFound } from '../platform/refusal.ts'
import { createAccess, type Standing } from './access.ts'
import { type Permission, rankOf } from './permissions.ts'
import { heldRole, membershipOf, type Viewer } from './viewer.ts'

/** An organization or one of its workspaces: where a role is held. */
export type ScopeRef =
  | { kind: 'Organization'; id: string; organizationId: string }
  | { kind: 'Workspace'; id: string; organizationId: string }

/** Where an invite leads to, as the input of a lock. */
export const scopeOfInvite = ({
  organizationId,
  workspaceId,
}: {
  organizationId: string
  workspaceId: string | null
}): Pick<ScopeRef, 'kind' | 'id'> =>
  workspaceId ? { kind: 'Workspace', id: workspaceId } : { kind: 'Organization', id: organizationId }

/** Whether a deleted row may be locked too: to restore or to purge it. One that is being purged is gone already. */
type Deleted = 'EXCLUDE' | 'INCLUDE'

const present = (deleted: Deleted) =>
  deleted === 'INCLUDE' ? Prisma.empty : Prisma.sql`AND deleted_at IS NULL`

/**
 * Keeps an organization as it is until the transaction ends. `SHARE` keeps it from being deleted and its members from
 * changing, beside others who share; `UPDATE` is for whoever changes its members. Always taken before any other lock.
 *
 * @throws {CodedError} NOT_FOUND when it is absent or deleted
 */
export async function lockOrganization(
  tx: Tx,
  id: string,
  mode: 'SHARE' | 'UPDATE',
  deleted: Deleted = 'EXCLUDE',
): Promise<void> {
  const found = await tx.$queryRaw<unknown[]>`
    SELECT FROM organization WHERE id = ${id}::uuid AND purge_started_at IS NULL ${present(deleted)}
    ${mode === 'SHARE' ? Prisma.sql`FOR SHARE` : Prisma.sql`FOR UPDATE`}`
  if (found.length === 0) throw notFound()
}

/**
 * Locks a workspace behind its organization's lock. `SHARE` keeps it from being changed and deleted, beside others who
 * share: for whoever puts something into it. `UPDATE` is for whoever changes or deletes it.
 *
 * @throws {CodedError} NOT_FOUND when it is absent or deleted, or its organization is
 */
export async function lockWorkspace(
  tx: Tx,
  id: string,
  mode: 'SHARE' | 'UPDATE' = 'UPDATE',
  deleted: Deleted = 'EXCLUDE',
): Promise<{ organizationId: string }> {
  const row = await tx.workspace.findUnique({
    where: { id, ...(deleted === 'EXCLUDE' ? { deletedAt: null } : {}) },
    select: { organizationId: true },
  })
  if (!row) throw notFound()
  await lockOrganization(tx, row.organizationId, 'SHARE')
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT FROM workspace WHERE id = ${id}::uuid ${present(deleted)}
    ${mode === 'SHARE' ? Prisma.sql`FOR SHARE` : Prisma.sql`FOR NO KEY UPDATE`}`
  if (locked.length === 0) throw notFound()
  return row
}

/**
 * Locks a scope for a change of who belongs to it: the organization, or the workspace behind its organization.
 *
 * @throws {CodedError} NOT_FOUND when it is absent or deleted
 */
export async function lockScope(
  tx: Tx,
  scope: { kind: 'Organization' | 'Workspace'; id: string },
): Promise<ScopeRef> {
  if (scope.kind === 'Workspace')
    return { kind: 'Workspace', id: scope.id, ...(await lockWorkspace(tx, scope.id)) }
  await lockOrganization(tx, scope.id, 'UPDATE')
  return { kind: 'Organization', id: scope.id, organizationId: scope.id }
}

/**
 * The viewer's standing as it is now, behind the scope's lock: the gate's answer may be older than the lock.
 *
 * @throws {CodedError} NOT_FOUND when the viewer has lost the scope meanwhile
 */
export async function standingNow(tx: Tx | Db, viewer: Viewer, scope: ScopeRef): Promise<Standing> {
  const membership = await tx.organizationMember.findUnique({
    where: { organizationId_userId: { organizationId: scope.organizationId, userId: viewer.userId } },
    select: { id: true, role: true, organization: { select: { settings: true } } },
  })
  const organizations = new Map(membership ? [[scope.organizationId, membershipOf(membership)]] : [])
  const access = createAccess(tx as Db, { ...viewer, organizations })
  const standing = await (scope.kind === 'Organization'
    ? access.onOrganization(scope.id)
    : access.onWorkspace(scope.id))
  if (!standing) throw notFound()
  return standing
}

/**
 * {@link standingNow}, of somebody who holds a permission still.
 *
 * @throws {CodedError} NOT_FOUND or FORBIDDEN when the viewer has lost the scope or the permission since the gate
 */
export async function permittedNow(
  tx: Tx | Db,
  viewer: Viewer,
  scope: ScopeRef,
  permission: Permission,
): Promise<Standing> {
  const standing = await standingNow(tx, viewer, scope)
  if (!standing.permissions.has(permission)) throw forbidden(permission)
  return standing
}

/** Whether somebody of this standing may give, change or take away this role (access.md, rule 2). */
export function mayGrant(standing: Standing, role: Parameters<typeof heldRole>[0]): boolean {
  const { level, permissions } = heldRole(role)
  if (rankOf(level) > rankOf(standing.level)) return false
  return [...permissions].every((permission) => standing.granted.has(permission))
}
