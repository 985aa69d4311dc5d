// The floor: node:http and pg, one hand-written statement per request that finds out who asks, what they may, and the data
// as finished JSON. No GraphQL: an operation is a path.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { pool, ready, tokenOf } from './listen.mjs'

// $1 is the hash of the token.
const WHO = `who AS (
  SELECT u.id, u.name, u.email FROM session s JOIN "user" u ON u.id = s.user_id
  WHERE s.token = $1 AND s.expires_at > now() AND u.suspended_at IS NULL AND u.email_verified
), mine AS (
  SELECT om.organization_id AS id, om.level IS NOT NULL AS opens FROM who
  JOIN organization_member om ON om.user_id = who.id
  JOIN organization o ON o.id = om.organization_id AND o.deleted_at IS NULL
)`
/** Whether a workspace is the viewer's, in a statement with `who` and `mine`. */
const VISIBLE = `w.deleted_at IS NULL AND (mine.opens OR EXISTS (
  SELECT FROM workspace_member g WHERE g.workspace_id = w.id AND g.user_id = (SELECT id FROM who)))`
const TIME = (column) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
/** The effective members of the workspace `w`, as in Atrium's view. */
const MEMBERS = `(
  SELECT wm.id, wm.user_id, wm.role_id, wm.created_at FROM workspace_member wm
  WHERE wm.organization_id = w.organization_id AND wm.workspace_id = w.id
    AND (wm.inherited_level IS NULL OR wm.level >= wm.inherited_level)
  UNION ALL
  SELECT om.id, om.user_id, om.role_id, om.created_at FROM organization_member om
  WHERE om.organization_id = w.organization_id AND om.level IS NOT NULL AND NOT EXISTS (
    SELECT FROM workspace_member wm WHERE wm.workspace_id = w.id AND wm.user_id = om.user_id AND wm.level >= om.level))`

