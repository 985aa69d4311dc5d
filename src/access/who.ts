import type { AccessLevel, PlatformRole } from '../generated/prisma/client.ts'
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

const ROLE = `json_build_object('id', r.id, 'scope', r.scope, 'key', r.key, 'builtIn', r.built_in, 'level', r.level,
  'permissions', r.permissions)`

const USER = `json_build_object('id', u.id, 'email', u.email, 'name', u.name, 'emailVerified', u.email_verified,
  'platformRole', u.platform_role, 'suspendedAt', u.suspended_at, 'memberships', (
    SELECT coalesce(json_agg(json_build_object('id', m.id, 'organizationId', m.organization_id, 'role', ${ROLE},
      'organization', json_build_object('settings', o.settings))), '[]'::json)
    FROM organization_member m
    JOIN organization o ON o.id = m.organization_id AND o.deleted_at IS NULL
    JOIN role r ON r.id = m.role_id
    WHERE m.user_id = u.id))`

/** Of some workspaces; those in other people's organizations do not exist, as everywhere. */
const workspaces = (which: string) => `(
  SELECT coalesce(json_agg(json_build_object('id', w.id, 'organizationId', w.organization_id, 'settings', w.settings,
    'organization', json_build_object('settings', o.settings), 'grants', (
      SELECT coalesce(json_agg(json_build_object('id', g.id, 'role', ${ROLE})), '[]'::json)
      FROM workspace_member g JOIN role r ON r.id = g.role_id
      WHERE g.workspace_id = w.id AND g.user_id = u.id))), '[]'::json)
  FROM workspace w JOIN organization o ON o.id = w.organization_id AND o.deleted_at IS NULL
  WHERE w.id ${which} AND (u.platform_role = 'ADMIN' OR EXISTS (
    SELECT FROM organization_member m WHERE m.organization_id = w.organization_id AND m.user_id = u.id)))`

const CREDENTIALS = {
  session: {
    columns: `json_build_object('id', c.id, 'expiresAt', c.expires_at)`,
    from: 'session c JOIN "user" u ON u.id = c.user_id WHERE c.token = $1',
  },
  accessToken: {
    columns: `json_build_object('id', c.id, 'isLimited', c.is_limited, 'scopes', c.scopes, 'expiresAt', c.expires_at,
      'lastUsedAt', c.last_used_at)`,
    from: 'access_token c JOIN "user" u ON u.id = c.user_id WHERE c.token_hash = $1',
  },
} as const

const textOf = (kind: keyof typeof CREDENTIALS, workspaces: string) =>
  `SELECT json_build_object('credential', ${CREDENTIALS[kind].columns}, 'user', ${USER}, 'workspaces', ${workspaces})::text
   FROM ${CREDENTIALS[kind].from}`

/** One workspace has a statement of its own: how many an array holds is unknown to a plan that is kept. */
const textsOf = (kind: keyof typeof CREDENTIALS) => ({
  none: textOf(kind, "'[]'::json"),
  one: textOf(kind, workspaces('= $2')),
  many: textOf(kind, workspaces('= ANY ($2)')),
})

const STATEMENTS = { session: textsOf('session'), accessToken: textsOf('accessToken') }

/**
 * Who asks, where they belong, and where they stand on the workspaces that the gates of the request will ask about: all in
 * one statement. It answers what Prisma would for `viewerSelection` and for the rows of a standing.
 *
 * @param hash of the credential's secret
 * @returns null for a credential that there is not; whether it is still good is not looked at
 */
export async function askWho<Credential>(
  ask: Ask,
  kind: keyof typeof CREDENTIALS,
  hash: string,
  workspaceIds: readonly string[],
): Promise<Who<Credential> | null> {
  const { none, one, many } = STATEMENTS[kind]
  const [first, ...more] = workspaceIds
  const answer =
    first === undefined
      ? ask(none, [hash])
      : more.length === 0
        ? ask(one, [hash, first])
        : ask(many, [hash, workspaceIds])
  return (await answer) as Who<Credential> | null
}
