import DataLoader from 'dataloader'
import type { Context } from '../context.ts'
import type { AccessLevel } from '../generated/prisma/client.ts'
import type { Db } from '../platform/db.ts'
import { allPermissions, levelWithin, type Permission, rankOf } from './permissions.ts'
import { DEFAULT_POLICIES, type Policies, policiesOf, underPolicies } from './policies.ts'
import {
  actingBy,
  type HeldRole,
  heldRole,
  loadViewer,
  membershipOf,
  type Viewer,
  withinScopes,
} from './viewer.ts'
import type { WorkspaceRow } from './who.ts'

/** What the viewer may do in one scope, and which role says so. */
export interface Standing {
  organizationId: string
  /** Null in a workspace scope where the viewer is no member of the organization (a platform administrator). */
  role: HeldRole | null
  level: AccessLevel | null
  permissions: ReadonlySet<Permission>
  /** What the roles hold before the policies of the settings take some away: whoever holds a role may still give it. */
  granted: ReadonlySet<Permission>
  /** Id of the Member that the lists show for the viewer in this scope; null for a platform administrator. */
  memberId: string | null
}

/** The viewer's standing, asked of the database once per request and object (access.md, rule 5; lesson 19). */
export interface Access {
  /** Null when the organization does not exist for the viewer. */
  onOrganization(organizationId: string): Promise<Standing | null>
  /** Null when the workspace does not exist for the viewer. A deleted workspace has its standing as before. */
  onWorkspace(workspaceId: string): Promise<Standing | null>
  /** On a deleted organization, for whoever may restore it; null for everybody else. */
  onDeletedOrganization(organizationId: string): Promise<Standing | null>
}

/**
 * @param viewer whose standing; for nobody everything is absent
 * @param loaded workspaces that were read with the viewer at the start of this request
 */
export function createAccess(db: Db, viewer: Viewer | null, loaded: readonly WorkspaceRow[] = []): Access {
  const nowhere = async () => null
  if (!viewer) return { onOrganization: nowhere, onWorkspace: nowhere, onDeletedOrganization: nowhere }
  const organizations = new DataLoader<string, Standing | null>((ids) =>
    organizationStandings(db, viewer, ids),
  )
  const workspaces = new DataLoader<string, Standing | null>((ids) => workspaceStandings(db, viewer, ids))
  const known = new Map(loaded.map((row) => [row.id, row]))
  const isAdmin = viewer.platformRole === 'ADMIN'
  return {
    // An administrator's word does not make an organization; everybody else is a member of those that there are.
    onOrganization: async (id) => (isAdmin ? organizations.load(id) : standingOnOrganization(viewer, id)),
    onWorkspace: async (id) => {
      const row = known.get(id)
      return row ? standingOnWorkspace(viewer, row) : workspaces.load(id)
    },
    onDeletedOrganization: async (id) =>
      limited(viewer, await deletedOrganizationStanding(db, viewer, id), 'organization:delete'),
  }
}

/**
 * A standing as the viewer's access token limits it (T6). The level falls with the permissions: whoever may not do all that
 * a level gives can't give that level to others either (access.md, rule 2).
 *
 * @param basic without it in the scopes there is nothing to be seen
 */
function limited(viewer: Viewer, standing: Standing | null, basic: Permission): Standing | null {
  if (!standing || !viewer.accessToken?.scopes) return standing
  if (!withinScopes(viewer, basic)) return null
  const within = (permissions: ReadonlySet<Permission>) =>
    new Set([...permissions].filter((permission) => withinScopes(viewer, permission)))
  const granted = within(standing.granted)
  return {
    ...standing,
    permissions: within(standing.permissions),
    granted,
    level: levelWithin(standing.level, granted),
  }
}

/**
 * The viewer's standing on a workspace that they are about to create, and will own (access.md, rule 7).
 *
 * @param owner the built-in role of owners
 */
export function standingOfOwner(
  viewer: Viewer,
  organizationId: string,
  owner: Parameters<typeof heldRole>[0],
): Standing {
  const role = heldRole(owner)
  const standing = standingOf(organizationId, { memberId: '', role }, role.permissions, DEFAULT_POLICIES)
  return (
    limited(viewer, standing, 'workspace:read') ?? {
      ...standing,
      permissions: new Set(),
      granted: new Set(),
      level: null,
    }
  )
}

/**
 * Forgets every answer that was given before a write of this request, so that what follows it sees what is true now.
 *
 * @param changesViewer whether the write has changed where the viewer belongs; then they are loaded anew
 */
export async function renewAccess(context: Context, changesViewer: boolean): Promise<void> {
  const { viewer, db } = context
  if (viewer && changesViewer) {
    const renewed = await loadViewer(db, viewer.userId)
    context.viewer = renewed && actingBy({ ...renewed, sessionId: viewer.sessionId }, viewer.accessToken)
  }
  context.access = createAccess(db, context.viewer)
}

/**
 * Asks anew who sends this request: for what goes on for hours, such as a subscription. Somebody who was signed out, whose
 * token was revoked, or who was suspended meanwhile is nobody from here on.
 */
export async function renewViewer(context: Context): Promise<void> {
  context.viewer = await context.readViewer()
  context.access = createAccess(context.db, context.viewer)
}

