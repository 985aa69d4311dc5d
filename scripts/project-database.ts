import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runningEmbeddedPostgres, startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { createShadowDatabase, type ShadowDatabase } from '../src/platform/schema-engine.ts'

const dataDir = () => process.env.DATA_DIR || '.data'

/**
 * Opens the embedded server of DATA_DIR for a script: the running Atrium's, else one for as long as the script runs.
 *
 * @throws DataDirInUse when somebody else starts in the folder at the same moment.
 */
export async function openEmbeddedDatabase(): Promise<{ url: string; close(): Promise<void> }> {
  const running = await runningEmbeddedPostgres(dataDir())
  if (running) return { url: running, close: async () => {} }
  const { url, stop } = await startEmbeddedPostgres({ dataDir: dataDir() })
  return { url, close: stop }
}

/**
 * Makes an empty database that `drop` ends: on DATABASE_URL's server, else on the embedded server that runs in
 * DATA_DIR, else on a cluster of its own in the temporary folder.
 */
export async function throwAwayDatabase(): Promise<ShadowDatabase> {
  const server = process.env.DATABASE_URL || (await runningEmbeddedPostgres(dataDir()))
  return server ? createShadowDatabase(server) : throwAwayCluster()
}

async function throwAwayCluster(): Promise<ShadowDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'atrium-shadow-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const { url, stop } = await startEmbeddedPostgres({ dataDir: folder, durable: false })
    return { url, drop: () => stop().finally(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}
