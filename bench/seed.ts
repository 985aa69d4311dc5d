import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { builtInRoles } from '../src/access/permissions.ts'
import type { Options } from './options.ts'

/** The first workspaces of the first organizations, each with a crowd of members. */
export const LARGE_WORKSPACES = 4

/** Fills a migrated, empty database (seed.sql), and lays down what the peers need in a schema of their own (peers.sql). */
export async function seed(url: string, options: Options): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const sizes = {
      organizations: options.organizations,
      people: options.people,
      workspaces: options.workspacesEach,
      members: options.membersEach,
      crowd: options.crowd,
      large: LARGE_WORKSPACES,
      roles: JSON.stringify(builtInRoles.map((role, nth) => ({ nth, ...role }))),
    }
    for (const [name, value] of Object.entries(sizes))
      await client.query('SELECT set_config($1, $2, false)', [`bench.${name}`, String(value)])
    await client.query(await sql('seed.sql'))
    await client.query('RESET session_replication_role')
    await client.query(await sql('peers.sql'))
    await client.query('VACUUM (ANALYZE)')
  } finally {
    await client.end()
  }
}

const sql = (name: string) => readFile(new URL(name, import.meta.url), 'utf8')
