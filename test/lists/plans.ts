import pg from 'pg'

export interface Plan {
  'Node Type': string
  'Index Name'?: string
  'Function Name'?: string
  'Relation Name'?: string
  'Plan Rows': number
  'Actual Rows': number
  'Actual Loops': number
  'Heap Fetches'?: number
  Plans?: Plan[]
}

interface Sent {
  text: string
  values: unknown[]
}

/** Every statement with its values, as requests send it from now on. Begin before the service is opened. */
export function recordStatements(): Sent[] {
  const sent: Sent[] = []
  const record = (one: Sent) => {
    // The worker in this process looks for jobs on its own time.
    if (!one.text.includes('graphile_worker"._private_')) sent.push(one)
  }
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function recorded(this: pg.Client, ...args: unknown[]) {
    const [first, second] = args as [string | Sent, unknown[] | undefined]
    if (typeof first === 'string') record({ text: first, values: [] })
    else if ('text' in first) record({ text: first.text, values: first.values ?? second ?? [] })
    return (query as (...all: unknown[]) => unknown).apply(this, args)
  } as typeof query
  return sent
}

/**
 * How the database answers a statement, node by node.
 *
 * @param pool of the service: how dear the database takes a page for is a setting of its connections
 */
export const explain = (pool: pg.Pool, { text, values }: Sent): Promise<Plan[]> =>
  nodesOf(pool, `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values)

/** How it would answer a statement with whatever values. */
export const explainForAny = (pool: pg.Pool, { text }: Sent): Promise<Plan[]> =>
  nodesOf(pool, `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`)

async function nodesOf(pool: pg.Pool, question: string, values?: unknown[]): Promise<Plan[]> {
  const nodes: Plan[] = []
  const walk = (plan: Plan): void => {
    nodes.push(plan)
    plan.Plans?.forEach(walk)
  }
  const { rows } = await pool.query(question, values)
  walk(rows[0]['QUERY PLAN'][0].Plan)
  return nodes
}

/** How many rows a plan has touched in all its nodes. */
export const rowsTouched = (nodes: Plan[]): number =>
  nodes.reduce((sum, node) => sum + node['Actual Rows'] * node['Actual Loops'], 0)

export const indexesOf = (nodes: Plan[]): string[] => nodes.flatMap((node) => node['Index Name'] ?? [])
