import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { loadViewer } from '../src/access/viewer.ts'
import { createOrganization } from '../src/domains/organization/create-organization.ts'
import { provisionWorkspaces } from '../src/domains/provisioning/provision-workspaces.ts'
import { parseEnv } from '../src/env.ts'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { newId } from '../src/platform/ids.ts'
import { createLogger } from '../src/platform/log.ts'
import { applyMigrations } from '../src/platform/migrate.ts'
import { openService, type Service } from '../src/service.ts'

/** What one run of provisioning costs, and what the bare rows cost. */
export interface ProvisionFigures {
  workspaces: number
  members: number
  /** Until the mutation answers with the plan. */
  planSeconds: number
  /** From the call until the operation has succeeded. */
  totalSeconds: number
  statements: number
  /** Megabytes of the process at its highest, and before the call. */
  peakMegabytes: number
  baseMegabytes: number
  /** The same workspaces, members and events by multi-row INSERTs of 1,000 rows, in one transaction. */
  floorSeconds: number
  floorStatements: number
  ratio: number
}

interface Options {
  workspaces?: number
  mode?: 'ATOMIC' | 'BEST_EFFORT'
  /** A server with a database that may be used up; absent, an embedded one. */
  databaseUrl?: string
}

const MEMBERS_EACH = 2
const COLLEAGUES = 200

