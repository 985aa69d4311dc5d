import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Pg from 'pg'
import { parseEnv } from '../src/env.ts'
import { createLogger } from '../src/platform/log.ts'
import { openService, type Service } from '../src/service.ts'
import { openDatabase } from './database.ts'
import { tokenOf } from './ids.ts'
import { formOf, OPERATIONS, type Operation } from './operations.ts'
import { type Options, readOptions } from './options.ts'

interface Sent {
  text: string
  values: unknown[]
}

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Plan[]
}

// The service's own driver, not the peers'.
const pg = createRequire(new URL('../src/service.ts', import.meta.url))('pg') as typeof Pg

const log = (text: string) => void process.stderr.write(`${text}\n`)

/** How the database answers what Atrium sends for Q1 to Q5, with the plans that it keeps. */
export async function main(args: string[]): Promise<void> {
  const options = readOptions(args)
  const database = await openDatabase(options, log)
  const dataDir = await mkdtemp(join(tmpdir(), 'atrium-bench-data-'))
  const sent = recordStatements()
  const env = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: '0',
    JOBS: '0',
    RATE_LIMITS: '0',
    DEMO: '0',
  }
  const authSecret = 'benchmark-benchmark-benchmark-benchmark'
  const service = await openService({
    env: parseEnv({ ...env, NODE_ENV: 'production', AUTH_SECRET: authSecret }),
    databaseUrl: database.url,
    authSecret,
    log: createLogger('error'),
  })
  const client = await service.services.sql.pool.connect()
  try {
    const reads = OPERATIONS.filter(({ name, writes }) => !writes && options.only.includes(name))
    for (const operation of reads)
      process.stdout.write(await plansOf(operation, options, service, sent, client))
  } finally {
    client.release()
    await service.close()
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

function recordStatements(): Sent[] {
  const sent: Sent[] = []
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function recorded(this: Pg.Client, ...args: unknown[]) {
    const [first] = args as [Partial<Sent> | string]
    if (typeof first === 'object' && first.text) sent.push({ text: first.text, values: first.values ?? [] })
    return (query as (...all: unknown[]) => unknown).apply(this, args)
  } as typeof query
  return sent
}

/** For the administrator of an organization and for a plain member; the third time nothing has to be learned any more. */
async function plansOf(
  operation: Operation,
  options: Options,
  service: Service,
  sent: Sent[],
  client: Pg.ClientBase,
): Promise<string> {
  const lines: string[] = []
  for (const [nth, who] of ['administrator', 'member'].entries()) {
    const given = operation.given(nth, options)
    const form = formOf('atrium', operation.name)
    const ask = () =>
      service.app.fetch('/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          authorization: `Bearer ${tokenOf(given.person)}`,
        },
        body: JSON.stringify({
          query: form.query,
          variables: form.variables(given),
          operationName: operation.name,
        }),
      })
    await ask()
    await ask()
    sent.length = 0
    await ask()
    for (const [at, statement] of sent.splice(0).entries()) {
      const root = await explained(client, `${operation.name}_${nth}_${at}`, statement)
      const blocks = root['Shared Hit Blocks'] + root['Shared Read Blocks']
      lines.push(
        `${operation.name}, ${who}, statement ${at + 1}: ${blocks} blocks, ${rowsOf(root)} rows in all nodes`,
      )
      lines.push(...treeOf(root, 1))
    }
  }
  return `${lines.join('\n')}\n\n`
}

async function explained(client: Pg.ClientBase, name: string, { text, values }: Sent): Promise<Plan> {
  await client.query('SET plan_cache_mode = force_generic_plan')
  await client.query({ name, text, values })
  const given = values.map((value) => {
    if (value === null) return 'NULL'
    return client.escapeLiteral(Array.isArray(value) ? `{${value.join(',')}}` : String(value))
  })
  const { rows } = await client.query(
    `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE ${client.escapeIdentifier(name)}${given.length > 0 ? `(${given.join(', ')})` : ''}`,
  )
  return rows[0]['QUERY PLAN'][0].Plan as Plan
}

const rowsOf = (plan: Plan): number =>
  Math.round(plan['Actual Rows'] * plan['Actual Loops']) +
  (plan.Plans ?? []).reduce((sum, inner) => sum + rowsOf(inner), 0)

function treeOf(plan: Plan, depth: number): string[] {
  const where = [plan['Relation Name'], plan['Index Name']].filter(Boolean).join(' by ')
  const own = `${'  '.repeat(depth)}${plan['Node Type']}${where ? ` ${where}` : ''}: ${plan['Actual Rows']} × ${plan['Actual Loops']}`
  return [own, ...(plan.Plans ?? []).flatMap((inner) => treeOf(inner, depth + 1))]
}