const everything = (organizationId: string): Standing => ({
  organizationId,
  role: null,
  level: 'OWNER',
  permissions: new Set(allPermissions),
  granted: new Set(allPermissions),
  memberId: null,
})

/** Of the platform's administrators: for them there is every organization that there is. */
async function organizationStandings(
  db: Db,
  viewer: Viewer,
  ids: readonly string[],
): Promise<(Standing | null)[]> {
  const existing = await db.organization.findMany({
    where: { id: { in: [...ids] }, deletedAt: null },
    select: { id: true },
  })
  const known = new Set(existing.map(({ id }) => id))
  return ids.map((id) => (known.has(id) ? standingOnOrganization(viewer, id) : null))
}

/**
 * A viewer's standing on an organization that there is.
 *
 * @returns null when it does not exist for them
 */
export function standingOnOrganization(viewer: Viewer, id: string): Standing | null {
  const own = viewer.organizations.get(id)
  if (viewer.platformRole === 'ADMIN')
    return { ...everything(id), role: own?.role ?? null, memberId: own?.memberId ?? null }
  const standing = own ? standingOf(id, own, own.role.permissions, own.policies) : null
  return limited(viewer, standing, 'organization:read')
}

/** @param granted what all of the viewer's roles in this scope hold together */
function standingOf(
  organizationId: string,
  { role, memberId }: Held,
  granted: ReadonlySet<Permission>,
  policies: Policies,
): Standing {
  const permissions = underPolicies(granted, role.level, policies)
  return { organizationId, role, memberId, level: role.level, permissions, granted }
}

async function deletedOrganizationStanding(db: Db, viewer: Viewer, id: string): Promise<Standing | null> {
  const row = await db.organization.findFirst({
    where: { id, deletedAt: { not: null }, purgeStartedAt: null },
    select: {
      organizationMembers: {
        where: { userId: viewer.userId },
        select: { id: true, role: true, organization: { select: { settings: true } } },
      },
    },
  })
  if (!row) return null
  if (viewer.platformRole === 'ADMIN') return everything(id)
  const [membership] = row.organizationMembers.map(membershipOf)
  if (!membership?.role.permissions.has('organization:delete')) return null
  return standingOf(id, membership, membership.role.permissions, membership.policies)
}

async function workspaceStandings(
  db: Db,
  viewer: Viewer,
  ids: readonly string[],
): Promise<(Standing | null)[]> {
  const rows = await workspaceRows(db, viewer, ids)
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => {
    const row = byId.get(id)
    return row ? standingOnWorkspace(viewer, row) : null
  })
}

/**
 * A viewer's standing on a workspace that there is.
 *
 * @param row with the viewer's own grants
 * @returns null when it does not exist for them
 */
export function standingOnWorkspace(viewer: Viewer, row: WorkspaceRow): Standing | null {
  const [grant] = row.grants
  const direct = grant && { memberId: grant.id, role: heldRole(grant.role) }
  const own = viewer.organizations.get(row.organizationId)
  const inherited = own?.role.level ? { memberId: `${own.memberId}.${row.id}`, role: own.role } : undefined
  const policies = policiesOf(row.organization.settings, row.settings)
  const standing = highest(row.organizationId, policies, direct, inherited)
  if (viewer.platformRole !== 'ADMIN') return limited(viewer, standing, 'workspace:read')
  return {
    ...everything(row.organizationId),
    role: standing?.role ?? null,
    memberId: standing?.memberId ?? null,
  }
}

function workspaceRows(db: Db, viewer: Viewer, ids: readonly string[]): Promise<WorkspaceRow[]> {
  const isAdmin = viewer.platformRole === 'ADMIN'
  return db.workspace.findMany({
    where: {
      id: { in: [...ids] },
      organization: { deletedAt: null },
      ...(isAdmin ? {} : { organizationId: { in: [...viewer.organizations.keys()] } }),
    },
    select: {
      id: true,
      organizationId: true,
      settings: true,
      organization: { select: { settings: true } },
      grants: { where: { userId: viewer.userId }, include: { role: true } },
    },
  })
}

interface Held {
  memberId: string
  role: HeldRole
}

/** The higher of two grants (access.md, rule 1); the direct one wins a tie, as in the view `member`. */
const isHigher = (inherited: { level: AccessLevel | null }, direct: { level: AccessLevel | null }) =>
  rankOf(inherited.level) > rankOf(direct.level)

/**
 * The id of the row that the list of a workspace shows for somebody who has a role of their own there.
 *
 * @param membership of the organization, whose role reaches into the workspace and may be higher
 */
export const listedMember = (
  workspaceId: string,
  direct: { id: string; role: { level: AccessLevel | null } },
  membership: { id: string; role: { level: AccessLevel | null } } | null,
): string =>
  membership && isHigher(membership.role, direct.role) ? `${membership.id}.${workspaceId}` : direct.id

function highest(
  organizationId: string,
  policies: Policies,
  direct: Held | undefined,
  inherited: Held | undefined,
): Standing | null {
  if (!direct && !inherited) return null
  const inheritedWins = !direct || (inherited && isHigher(inherited.role, direct.role))
  const winner = (inheritedWins ? inherited : direct) as Held
  const granted = new Set([...(direct?.role.permissions ?? []), ...(inherited?.role.permissions ?? [])])
  return standingOf(organizationId, winner, granted, policies)
}
