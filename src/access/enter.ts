import type { InviteState, PlatformRole } from '../generated/prisma/client.ts'
import type { SqlTx } from '../platform/db.ts'
import { forbidden, notFound } from '../platform/refusal.ts'
import { type Standing, standingOnOrganization, standingOnWorkspace } from './access.ts'
import type { Permission, StoredRole } from './permissions.ts'
import { type ScopeRef, scopeOfInvite } from './standing.ts'
import { membershipOf, type Viewer } from './viewer.ts'
import type { ViewerRow, WorkspaceRow } from './who.ts'

/** A scope that is locked until the transaction ends, and where somebody stands there, as read behind the lock. */
export interface Entered {
  scope: ScopeRef
  /** The organization's. */
  slug: string
  /** Null when the scope does not exist for them. */
  standing: Standing | null
}

interface EnteredRow {
  organizationId: string
  slug: string
  person: { platformRole: PlatformRole; suspendedAt: string | null } | null
  membership: Omit<ViewerRow['memberships'][number], 'organizationId'> | null
  workspace: WorkspaceRow | null
}

/**
 * Locks a scope and reads the viewer's standing behind the lock, in one statement: the gate's answer may be older. The
 * organization above a workspace is always shared.
 *
 * @param lock `SHARE` for whoever puts something into the scope, beside others who do; `UPDATE` for whoever changes it, or
 *   who belongs to it
 * @throws {CodedError} NOT_FOUND when the scope is absent or deleted
 */
export async function enterScope(
  tx: SqlTx,
  viewer: Viewer,
  { kind, id }: Pick<ScopeRef, 'kind' | 'id'>,
  lock: 'SHARE' | 'UPDATE' = 'UPDATE',
): Promise<Entered> {
  const [organizationId, workspaceId] = idsOf({ kind, id })
  const [found] = await tx.$queryRaw<{ row: EnteredRow | null }[]>`
    SELECT enter_scope(${viewer.userId}::uuid, ${organizationId}::uuid, ${workspaceId}::uuid, ${lock === 'SHARE'}) AS row`
  if (!found?.row) throw notFound()
  return enteredBy(viewer, { kind, id }, found.row)
}

/** As the functions of the database take a scope. */
const idsOf = ({ kind, id }: Pick<ScopeRef, 'kind' | 'id'>) =>
  kind === 'Organization' ? ([id, null] as const) : ([null, id] as const)

/** What somebody holds in a scope, as whoever gives them a role has to know it. */
export interface Holding {
  /** Their membership of the organization. */
  membership: { id: string; role: StoredRole } | null
  /** Their own role in the scope: of the organization, the membership's. */
  grant: { id: string; role: StoredRole } | null
}

interface MembersRow extends Holding {
  entered: EnteredRow
  roles: StoredRole[]
  isKnown: boolean
}

/**
 * {@link enterPermitted} for whoever gives somebody a role, in one statement with all that has to be known of it.
 *
 * @param userId to whom
 * @returns the roles that can be given here, what the person holds, and whether they exist for the viewer (access.md, rule 6)
 * @throws {CodedError} NOT_FOUND or FORBIDDEN when the viewer has lost the scope or the permission since the gate
 */
export async function enterMembers(
  tx: SqlTx,
  viewer: Viewer,
  { kind, id }: Pick<ScopeRef, 'kind' | 'id'>,
  permission: Permission,
  userId: string,
): Promise<Entered & Holding & { standing: Standing; roles: StoredRole[]; isKnown: boolean }> {
  const [organizationId, workspaceId] = idsOf({ kind, id })
  const knownFrom = viewer.platformRole === 'ADMIN' ? null : [...viewer.organizations.keys()]
  const [found] = await tx.$queryRaw<{ row: MembersRow | null }[]>`
    SELECT enter_members(${viewer.userId}::uuid, ${organizationId}::uuid, ${workspaceId}::uuid, ${userId}::uuid,
                         ${knownFrom}::uuid[]) AS row`
  if (!found?.row) throw notFound()
  const { roles, isKnown, ...row } = found.row
  const permitted = permittedIn(enteredBy(viewer, { kind, id }, row.entered), permission)
  return { ...permitted, ...holdingIn(kind, row), roles, isKnown }
}

