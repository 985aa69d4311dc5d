import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DiffTarget } from '@prisma/schema-engine-wasm'
import { readMigrations } from '../src/platform/migrate.ts'
import { createShadowDatabase, openSchemaEngine } from '../src/platform/schema-engine.ts'
import { throwAwayDatabase } from './project-database.ts'

const SCHEMA_FOLDER = fileURLToPath(new URL('../prisma/schema', import.meta.url))
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

/**
 * Compares prisma/migrations with prisma/schema, on a throw-away database.
 *
 * @returns the SQL that is missing in the migrations, or null when they agree.
 */
export async function schemaDiff(): Promise<string | null> {
  const database = await throwAwayDatabase()
  try {
    const schema = await readSchema()
    const connection = await openSchemaEngine(database.url, {
      datamodels: schema.map(({ path, content }) => [path, content]),
      shadow: () => createShadowDatabase(database.url),
    })
    const to: DiffTarget = { tag: 'schemaDatamodel', files: schema }
    const from: DiffTarget = { tag: 'migrations', ...(await readMigrations(MIGRATIONS_FOLDER)) }
    try {
      const { exitCode, stdout } = await connection.engine.diff({
        from,
        to,
        script: true,
        exitCode: true,
        filters: { externalTables: [], externalEnums: [] },
      })
      return exitCode === 0 ? null : (stdout ?? '')
    } finally {
      await connection.close()
    }
  } finally {
    await database.drop()
  }
}

async function readSchema() {
  const names = (await readdir(SCHEMA_FOLDER)).filter((name) => name.endsWith('.prisma')).sort()
  const paths = names.map((name) => join(SCHEMA_FOLDER, name))
  return Promise.all(paths.map(async (path) => ({ path, content: await readFile(path, 'utf8') })))
}
