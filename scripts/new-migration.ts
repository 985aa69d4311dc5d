import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { MIGRATIONS_FOLDER, schemaDiff } from './schema-diff.ts'

/** `npm run db:new-migration <name>`: writes the migration that brings prisma/migrations to prisma/schema. */
async function main(name: string | undefined): Promise<string> {
  if (!name || !/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new Error('Usage: npm run db:new-migration <name>, where name is snake_case.')
  }
  await mkdir(MIGRATIONS_FOLDER, { recursive: true })
  const sql = await schemaDiff()
  if (sql === null) return 'Nothing to do: prisma/migrations and prisma/schema agree.'
  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = join(MIGRATIONS_FOLDER, `${timestamp}_${name}`)
  await mkdir(folder)
  await writeFile(join(folder, 'migration.sql'), sql)
  await writeFile(join(MIGRATIONS_FOLDER, 'migration_lock.toml'), 'provider = "postgresql"\n')
  return `Wrote ${relative(process.cwd(), join(folder, 'migration.sql'))}: read it before you commit it.`
}

try {
  process.stdout.write(`${await main(process.argv[2])}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
