// PostGraphile 5 over Atrium's tables: row-level security does the authorization, one statement finds out who asks.
import './polyfill.mjs'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import pg from 'pg'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

const owner = new URL(process.env.DATABASE_URL)
owner.username = 'bench_postgraphile'
owner.password = 'bench'
const pool = new pg.Pool({ connectionString: owner.href, max: 20, idleTimeoutMillis: 600_000 })
pool.on('error', () => undefined)

const WHO = {
  name: 'who',
  text: `SELECT u.id FROM public.session s JOIN public."user" u ON u.id = s.user_id
    WHERE s.token = $1 AND s.expires_at > now() AND u.suspended_at IS NULL AND u.email_verified`,
}

async function viewerOf(authorization) {
  const token = /^bearer\s+(\S+)/i.exec(authorization ?? '')?.[1]
  if (!token) return ''
  const { rows } = await pool.query({ ...WHO, values: [createHash('sha256').update(token).digest('hex')] })
  return rows[0]?.id ?? ''
}

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset],
  // Orders by columns that no index begins with are asked for too.
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  pgServices: [makePgService({ pool, schemas: ['public', 'bench'], pubsub: false })],
  schema: { pgForbidSetofFunctionsToReturnNull: false },
  grafast: {
    explain: false,
    context: async (ctx) => ({
      pgSettings: {
        role: 'bench_visitor',
        'bench.viewer': await viewerOf(ctx.node?.req.headers.authorization),
      },
    }),
  },
  grafserv: { watch: false, graphiql: false, websockets: false, maxRequestLength: 1_000_000 },
})

const serv = pgl.createServ(grafserv)
const server = createServer()
await serv.addTo(server)
if (process.env.PRINT_SCHEMA) {
  const { printSchema } = await import('graphql')
  process.stdout.write(printSchema(await pgl.getSchema()))
}
server.listen(Number(process.env.PORT), '127.0.0.1', () =>
  process.stdout.write(`ready ${server.address().port}\n`),
)
