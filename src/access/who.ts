import type { AccessLevel, PlatformRole, ScopeKind } from '../generated/prisma/client.ts'
import type { Ask } from '../platform/reading/ask.ts'
import type { RoleGrant } from './permissions.ts'

/** A person as a Viewer is made of them. */
export interface ViewerRow {
  id: string
  email: string
  name: string
  emailVerified: boolean
  platformRole: PlatformRole
  suspendedAt: Date | string | null
  memberships: readonly {
    id: string
    organizationId: string
    role: RoleGrant & { id: string }
    organization: { settings: unknown }
  }[]
}

/** A workspace as a standing on it is made of it; the grants are the viewer's own. */
export interface WorkspaceRow {
  id: string
  organizationId: string
  settings: unknown
  organization: { settings: unknown }
  grants: readonly { id: string; role: RoleGrant & { id: string; level: AccessLevel | null } }[]
}

/** Whose a credential is, where they belong, and where they stand on some workspaces. */
export interface Who<Credential> {
  credential: Credential
  user: ViewerRow
  workspaces: WorkspaceRow[]
}

/** Rows travel as arrays, which cost PostgreSQL half of what objects do. */
type RoleColumns = [
  id: string,
  scope: ScopeKind,
  key: string,
  builtIn: boolean,
  level: AccessLevel | null,
  permissions: string[],
]
type MembershipColumns = [id: string, organizationId: string, settings: unknown, ...role: RoleColumns]
type GrantColumns = [id: string, ...role: RoleColumns]
type WorkspaceColumns = [
  id: string,
  organizationId: string,
  settings: unknown,
  organizationSettings: unknown,
  grants: GrantColumns[],
]
type UserColumns = [
  id: string,
  email: string,
  name: string,
  emailVerified: boolean,
  platformRole: PlatformRole,
  suspendedAt: string | null,
]
type Columns<Credential> = [
  credential: Credential,
  user: UserColumns,
  memberships: MembershipColumns[],
  workspaces: WorkspaceColumns[],
]

const ROLE = 'r.id, r.scope, r.key, r.built_in, r.level, r.permissions'

const USER = 'json_build_array(u.id, u.email, u.name, u.email_verified, u.platform_role, u.suspended_at)'

/** The organization of a row, found by its key for each: joined plainly, a small table is read whole instead. */
const organizationOf = (row: string) => `CROSS JOIN LATERAL (
    SELECT o.settings FROM organization o WHERE o.id = ${row}.organization_id AND o.deleted_at IS NULL LIMIT 1) o`

const MEMBERSHIPS = `(
  SELECT coalesce(json_agg(json_build_array(m.id, m.organization_id, o.settings, ${ROLE})), '[]'::json)
  FROM organization_member m ${organizationOf('m')} JOIN role r ON r.id = m.role_id
  WHERE m.user_id = u.id)`

/** Of some workspaces; those in other people's organizations do not exist, as everywhere. */
const WORKSPACES = `(
  SELECT coalesce(json_agg(json_build_array(w.id, w.organization_id, w.settings, o.settings, (
      SELECT coalesce(json_agg(json_build_array(g.id, ${ROLE})), '[]'::json)
      FROM workspace_member g JOIN role r ON r.id = g.role_id
      WHERE g.workspace_id = w.id AND g.user_id = u.id))), '[]'::json)
  FROM workspace w ${organizationOf('w')}
  WHERE w.id = ANY (a.workspaces) AND (u.platform_role = 'ADMIN' OR EXISTS (
    SELECT FROM organization_member m WHERE m.organization_id = w.organization_id AND m.user_id = u.id)))`

/** Each looked up by its key: PostgreSQL supposes a hundred who ask, and would read whole tables for so many. */
const one = (table: string, condition: string, alias: string) =>
  `CROSS JOIN LATERAL (SELECT * FROM ${table} WHERE ${condition} LIMIT 1) ${alias}`

/**
 * For any number of those who ask. JSON hides how many from PostgreSQL: it would plan anew each time for the few that an
 * array holds.
 */
const statement = (credential: string, table: string, hash: string) =>
  `SELECT a.nth, json_build_array(${credential}, ${USER}, ${MEMBERSHIPS}, ${WORKSPACES})::text
   FROM json_to_recordset($1) a (nth int, hash text, workspaces uuid[])
   ${one(table, `${hash} = a.hash`, 'c')} ${one('"user"', 'id = c.user_id', 'u')}`

const STATEMENTS = {
  session: statement("json_build_object('id', c.id, 'expiresAt', c.expires_at)", 'session', 'token'),
  accessToken: statement(
    `json_build_object('id', c.id, 'isLimited', c.is_limited, 'scopes', c.scopes, 'expiresAt', c.expires_at,
      'lastUsedAt', c.last_used_at)`,
    'access_token',
    'token_hash',
  ),
}

/**
 * Who asks, where they belong, and where they stand on the workspaces that the gates of the request will ask about: all in
 * one statement. It answers what Prisma would for `viewerSelection` and for the rows of a standing.
 *
 * @param hash of the credential's secret
 * @returns null for a credential that there is not; whether it is still good is not looked at
 */
export async function askWho<Credential>(
  ask: Ask,
  kind: keyof typeof STATEMENTS,
  hash: string,
  workspaceIds: readonly string[],
): Promise<Who<Credential> | null> {
  const row = await ask(STATEMENTS[kind], { hash, workspaces: workspaceIds })
  return row === null ? null : whoOf(row as Columns<Credential>)
}

function whoOf<Credential>([
  credential,
  user,
  memberships,
  workspaces,
]: Columns<Credential>): Who<Credential> {
  const [id, email, name, emailVerified, platformRole, suspendedAt] = user
  return {
    credential,
    user: {
      id,
      email,
      name,
      emailVerified,
      platformRole,
      suspendedAt,
      memberships: memberships.map(([id, organizationId, settings, ...role]) => ({
        id,
        organizationId,
        role: roleOf(role),
        organization: { settings },
      })),
    },
    workspaces: workspaces.map(([id, organizationId, settings, organizationSettings, grants]) => ({
      id,
      organizationId,
      settings,
      organization: { settings: organizationSettings },
      grants: grants.map(([id, ...role]) => ({ id, role: roleOf(role) })),
    })),
  }
}

const roleOf = ([id, scope, key, builtIn, level, permissions]: RoleColumns) => ({
  id,
  scope,
  key,
  builtIn,
  level,
  permissions,
})
