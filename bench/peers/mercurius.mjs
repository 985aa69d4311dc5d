// mercurius on fastify: hand-written SQL at the roots, its own batching loaders beneath, the same rules in each statement.
import { createHash } from 'node:crypto'
import fastify from 'fastify'
import mercurius from 'mercurius'
import { pool, ready, tokenOf } from './listen.mjs'

const run = async (name, text, values) => (await pool.query({ name, text, values })).rows

const TIME = (column) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
const WORKSPACE = `w.id, w.organization_id AS "organizationId", w.key, w.name, w.description, w.labels,
  w.ml_enabled AS "mlEnabled", w.version, ${TIME('w.created_at')} AS "createdAt"`
/** $1 all organizations of the viewer, $2 those whose role opens workspaces, $3 the viewer. */
const VISIBLE = `w.deleted_at IS NULL AND w.organization_id = ANY ($1) AND (w.organization_id = ANY ($2) OR EXISTS (
  SELECT FROM workspace_member g WHERE g.workspace_id = w.id AND g.user_id = $3))`
const MEMBERS = `(
  SELECT wm.id, wm.user_id, wm.role_id, wm.created_at FROM workspace_member wm
  WHERE wm.organization_id = w.organization_id AND wm.workspace_id = w.id
    AND (wm.inherited_level IS NULL OR wm.level >= wm.inherited_level)
  UNION ALL
  SELECT om.id, om.user_id, om.role_id, om.created_at FROM organization_member om
  WHERE om.organization_id = w.organization_id AND om.level IS NOT NULL AND NOT EXISTS (
    SELECT FROM workspace_member wm WHERE wm.workspace_id = w.id AND wm.user_id = om.user_id AND wm.level >= om.level))`

const WHO = `SELECT u.id, u.name AS "fullName", u.email,
    coalesce(array_agg(om.organization_id) FILTER (WHERE o.id IS NOT NULL), '{}') AS organizations,
    coalesce(array_agg(om.organization_id) FILTER (WHERE o.id IS NOT NULL AND om.level IS NOT NULL), '{}') AS open
  FROM session s JOIN "user" u ON u.id = s.user_id
  LEFT JOIN organization_member om ON om.user_id = u.id
  LEFT JOIN organization o ON o.id = om.organization_id AND o.deleted_at IS NULL
  WHERE s.token = $1 AND s.expires_at > now() AND u.suspended_at IS NULL AND u.email_verified
  GROUP BY u.id`

const schema = `
  type Organization { id: ID! slug: String! name: String! workspaces(first: Int!): WorkspaceConnection! }
  type Workspace { id: ID! key: String! name: String! description: String! labels: [String!]! mlEnabled: Boolean!
    version: Int! createdAt: String! organization: Organization! members(first: Int!): MemberConnection! }
  type Role { key: String! name: String! }
  type User { id: ID! fullName: String! email: String! }
  type Member { role: Role! user: User! }
  type PageInfo { hasNextPage: Boolean! }
  type WorkspaceConnection { nodes: [Workspace!]! pageInfo: PageInfo! }
  type MemberConnection { nodes: [Member!]! }
  type OrganizationConnection { nodes: [Organization!]! }
  type MemberList { totalCount: Int! nodes: [Member!]! }
  type Viewer { user: User! organizations(first: Int!): OrganizationConnection! workspaces(first: Int!): WorkspaceConnection! }
  type Accepted { workspaceName: String! state: String! }
  type Query { organization(id: ID!): Organization workspace(id: ID!): Workspace viewer: Viewer
    membersOf(workspaceId: ID!, role: String!, first: Int!): MemberList }
  type Mutation { createWorkspace(organizationId: ID!, name: String!): Workspace
    setMemberRole(workspaceId: ID!, userId: ID!, role: String!): Member acceptInvite(token: String!): Accepted }
`

const rightsOf = ({ viewer }) => [viewer.organizations, viewer.open, viewer.id]