/** Provisions many workspaces with two members each in one run, then inserts the same rows barely. */
export async function benchProvision({
  workspaces = 10_000,
  mode = 'BEST_EFFORT',
  databaseUrl,
}: Options = {}): Promise<ProvisionFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'atrium-bench-'))
  const embedded = databaseUrl ? null : await startEmbeddedPostgres({ dataDir, durable: true })
  const url = databaseUrl ?? embedded?.url ?? ''
  await applyMigrations(url)
  let statements = 0
  const authSecret = randomBytes(32).toString('hex')
  const service = await openService({
    env: parseEnv({ DATABASE_URL: url, AUTH_SECRET: authSecret, DATA_DIR: dataDir, RATE_LIMITS: '0' }),
    databaseUrl: url,
    authSecret,
    log: createLogger('warn'),
    onStatement: () => {
      statements++
    },
  })
  try {
    const { userId, organizationId } = await prepare(service)
    const { services } = service
    const caller = { ...services, requestId: null, viewer: await loadViewer(services.db, userId) }
    const wanted = Array.from({ length: workspaces }, (_, nth) => ({
      key: `team-${nth}`,
      name: `Team ${nth}`,
      members: Array.from({ length: MEMBERS_EACH }, (__, at) => ({
        email: `colleague-${(nth * MEMBERS_EACH + at) % COLLEAGUES}@example.com`,
        role: at === 0 ? 'WRITE' : 'READ',
      })),
    }))
    globalThis.gc?.()
    const megabytes = () => process.memoryUsage().rss / 2 ** 20
    const baseMegabytes = megabytes()
    let peakMegabytes = baseMegabytes
    const sampling = setInterval(() => {
      peakMegabytes = Math.max(peakMegabytes, megabytes())
    }, 20)
    statements = 0
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    const { operationId } = await provisionWorkspaces(caller, { organizationId, workspaces: wanted, mode })
    const planSeconds = seconds()
    const asked = await untilDone(service, operationId)
    const totalSeconds = seconds()
    clearInterval(sampling)
    const floor = await insertBarely(url, organizationId)
    return {
      workspaces,
      members: workspaces * MEMBERS_EACH,
      planSeconds,
      totalSeconds,
      statements: statements - asked,
      peakMegabytes,
      baseMegabytes,
      floorSeconds: floor.seconds,
      floorStatements: floor.statements,
      ratio: totalSeconds / floor.seconds,
    }
  } finally {
    await service.close()
    await embedded?.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function prepare({ services }: Service): Promise<{ userId: string; organizationId: string }> {
  const { db } = services
  const userId = newId()
  await db.user.create({
    data: { id: userId, email: `${userId}@example.com`, emailVerified: true, name: 'Ada' },
  })
  const caller = { ...services, requestId: null, viewer: await loadViewer(db, userId) }
  const { organizationId } = await createOrganization(caller, { name: 'Bench' })
  const role = await db.role.findFirstOrThrow({
    where: { organizationId, scope: 'ORGANIZATION', key: 'MEMBER' },
  })
  const people = Array.from({ length: COLLEAGUES }, (_, nth) => ({
    id: newId(),
    email: `colleague-${nth}@example.com`,
    emailVerified: true,
    name: `Colleague ${nth}`,
  }))
  await db.user.createMany({ data: people, skipDuplicates: true })
  const colleagues = await db.user.findMany({ where: { email: { startsWith: 'colleague-' } } })
  await db.organizationMember.createMany({
    data: colleagues.map(({ id }) => ({ organizationId, userId: id, roleId: role.id })),
  })
  return { userId, organizationId }
}

/** @returns how many statements the looking took */
async function untilDone({ services: { db } }: Service, id: string): Promise<number> {
  for (let asked = 1; ; asked++) {
    const { state, error } = await db.operation.findUniqueOrThrow({
      where: { id },
      select: { state: true, error: true },
    })
    if (state === 'SUCCEEDED') return asked
    if (state === 'FAILED') throw new Error(JSON.stringify(error))
    await sleep(20)
  }
}

const ROWS = 1_000

/**
 * The same rows once more in another organization: what nobody could do without. Rows are read and given their new ids
 * before the clock runs.
 */
async function insertBarely(url: string, from: string): Promise<{ seconds: number; statements: number }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const [workspaces, members, events] = await Promise.all([
      read(client, 'workspace', `organization_id = '${from}' AND key LIKE 'team-%'`),
      read(
        client,
        'workspace_member',
        `workspace_id IN (SELECT id FROM workspace WHERE organization_id = '${from}' AND key LIKE 'team-%')`,
      ),
      read(client, 'event', `organization_id = '${from}' AND workspace_id IS NOT NULL`),
    ])
    const ids = new Map(workspaces.rows.map(({ id }) => [id, newId()]))
    const placed = ({ rows, ...table }: Table, change: (row: Row) => Row): Table => ({
      ...table,
      rows: rows.map((row) => ({ ...row, ...change(row) })),
    })
    const tables = [
      placed(workspaces, ({ id, key }) => ({
        id: ids.get(id),
        key: `floor-${key}`,
        database_name: `floor_${String(key).replaceAll('-', '_')}`,
      })),
      placed(members, ({ workspace_id }) => ({ id: newId(), workspace_id: ids.get(workspace_id) })),
      placed(events, ({ sequence }) => ({
        sequence: String(BigInt(String(sequence)) + 10_000_000n),
        ...('id' in (events.rows[0] ?? {}) ? { id: newId() } : {}),
      })),
    ]
    let statements = 0
    const begun = performance.now()
    await client.query('BEGIN')
    for (const { name, columns, rows } of tables) {
      for (let start = 0; start < rows.length; start += ROWS) {
        const some = rows.slice(start, start + ROWS)
        const values = some.map(
          (_, nth) => `(${columns.map((__, at) => `$${nth * columns.length + at + 1}`)})`,
        )
        const list = columns.map((column) => pg.escapeIdentifier(column))
        await client.query(
          `INSERT INTO ${name} (${list}) VALUES ${values}`,
          some.flatMap((row) => columns.map((column) => row[column])),
        )
        statements++
      }
    }
    await client.query('COMMIT')
    return { seconds: (performance.now() - begun) / 1000, statements }
  } finally {
    await client.end()
  }
}

type Row = Record<string, unknown>
interface Table {
  name: string
  columns: string[]
  rows: Row[]
}

async function read(client: pg.Client, name: string, where: string): Promise<Table> {
  const { fields, rows } = await client.query<Row>(`SELECT * FROM ${name} WHERE ${where}`)
  const json = fields
    .filter(({ dataTypeID }) => dataTypeID === pg.types.builtins.JSONB)
    .map((field) => field.name)
  for (const row of rows)
    for (const column of json) row[column] = row[column] === null ? null : JSON.stringify(row[column])
  return { name, columns: fields.map((field) => field.name), rows }
}

/** @param args how many workspaces, and ATOMIC for one transaction */
export async function main([workspaces, mode]: string[]): Promise<void> {
  const figures = await benchProvision({
    ...(workspaces ? { workspaces: Number(workspaces) } : {}),
    ...(mode === 'ATOMIC' ? { mode } : {}),
  })
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
