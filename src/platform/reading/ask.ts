import type pg from 'pg'

/** Sends one read-only statement that answers a single JSON document, and gives that; null for no row. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<unknown>

/** @param nameOf the name under which a statement is prepared */
export const createAsk =
  (pool: pg.Pool, nameOf: (text: string) => string | undefined): Ask =>
  async (text, values) => {
    const name = nameOf(text)
    const query = { ...(name ? { name } : {}), text, values: [...values], rowMode: 'array' as const }
    const { rows } = await pool.query<string[]>(query)
    const [json] = rows[0] ?? []
    return json === undefined ? null : (JSON.parse(json) as unknown)
  }
