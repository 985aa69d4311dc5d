import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import { migrateJobs } from '../../src/platform/jobs.ts'
import { applyMigrations } from '../../src/platform/migrate.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run, with the migrated template database. */
    serverUrl: string
    templateName: string
  }
}

/** One server for the run, migrated once into a template: each test file clones it. `TEST_DATABASE_URL` names another server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'atrium-test-'))
  const given = process.env.TEST_DATABASE_URL
  const embedded = given ? null : await startEmbeddedPostgres({ dataDir, durable: false })
  const serverUrl = embedded?.url ?? String(given)
  const templateName = `atrium_template_${process.pid}`
  await withClient(serverUrl, (client) => client.query(`CREATE DATABASE ${templateName}`))
  const templateUrl = databaseUrl(serverUrl, templateName)
  await applyMigrations(templateUrl)
  const pool = new pg.Pool({ connectionString: templateUrl, max: 2 })
  await migrateJobs(pool)
  await pool.end()
  project.provide('serverUrl', serverUrl)
  project.provide('templateName', templateName)
  return async () => {
    if (given)
      await withClient(serverUrl, (client) => client.query(`DROP DATABASE ${templateName} WITH (FORCE)`))
    await embedded?.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** The same server with another database. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.toString()
}

/** Runs `work` on one connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
