import type { Db, Tx } from '../platform/db.ts'
import { notFound } from '../platform/refusal.ts'
import { createAccess, type Standing } from './access.ts'
import { rankOf } from './permissions.ts'
import { heldRole, type Viewer } from './viewer.ts'

/** An organization or one of its workspaces: where a role is held. */
export type ScopeRef =
  | { kind: 'Organization'; id: string; organizationId: string }
  | { kind: 'Workspace'; id: string; organizationId: string }

/**
 * Keeps an organization as it is until the transaction ends. `SHARE` keeps it from being deleted and its members from
 * changing, beside others who share; `UPDATE` is for whoever changes its members. Always taken before any other lock.
 *
 * @throws {CodedError} NOT_FOUND when it is absent or deleted
 */
export async function lockOrganization(tx: Tx, id: string, mode: 'SHARE' | 'UPDATE'): Promise<void> {
  const found =
    mode === 'SHARE'
      ? await tx.$queryRaw<
          unknown[]
        >`SELECT FROM organization WHERE id = ${id}::uuid AND deleted_at IS NULL FOR SHARE`
      : await tx.$queryRaw<
          unknown[]
        >`SELECT FROM organization WHERE id = ${id}::uuid AND deleted_at IS NULL FOR UPDATE`
  if (found.length === 0) throw notFound()
}

/**
 * Locks a workspace that is not deleted, behind its organization's lock.
 *
 * @throws {CodedError} NOT_FOUND when it is absent or deleted
 */
export async function lockWorkspace(tx: Tx, id: string): Promise<{ organizationId: string }> {
  const row = await tx.workspace.findUnique({
    where: { id, deletedAt: null },
    select: { organizationId: true },
  })
  if (!row) throw notFound()
  await lockOrganization(tx, row.organizationId, 'SHARE')
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT FROM workspace WHERE id = ${id}::uuid AND deleted_at IS NULL FOR NO KEY UPDATE`
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
export async function standingNow(tx: Tx, viewer: Viewer, scope: ScopeRef): Promise<Standing> {
  const membership = await tx.organizationMember.findUnique({
    where: { organizationId_userId: { organizationId: scope.organizationId, userId: viewer.userId } },
    include: { role: true },
  })
  const organizations = new Map(
    membership ? [[scope.organizationId, { memberId: membership.id, role: heldRole(membership.role) }]] : [],
  )
  const access = createAccess(tx as Db, { ...viewer, organizations })
  const standing = await (scope.kind === 'Organization'
    ? access.onOrganization(scope.id)
    : access.onWorkspace(scope.id))
  if (!standing) throw notFound()
  return standing
}

/** Whether somebody of this standing may give, change or take away this role (access.md, rule 2). */
export function mayGrant(standing: Standing, role: Parameters<typeof heldRole>[0]): boolean {
  const { level, permissions } = heldRole(role)
  if (rankOf(level) > rankOf(standing.level)) return false
  return [...permissions].every((permission) => standing.permissions.has(permission))
}
