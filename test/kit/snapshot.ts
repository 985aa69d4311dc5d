import type { TestApp } from './app.ts'

/** How many rows each table has, and a digest of them all with the transaction that wrote each. */
export type Snapshot = Record<string, string>

/**
 * What the whole database holds: two of these are equal when no row was written between them, not even with the values
 * that it had. Of background jobs, which come and go by themselves, it tells how many were ever added.
 */
export async function snapshot({ services: { db } }: Pick<TestApp, 'services'>): Promise<Snapshot> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT quote_ident(relname) AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname`
  const digests = tables.map(
    ({ name }) => `
      SELECT '${name}' AS name,
        count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text || t.xmin::text, 0)), 0) AS state
      FROM ${name} t`,
  )
  const sequences = `
    SELECT 'jobs ' || sequencename, coalesce(last_value, 0)::text FROM pg_sequences
    WHERE schemaname = 'graphile_worker'`
  const rows = await db.$queryRawUnsafe<{ name: string; state: string }[]>(
    [...digests, sequences].join(' UNION ALL '),
  )
  return Object.fromEntries(rows.map(({ name, state }) => [name, state]))
}
