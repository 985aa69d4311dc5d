import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { applyMigrations } from '../src/platform/migrate.ts'
import type { Options } from './options.ts'
import { seed } from './seed.ts'

export interface BenchDatabase {
  url: string
  /** The process of the server; its children are the connections. */
  pid: number
  stop(): Promise<void>
}

/**
 * Starts an embedded server, as durable as in production, with the seeded database. A folder that is given is kept, and
 * used again by the next run of the same size; otherwise the cluster is thrown away.
 */
export async function openDatabase(options: Options, log: (text: string) => void): Promise<BenchDatabase> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'atrium-bench-')))
  await mkdir(dataDir, { recursive: true })
  const stamp = join(dataDir, 'bench.seed')
  const wanted = await seedHash(options)
  const isSeeded = (await readFile(stamp, 'utf8').catch(() => '')) === wanted
  if (!isSeeded && options.dataDir) await refuseForeignFolder(dataDir)
  if (!isSeeded) await rm(join(dataDir, 'postgres'), { recursive: true, force: true })
  const server = await startEmbeddedPostgres({ dataDir })
  const pid = Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
  if (!isSeeded) {
    const started = performance.now()
    await applyMigrations(server.url)
    await seed(server.url, options)
    await writeFile(stamp, wanted)
    log(`seeded in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  }
  return {
    url: server.url,
    pid,
    stop: async () => {
      await server.stop()
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** A folder that is not ours would lose its cluster. */
async function refuseForeignFolder(dataDir: string): Promise<void> {
  const entries = await readdir(dataDir)
  if (entries.length > 0 && !entries.includes('bench.seed'))
    throw new Error(`The folder ${dataDir} holds something else: give --data an empty folder.`)
}

/** Of everything that decides what is in the database. */
async function seedHash({
  organizations,
  workspacesEach,
  membersEach,
  people,
  crowd,
}: Options): Promise<string> {
  const hash = createHash('sha256').update(
    JSON.stringify([organizations, workspacesEach, membersEach, people, crowd]),
  )
  const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url))
  for (const name of (await readdir(migrations)).sort()) hash.update(name)
  for (const name of ['seed.sql', 'peers.sql']) hash.update(await readFile(new URL(name, import.meta.url)))
  return hash.digest('hex')
}
