import { applyMigrations } from '../src/platform/migrate.ts'
import { openEmbeddedDatabase } from './project-database.ts'

/** `npm run db:migrate`: brings the database of DATABASE_URL, or else the embedded one of DATA_DIR, up to date. */
async function main(): Promise<string> {
  const configured = process.env.DATABASE_URL
  const database = configured ? { url: configured, close: async () => {} } : await openEmbeddedDatabase()
  const { applied } = await applyMigrations(database.url).finally(database.close)
  return applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`
}

try {
  process.stdout.write(`${await main()}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
