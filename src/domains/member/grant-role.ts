import type { Holding } from '../../access/enter.ts'
import type { StoredRole } from '../../access/permissions.ts'
import type { ScopeRef } from '../../access/standing.ts'
import { type AccessLevel, Prisma, type ScopeKind } from '../../generated/prisma/client.ts'
import type { SqlTx, Tx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { ONCE, type Write } from '../../platform/write-together.ts'
import { memberEvent } from '../role/member-event.ts'
import { LastOwner } from './errors.ts'

/** A direct role in a scope, as its row says. */
export interface Grant {
  id: string
  role: StoredRole
}

/** The person's own role in a scope: not one that an organization role gives on its workspaces. */
export async function findGrant(tx: SqlTx, scope: ScopeRef, userId: string): Promise<Grant | null> {
  const [grant] =
    scope.kind === 'Organization'
      ? await tx.$queryRaw<Grant[]>`
          SELECT g.id, role_json(r) AS role FROM organization_member g JOIN role r ON r.id = g.role_id
          WHERE g.organization_id = ${scope.id}::uuid AND g.user_id = ${userId}::uuid`
      : await tx.$queryRaw<Grant[]>`
          SELECT g.id, role_json(r) AS role FROM workspace_member g JOIN role r ON r.id = g.role_id
          WHERE g.workspace_id = ${scope.id}::uuid AND g.user_id = ${userId}::uuid`
  return grant ?? null
}

/**
 * Gives a person a role in a scope, or another one than they have. Whoever joins a workspace joins its organization as a
 * plain member. The caller holds the scope's lock (`enterScope`).
 *
 * @param present the role that they have there; null for none
 * @returns the events to append; none when the person has this role already
 * @throws {LastOwner}
 */
export async function grantRole(
  tx: SqlTx,
  scope: ScopeRef,
  userId: string,
  role: StoredRole,
  present: Grant | null,
): Promise<NewEvent[]> {
  const grant = grantOf(scope, userId, role, present)
  if (!grant) return []
  const joined =
    !present && scope.kind === 'Workspace' ? await joinOrganization(tx, scope.organizationId, [userId]) : []
  await tx.$executeRaw(grant.statement(ONCE))
  if (present && scope.kind === 'Organization') await refuseLastOwner(tx, scope.id)
  return [...joined, grant.event]
}

/** A role that is about to be given. */
export interface PlannedGrant extends Write {
  event: NewEvent
}

/**
 * What gives a person a role in a scope; of a workspace only to members of its organization ({@link joinOrganization}).
 * Where an owner of an organization gets another role, {@link refuseLastOwner} follows.
 *
 * @param present the role that they have there; null for none
 * @returns null when the person has this role already
 */
function grantOf(
  scope: ScopeRef,
  userId: string,
  role: StoredRole,
  present: Grant | null,
): PlannedGrant | null {
  if (present?.role.id === role.id) return null
  if (present) {
    const { id } = present
    return {
      id,
      statement: (from) => Prisma.sql`
        UPDATE ${tableOf(scope)} g SET role_id = ${role.id}::uuid, updated_at = clock_timestamp()
        FROM ${from} WHERE g.id = ${id}::uuid RETURNING g.id`,
      event: memberEvent('member.role_changed', scope, id, userId, present.role, role),
    }
  }
  const id = newId()
  const event = memberEvent('member.added', scope, id, userId, null, role)
  return {
    id,
    statement: (from) => Prisma.sql`${insertGrants(scope, [{ id, userId, role }], from)} RETURNING id`,
    event,
  }
}

const tableOf = ({ kind }: ScopeRef) =>
  kind === 'Organization' ? Prisma.sql`organization_member` : Prisma.sql`workspace_member`

/**
 * Makes plain members of an organization of those who are none yet.
 *
 * @returns the events to append: one for each who joined
 */
export async function joinOrganization(
  tx: SqlTx,
  organizationId: string,
  userIds: string[],
): Promise<NewEvent[]> {
  if (userIds.length === 0) return []
  const people = userIds.map((userId) => ({ id: newId(), userId }))
  const joined = await tx.$queryRaw<{ id: string; user_id: string }[]>(insertMembers(organizationId, people))
  return joined.map(({ id, user_id }) => joinedEvent(organizationId, id, user_id))
}

/**
 * {@link grantOf}, and before it what makes a member of the organization of somebody who is none yet: all for one statement
 * (`writeAll`). What makes a member returns no row where they have joined meanwhile, by another workspace.
 *
 * @param holding what they hold behind the scope's lock
 * @returns none when the person has this role already; the last one gives it
 */
export function grantsOf(
  scope: ScopeRef,
  userId: string,
  role: StoredRole,
  { membership, grant: present }: Holding,
): PlannedGrant[] {
  const grant = grantOf(scope, userId, role, present)
  if (!grant) return []
  const isNew = !membership && scope.kind === 'Workspace'
  return isNew ? [joinOf(scope.organizationId, userId), grant] : [grant]
}

function joinOf(organizationId: string, userId: string): PlannedGrant {
  const id = newId()
  return {
    id,
    statement: (from) => insertMembers(organizationId, [{ id, userId }], from),
    event: joinedEvent(organizationId, id, userId),
  }
}

/** Two who add the same people to two workspaces insert them in the same order, and so never wait for each other. */
function insertMembers(
  organizationId: string,
  people: { id: string; userId: string }[],
  from = ONCE,
): Prisma.Sql {
  const rows = people.map(({ id, userId }) => ({ id, user_id: userId }))
  return Prisma.sql`
    INSERT INTO organization_member (id, organization_id, user_id, role_id, created_at, updated_at)
    SELECT v.id, ${organizationId}::uuid, v.user_id,
      (SELECT r.id FROM role r WHERE r.organization_id = ${organizationId}::uuid AND r.scope = 'ORGANIZATION' AND r.key = 'MEMBER'),
      clock_timestamp(), clock_timestamp()
    FROM ${from} CROSS JOIN jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS v (id uuid, user_id uuid)
    ORDER BY v.user_id
    ON CONFLICT DO NOTHING
    RETURNING id, user_id`
}

function joinedEvent(organizationId: string, id: string, userId: string): NewEvent {
  const scope = { kind: 'Organization', id: organizationId, organizationId } as const
  return memberEvent('member.added', scope, id, userId, null, { key: 'MEMBER' })
}

/** Inserts the first grants of people in a scope, whose lock the caller holds. */
export async function addGrants(
  tx: SqlTx,
  scope: ScopeRef,
  grants: { id: string; userId: string; role: Pick<StoredRole, 'id'> }[],
): Promise<void> {
  if (grants.length > 0) await tx.$executeRaw`${insertGrants(scope, grants)}`
}

function insertGrants(
  scope: ScopeRef,
  grants: { id: string; userId: string; role: Pick<StoredRole, 'id'> }[],
  from = ONCE,
): Prisma.Sql {
  const rows = grants.map(({ id, userId, role }) => ({ id, user_id: userId, role_id: role.id }))
  const given = Prisma.sql`${from} CROSS JOIN
    jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS v (id uuid, user_id uuid, role_id uuid)`
  const { organizationId } = scope
  if (scope.kind === 'Organization')
    return Prisma.sql`
      INSERT INTO organization_member (id, organization_id, user_id, role_id, created_at, updated_at)
      SELECT v.id, ${organizationId}::uuid, v.user_id, v.role_id, clock_timestamp(), clock_timestamp() FROM ${given}`
  return Prisma.sql`
    INSERT INTO workspace_member (id, organization_id, workspace_id, user_id, role_id, created_at, updated_at)
    SELECT v.id, ${organizationId}::uuid, ${scope.id}::uuid, v.user_id, v.role_id, clock_timestamp(), clock_timestamp()
    FROM ${given}`
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
export async function effectiveMember(tx: SqlTx, scope: ScopeRef, userId: string): Promise<string> {
  const ofScope =
    scope.kind === 'Organization'
      ? Prisma.sql`m.of_organization_id = ${scope.id}::uuid`
      : Prisma.sql`m.workspace_id = ${scope.id}::uuid`
  const [member] = await tx.$queryRaw<{ id: string }[]>`
    SELECT m.id FROM member m
    WHERE m.organization_id = ${scope.organizationId}::uuid AND m.user_id = ${userId}::uuid AND ${ofScope}`
  if (!member) throw new Error('Whoever has a role in a scope is in its list')
  return member.id
}

/** The scope of the roles that are held in a scope. */
export const roleScopeOf = ({ kind }: ScopeRef): ScopeKind =>
  kind === 'Organization' ? 'ORGANIZATION' : 'WORKSPACE'

/**
 * Asks the database's own rule now instead of at the end of the transaction (M12), so that the refusal has its type. The
 * organization is locked already, so the answer stays true.
 */
export async function refuseLastOwner(tx: SqlTx, organizationId: string): Promise<void> {
  const owners = await tx.$queryRaw<unknown[]>`
    SELECT FROM organization_member m JOIN role r ON r.id = m.role_id
    WHERE m.organization_id = ${organizationId}::uuid AND r.level = 'OWNER' LIMIT 1`
  if (owners.length === 0) throw new LastOwner()
}