const resolvers = {
  Query: {
    organization: async (_root, { id }, ctx) => {
      if (!ctx.viewer?.organizations.includes(id)) return null
      const rows = await run(
        'organization',
        'SELECT id, slug, name FROM organization WHERE id = $1 AND deleted_at IS NULL',
        [id],
      )
      return rows[0] ?? null
    },
    workspace: async (_root, { id }, ctx) => {
      if (!ctx.viewer) return null
      const text = `SELECT ${WORKSPACE} FROM workspace w WHERE w.id = $4 AND ${VISIBLE}`
      return (await run('workspace', text, [...rightsOf(ctx), id]))[0] ?? null
    },
    viewer: (_root, _args, { viewer }) => viewer && { user: viewer },
    membersOf: async (_root, { workspaceId, role, first }, ctx) => {
      const text = `SELECT r.key, u.id, u.name AS "fullName", u.email, count(*) OVER ()::int AS total
        FROM workspace w, ${MEMBERS.replace('(', 'LATERAL (')} m JOIN role r ON r.id = m.role_id JOIN "user" u ON u.id = m.user_id
        WHERE w.id = $4 AND ${VISIBLE} AND r.key = $5 ORDER BY u.name, m.id LIMIT $6`
      const rows = await run('members-of', text, [...rightsOf(ctx), workspaceId, role, first])
      return {
        totalCount: rows[0]?.total ?? 0,
        nodes: rows.map(({ key, ...user }) => ({ role: { key }, user })),
      }
    },
  },
  Viewer: {
    organizations: async (_viewer, { first }, { viewer }) => ({
      nodes: await run(
        'my-organizations',
        'SELECT id, slug, name FROM organization WHERE id = ANY ($1) AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $2',
        [viewer.organizations, first],
      ),
    }),
    workspaces: async (_viewer, { first }, ctx) => {
      const text = `SELECT ${WORKSPACE} FROM workspace w WHERE ${VISIBLE} ORDER BY w.created_at DESC, w.id DESC LIMIT $4`
      const nodes = await run('my-workspaces', text, [...rightsOf(ctx), first])
      return { nodes, pageInfo: { hasNextPage: nodes.length === first } }
    },
  },
  Mutation: {
    createWorkspace: async (_root, { organizationId, name }, { viewer }) => {
      const text = `SELECT ${WORKSPACE} FROM bench.create_workspace_as($1, $2, $3) w`
      return (await run('create-workspace', text, [viewer.id, organizationId, name]))[0]
    },
    setMemberRole: async (_root, { workspaceId, userId, role }, { viewer }) => {
      const text = 'SELECT key, full_name FROM bench.set_member_role_as($1, $2, $3, $4)'
      const [row] = await run('set-member-role', text, [viewer.id, workspaceId, userId, role])
      return { role: { key: row.key }, user: { fullName: row.full_name } }
    },
    acceptInvite: async (_root, { token }, { viewer }) => {
      const text = 'SELECT workspace_name AS "workspaceName", state FROM bench.accept_invite_as($1, $2)'
      return (await run('accept-invite', text, [viewer.id, token]))[0]
    },
  },
}

const uncached = (loader) => ({ loader, opts: { cache: false } })

const loaders = {
  Organization: {
    workspaces: uncached(async (queries, ctx) => {
      const [{ params }] = queries
      const text = `SELECT w.* FROM unnest($4::uuid[]) AS o (id), LATERAL (
          SELECT ${WORKSPACE} FROM workspace w WHERE w.organization_id = o.id AND ${VISIBLE}
          ORDER BY w.created_at DESC, w.id DESC LIMIT $5) w`
      const ids = queries.map(({ obj }) => obj.id)
      const rows = await run('workspaces', text, [...rightsOf(ctx), ids, params.first + 1])
      return ids.map((id) => {
        const found = rows.filter(({ organizationId }) => organizationId === id)
        return { nodes: found.slice(0, params.first), pageInfo: { hasNextPage: found.length > params.first } }
      })
    }),
  },
  Workspace: {
    organization: uncached(async (queries) => {
      const text = 'SELECT id, slug, name FROM organization WHERE id = ANY ($1)'
      const rows = await run('organizations', text, [
        [...new Set(queries.map(({ obj }) => obj.organizationId))],
      ])
      const byId = new Map(rows.map((row) => [row.id, row]))
      return queries.map(({ obj }) => byId.get(obj.organizationId))
    }),
    members: uncached(async (queries) => {
      const [{ params }] = queries
      const text = `SELECT w.id AS "workspaceId", m.role_id AS "roleId", m.user_id AS "userId" FROM workspace w, LATERAL (
          SELECT m.* FROM ${MEMBERS} m ORDER BY m.created_at DESC, m.id DESC LIMIT $2) m
        WHERE w.id = ANY ($1) ORDER BY m.created_at DESC, m.id DESC`
      const ids = queries.map(({ obj }) => obj.id)
      const lists = new Map(ids.map((id) => [id, []]))
      for (const row of await run('members', text, [ids, params.first])) lists.get(row.workspaceId).push(row)
      return ids.map((id) => ({ nodes: lists.get(id) }))
    }),
  },
  Member: {
    role: uncached((queries) =>
      oneEach('roles', 'SELECT id, key, name FROM role WHERE id = ANY ($1)', queries, 'roleId', 'role'),
    ),
    user: uncached((queries) =>
      oneEach(
        'people',
        'SELECT id, name AS "fullName", email FROM "user" WHERE id = ANY ($1)',
        queries,
        'userId',
        'user',
      ),
    ),
  },
}

async function oneEach(name, text, queries, key, present) {
  const ids = [...new Set(queries.filter(({ obj }) => !obj[present]).map(({ obj }) => obj[key]))]
  const rows = ids.length ? await run(name, text, [ids]) : []
  const byId = new Map(rows.map((row) => [row.id, row]))
  return queries.map(({ obj }) => obj[present] ?? byId.get(obj[key]))
}

const app = fastify({ logger: false })
app.register(mercurius, {
  schema,
  resolvers,
  loaders,
  context: async (request) => {
    const hash = createHash('sha256').update(tokenOf(request.headers.authorization)).digest('hex')
    return { viewer: (await run('who', WHO, [hash]))[0] ?? null }
  },
})
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
ready(app.server.address().port)
