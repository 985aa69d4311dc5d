import type { AccessLevel, PlatformRole, Prisma } from '../generated/prisma/client.ts'
import type { Db, Tx } from '../platform/db.ts'
import { type Permission, permissionsOf, type RoleGrant } from './permissions.ts'
import { type Policies, policiesOf } from './policies.ts'
import type { ViewerRow } from './who.ts'

/** A role as somebody holds it: enough to decide, without another look at the database. */
export interface HeldRole {
  id: string
  key: string
  builtIn: boolean
  level: AccessLevel | null
  permissions: ReadonlySet<Permission>
}

/** The signed-in person, as the database knows them at the start of this request (access.md, rule 5). */
export interface Viewer {
  userId: string
  email: string
  name: string
  emailVerified: boolean
  platformRole: PlatformRole
  /** Null when the request came with something other than a session. */
  sessionId: string | null
  /** Null when the request came with something other than a personal access token. */
  accessToken: TokenUse | null
  /** By organization id; deleted organizations are not among them. */
  organizations: ReadonlyMap<string, Membership>
}

/** The personal access token that a request came with (T6). */
export interface TokenUse {
  id: string
  /** All that can be done with it; null for everything that its owner may do. */
  scopes: ReadonlySet<Permission> | null
}

/** An organization membership: the row's id and the role it gives. */
export interface Membership {
  memberId: string
  role: HeldRole
  /** The organization's own policies; a workspace may have others. */
  policies: Policies
}

/** A stored role, with its permissions worked out. */
export const heldRole = (role: RoleGrant & { id: string }): HeldRole => ({
  id: role.id,
  key: role.key,
  builtIn: role.builtIn,
  level: role.level,
  permissions: permissionsOf(role),
})

/** What to select of a user to make a Viewer: one statement tells who asks and where they belong. */
export const viewerSelection = {
  id: true,
  email: true,
  name: true,
  emailVerified: true,
  platformRole: true,
  suspendedAt: true,
  memberships: {
    where: { organization: { deletedAt: null } },
    select: { id: true, organizationId: true, role: true, organization: { select: { settings: true } } },
  },
} satisfies Prisma.UserSelect

/** @returns null for a suspended user: they are nobody until they are restored */
export function viewerFrom(user: ViewerRow, sessionId: string | null): Viewer | null {
  if (user.suspendedAt) return null
  return {
    userId: user.id,
    email: user.email,
    name: user.name,
    emailVerified: user.emailVerified,
    platformRole: user.platformRole,
    sessionId,
    accessToken: null,
    organizations: new Map(
      user.memberships.map((membership) => [membership.organizationId, membershipOf(membership)]),
    ),
  }
}

/** A membership of an organization, as its row says. */
export interface MembershipRow {
  id: string
  role: Parameters<typeof heldRole>[0]
  organization: { settings: unknown }
}

/** A stored membership, with what it permits worked out. */
export const membershipOf = (row: MembershipRow): Membership => ({
  memberId: row.id,
  role: heldRole(row.role),
  policies: policiesOf(row.organization.settings),
})

/**
 * The viewer as an access token lets them act (T6): with scopes, their roles permit what is in the scopes too, and they
 * reach where they are a member, whatever their role on the platform.
 *
 * @param accessToken null leaves the viewer as they are
 */
export function actingBy(viewer: Viewer, accessToken: TokenUse | null): Viewer {
  const scopes = accessToken?.scopes
  if (!scopes) return { ...viewer, accessToken }
  const limited = [...viewer.organizations].map(([id, membership]): [string, Membership] => {
    const { role } = membership
    const permissions = new Set([...role.permissions].filter((permission) => scopes.has(permission)))
    return [id, { ...membership, role: { ...role, permissions } }]
  })
  return { ...viewer, accessToken, platformRole: 'USER', organizations: new Map(limited) }
}

/** Whether the viewer's access token, if it is one that they came with, lets them use a permission that they hold. */
export const withinScopes = (viewer: Viewer, permission: Permission): boolean =>
  viewer.accessToken?.scopes?.has(permission) ?? true

/** The viewer that a user id stands for, for those who act without a session: the seed, jobs, tests. */
export async function loadViewer(db: Db | Tx, userId: string): Promise<Viewer | null> {
  const user = await db.user.findUnique({
    where: { id: userId },
    select: viewerSelection,
    relationLoadStrategy: 'join',
  })
  return user && viewerFrom(user, null)
}