/** An invite behind the lock of where it leads to, and what it is decided by. */
export interface EnteredInvite extends Entered, Holding {
  /** The standing is the inviter's. */
  invite: {
    id: string
    organizationId: string
    workspaceId: string | null
    email: string
    state: InviteState
    acceptedById: string | null
    tokenHash: string
    expiresAt: Date
    role: StoredRole
  }
}

interface InviteRow extends Holding {
  entered: EnteredRow | null
  inviterId: string | null
  invite: Omit<EnteredInvite['invite'], 'expiresAt'> & { expiresAt: string }
}

/**
 * Locks where an invite leads to, and reads where its inviter stands there: whether an invite still counts is decided by
 * what they are now, and they are nobody when they are suspended or gone.
 *
 * @param tokenHash by which it is found
 * @param guest who accepts it
 * @returns null when there is no such invite, or its organization is deleted
 * @throws {CodedError} NOT_FOUND when the scope was deleted
 */
export async function enterInvite(
  tx: SqlTx,
  tokenHash: string,
  guest: string,
): Promise<EnteredInvite | null> {
  const [found] = await tx.$queryRaw<{ row: InviteRow | null }[]>`
    SELECT enter_invite(${tokenHash}, ${guest}::uuid) AS row`
  if (!found?.row) return null
  const { entered: row, inviterId, invite, ...holding } = found.row
  if (!row) throw notFound()
  const scope = scopeOfInvite(invite)
  const { person } = row
  const inviter: Viewer = {
    userId: inviterId ?? '',
    email: '',
    name: '',
    emailVerified: true,
    platformRole: person?.platformRole ?? 'USER',
    sessionId: null,
    accessToken: null,
    organizations: new Map(),
  }
  const { standing, ...entered } = enteredBy(inviter, scope, row)
  return {
    ...entered,
    standing: person && !person.suspendedAt ? standing : null,
    ...holdingIn(scope.kind, holding),
    invite: { ...invite, expiresAt: new Date(invite.expiresAt) },
  }
}

const holdingIn = (kind: ScopeRef['kind'], { membership, grant }: Holding): Holding => ({
  membership,
  grant: kind === 'Organization' ? membership : grant,
})

function enteredBy(
  viewer: Viewer,
  { kind, id }: Pick<ScopeRef, 'kind' | 'id'>,
  { organizationId, slug, person, membership, workspace }: EnteredRow,
): Entered {
  const isAdmin = viewer.platformRole === 'ADMIN' && person?.platformRole === 'ADMIN'
  const organizations = new Map(membership ? [[organizationId, membershipOf(membership)]] : [])
  const now: Viewer = { ...viewer, platformRole: isAdmin ? 'ADMIN' : 'USER', organizations }
  const standing = workspace
    ? standingOnWorkspace(now, workspace)
    : standingOnOrganization(now, organizationId)
  return { scope: { kind, id, organizationId }, slug, standing }
}

/**
 * {@link enterScope}, for somebody who has to hold a permission there.
 *
 * @throws {CodedError} NOT_FOUND or FORBIDDEN when the viewer has lost the scope or the permission since the gate
 */
export async function enterPermitted(
  tx: SqlTx,
  viewer: Viewer,
  scope: Pick<ScopeRef, 'kind' | 'id'>,
  permission: Permission,
  lock: 'SHARE' | 'UPDATE' = 'UPDATE',
): Promise<Entered & { standing: Standing }> {
  return permittedIn(await enterScope(tx, viewer, scope, lock), permission)
}

function permittedIn({ standing, ...found }: Entered, permission: Permission) {
  if (!standing) throw notFound()
  if (!standing.permissions.has(permission)) throw forbidden(permission)
  return { ...found, standing }
}