const STATEMENTS = {
  Q1: `WITH ${WHO} SELECT json_build_object('data', json_build_object('workspace', (
    SELECT json_build_object('id', w.id, 'key', w.key, 'name', w.name, 'description', w.description, 'labels', w.labels,
      'mlEnabled', w.ml_enabled, 'createdAt', ${TIME('w.created_at')},
      'organization', json_build_object('id', o.id, 'slug', o.slug, 'name', o.name))
    FROM workspace w JOIN mine ON mine.id = w.organization_id JOIN organization o ON o.id = w.organization_id
    WHERE w.id = $2 AND ${VISIBLE})))::text`,
  Q2: `WITH ${WHO} SELECT json_build_object('data', json_build_object('organization', (
    SELECT json_build_object('id', o.id, 'slug', o.slug, 'name', o.name, 'workspaces', (
      SELECT json_build_object('nodes', coalesce(json_agg(page.node) FILTER (WHERE page.nth <= 50), '[]'),
        'pageInfo', json_build_object('hasNextPage', count(*) > 50))
      FROM (SELECT json_build_object('id', w.id, 'key', w.key, 'name', w.name, 'createdAt', ${TIME('w.created_at')}) AS node,
              row_number() OVER (ORDER BY w.created_at DESC, w.id DESC) AS nth
            FROM workspace w WHERE w.organization_id = o.id AND ${VISIBLE}
            ORDER BY w.created_at DESC, w.id DESC LIMIT 51) page))
    FROM organization o JOIN mine ON mine.id = o.id WHERE o.id = $2)))::text`,
  Q3: `WITH ${WHO} SELECT json_build_object('data', json_build_object('organization', (
    SELECT json_build_object('id', o.id, 'name', o.name, 'workspaces', json_build_object('nodes', (
      SELECT coalesce(json_agg(page.node), '[]') FROM (
        SELECT json_build_object('id', w.id, 'name', w.name, 'members', json_build_object('nodes', (
          SELECT coalesce(json_agg(listed.node), '[]') FROM (
            SELECT json_build_object('role', json_build_object('key', r.key, 'name', r.name),
              'user', json_build_object('id', u.id, 'fullName', u.name)) AS node
            FROM (SELECT m.* FROM ${MEMBERS} m ORDER BY m.created_at DESC, m.id DESC LIMIT 10) m
            JOIN role r ON r.id = m.role_id JOIN "user" u ON u.id = m.user_id
            ORDER BY m.created_at DESC, m.id DESC) listed))) AS node
        FROM (SELECT w.* FROM workspace w WHERE w.organization_id = o.id AND ${VISIBLE}
              ORDER BY w.created_at DESC, w.id DESC LIMIT 20) w
        ORDER BY w.created_at DESC, w.id DESC) page)))
    FROM organization o JOIN mine ON mine.id = o.id WHERE o.id = $2)))::text`,
  Q4: `WITH ${WHO} SELECT json_build_object('data', json_build_object('workspace', (
    SELECT json_build_object('id', w.id, 'members', (
      WITH found AS (
        SELECT m.id, r.key, u.id AS user_id, u.name, u.email FROM ${MEMBERS} m
        JOIN role r ON r.id = m.role_id JOIN "user" u ON u.id = m.user_id WHERE r.key = 'WRITE')
      SELECT json_build_object('totalCount', (SELECT count(*) FROM found), 'nodes', (
        SELECT coalesce(json_agg(json_build_object('role', json_build_object('key', page.key),
          'user', json_build_object('id', page.user_id, 'fullName', page.name, 'email', page.email))), '[]')
        FROM (SELECT * FROM found ORDER BY name, id LIMIT 25) page))))
    FROM workspace w JOIN mine ON mine.id = w.organization_id WHERE w.id = $2 AND ${VISIBLE})))::text`,
  Q5: `WITH ${WHO} SELECT json_build_object('data', json_build_object('viewer', (
    SELECT json_build_object('user', json_build_object('id', who.id, 'fullName', who.name, 'email', who.email),
      'organizations', json_build_object('nodes', (
        SELECT coalesce(json_agg(page.node), '[]') FROM (
          SELECT json_build_object('id', o.id, 'slug', o.slug, 'name', o.name) AS node
          FROM organization o JOIN mine ON mine.id = o.id ORDER BY o.created_at DESC, o.id DESC LIMIT 10) page)),
      'workspaces', json_build_object('nodes', (
        SELECT coalesce(json_agg(page.node), '[]') FROM (
          SELECT json_build_object('id', w.id, 'key', w.key, 'name', w.name,
            'organization', json_build_object('name', o.name)) AS node
          FROM mine JOIN workspace w ON w.organization_id = mine.id JOIN organization o ON o.id = w.organization_id
          WHERE ${VISIBLE} ORDER BY w.created_at DESC, w.id DESC LIMIT 20) page)))
    FROM who)))::text`,
  M1: `WITH ${WHO} SELECT json_build_object('data', json_build_object('workspace', (
    SELECT json_build_object('name', w.name, 'version', w.version, 'organization', json_build_object('name', o.name))
    FROM who, bench.create_workspace_as(who.id, $2, $3) w JOIN organization o ON o.id = w.organization_id)))::text`,
  M2: `WITH ${WHO} SELECT json_build_object('data', json_build_object('member', (
    SELECT json_build_object('role', json_build_object('key', s.key), 'user', json_build_object('fullName', s.full_name))
    FROM who, bench.set_member_role_as(who.id, $2, $3, $4) s)))::text`,
  M3: `WITH ${WHO} SELECT json_build_object('data', json_build_object('invite', (
    SELECT json_build_object('workspaceName', i.workspace_name, 'state', i.state)
    FROM who, bench.accept_invite_as(who.id, $2) i)))::text`,
}

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', async () => {
    try {
      const name = request.url.slice(1)
      const text = STATEMENTS[name]
      if (!text) return response.writeHead(404).end()
      const values = JSON.parse(Buffer.concat(chunks).toString())
      const hash = createHash('sha256').update(tokenOf(request.headers.authorization)).digest('hex')
      const { rows } = await pool.query({ name, text, values: [hash, ...values], rowMode: 'array' })
      const body = Buffer.from(rows[0][0])
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
      response.end(body)
    } catch (error) {
      response.writeHead(500, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ errors: [{ message: error.message }] }))
    }
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1', () => ready(server.address().port))
