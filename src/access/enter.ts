import type { InviteState } from '../generated/prisma/client.ts'
import type { SqlTx } from '../platform/db.ts'
import { forbidden, notFound } from '../platform/refusal.ts'
import { type Standing, standingOnOrganization, standingOnWorkspace } from './access.ts'
import { type EnteredScope, type Entering, enterFunctions, type Looking, type Seen } from './decide.ts'
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

interface EnteredRow extends Seen {
  slug: string
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
    SELECT enter_scope(${lock}, ${viewer.userId}::uuid, ${organizationId}::uuid, ${workspaceId}::uuid) AS row`
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

/** A scope as whoever gives somebody a role there has to know it. */
export interface EnteredMembers extends Entered, Holding {
  standing: Standing
  /** Those that can be given here. */
  roles: StoredRole[]
  /** Whether the person exists for the viewer (access.md, rule 6). */
  isKnown: boolean
}

interface MembersRow extends EnteredScope, Holding {
  entered: EnteredRow
  roles: StoredRole[]
  isKnown: boolean
}

const ENTER_MEMBERS = enterFunctions(
  'members',
  'person uuid, organization uuid, workspace uuid, about uuid, known_from uuid[]',
)

/**
 * {@link enterPermitted} for whoever gives somebody a role, with all that has to be known of it. Its `read` throws NOT_FOUND or
 * FORBIDDEN when the viewer has lost the scope or the permission since the gate.
 *
 * @param userId to whom
 */
export function enterMembers(
  viewer: Viewer,
  { kind, id }: Pick<ScopeRef, 'kind' | 'id'>,
  permission: Permission,
  userId: string,
): Entering<EnteredMembers> {
  const [organization, workspace] = idsOf({ kind, id })
  const knownFrom = viewer.platformRole === 'ADMIN' ? null : [...viewer.organizations.keys()]
  return {
    by: ENTER_MEMBERS,
    asked: { person: viewer.userId, organization, workspace, about: userId, known_from: knownFrom },
    read: (row) => {
      if (!row) throw notFound()
      const { entered, roles, isKnown, ...holding } = row as MembersRow
      const permitted = permittedIn(enteredBy(viewer, { kind, id }, entered), permission)
      return { ...permitted, ...holdingIn(kind, holding), roles, isKnown }
    },
  }
}

/** An invite behind the lock of where it leads to, and what it is decided by. */
export interface EnteredInvite extends Entered, Holding {
  /** The standing is theirs. */
  inviterId: string | null
  organization: { settings: unknown }
  /** What somebody has in the organization who joins one of its workspaces. */
  plainRole: StoredRole
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

interface InviteRow extends EnteredScope, Holding, Pick<EnteredInvite, 'organization' | 'plainRole'> {
  entered: EnteredRow | null
  invite: Omit<EnteredInvite['invite'], 'expiresAt'> & { expiresAt: string }
}

const ENTER_INVITE = enterFunctions('invite', 'secret_hash text, guest uuid')

/**
 * Locks where an invite leads to, and reads where its inviter stands there: whether an invite still counts is decided by
 * what they are now, and they are nobody when they are suspended or gone. Its `read` answers null when there is no such invite
 * or its organization is deleted, and throws NOT_FOUND when the scope was deleted.
 *
 * @param tokenHash by which it is found
 * @param guest who accepts it
 */
export const enterInvite = (tokenHash: string, guest: string): Entering<EnteredInvite | null> => ({
  by: ENTER_INVITE,
  asked: { secret_hash: tokenHash, guest },
  read: (row) => (row ? enteredInvite(row as InviteRow) : null),
})

function enteredInvite({
  entered: row,
  organization,
  plainRole,
  invite,
  ...holding
}: InviteRow): EnteredInvite {
  if (!row) throw notFound()
  const scope = scopeOfInvite(invite)
  const { person } = row
  const inviter: Viewer = {
    userId: person?.id ?? '',
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
    inviterId: person?.id ?? null,
    organization,
    plainRole,
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

const LOOK_ORGANIZATION = {
  look: `SELECT a.nth, json_build_object('entered', l.found)::text
    FROM json_to_recordset($1) a (nth int, person uuid, organization uuid), look_scope(a.person, a.organization, NULL) AS l (found)`,
}

/** What {@link enterPermitted} reads of an organization, seen without a lock. Its `read` throws the same. */
export function lookPermitted(
  viewer: Viewer,
  id: string,
  permission: Permission,
): Looking<Entered & { standing: Standing }> {
  return {
    by: LOOK_ORGANIZATION,
    asked: { person: viewer.userId, organization: id },
    read: (row) => {
      if (!row?.entered) throw notFound()
      return permittedIn(
        enteredBy(viewer, { kind: 'Organization', id }, row.entered as EnteredRow),
        permission,
      )
    },
  }
}

function permittedIn({ standing, ...found }: Entered, permission: Permission) {
  if (!standing) throw notFound()
  if (!standing.permissions.has(permission)) throw forbidden(permission)
  return { ...found, standing }
}
