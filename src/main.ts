import { setTimeout as sleep } from 'node:timers/promises'
import { demoAccounts, demoOwner, seedDemo } from '../prisma/seed.ts'
import { banner, type DemoAccount } from './banner.ts'
import { type Env, InvalidSetting, parseEnv } from './env.ts'
import { AddressUnusable, openServer } from './http/server.ts'
import { readAuthSecret } from './platform/auth-secret.ts'
import { openConnections } from './platform/db.ts'
import { EmbeddedPostgresError, startEmbeddedPostgres } from './platform/embedded-postgres.ts'
import { createLogger, type Logger } from './platform/log.ts'
import { applyMigrations, MigrationError } from './platform/migrate.ts'
import { createShutdown, type Shutdown } from './platform/shutdown.ts'
import { openService, type Service } from './service.ts'

/** Failures that the person who starts the process can mend: one sentence says it all. */
const EXPLAINED = [InvalidSetting, AddressUnusable, EmbeddedPostgresError, MigrationError]

const settings = settingsOrExit()
const log = createLogger(settings.LOG_LEVEL)
const shutdown = createShutdown({ log, patienceMs: settings.SHUTDOWN_SECONDS * 1000 })
await shutdown.guard(process.argv[2] === 'worker' ? startWorking : start).catch((error: unknown) => {
  explain(error)
  return shutdown.run(1)
})

/** Opens everything in order; each step says how it is closed, in the reverse order. */
async function start(): Promise<void> {
  const server = await openServer(settings.HOST, settings.PORT)
  shutdown.add('connections', () => server.close())
  const env = withRealPort(settings, server.port)

  const databaseUrl = env.DATABASE_URL ?? (await openEmbedded(env, log, shutdown))
  const { applied } = await applyMigrations(databaseUrl)
  if (applied.length > 0) log.info({ applied }, 'migrations applied')

  const service = await openService({ env, databaseUrl, authSecret: await readAuthSecret(env), log })
  shutdown.add('service', async () => {
    server.refuse()
    await Promise.race([service.close(), sleep(env.SHUTDOWN_SECONDS * 1000, undefined, { ref: false })])
  })

  const demo = await openDemo(service)
  await openConnections(service.services.sql.pool)
  server.serve(service.app.listener)
  process.stdout.write(banner(env, { embedded: !env.DATABASE_URL, demo }))
}

/** Jobs and webhooks alone, without a socket, beside processes with the setting JOBS=0: `npm run worker`. */
async function startWorking(): Promise<void> {
  const env: Env = { ...settings, JOBS: true }
  const { DATABASE_URL: databaseUrl } = env
  if (!databaseUrl) {
    throw new InvalidSetting(
      'The setting DATABASE_URL is required for a worker: the embedded database belongs to the process that serves requests.',
    )
  }
  await applyMigrations(databaseUrl)
  const service = await openService({ env, databaseUrl, authSecret: await readAuthSecret(env), log })
  shutdown.add('service', () =>
    Promise.race([service.close(), sleep(env.SHUTDOWN_SECONDS * 1000, undefined, { ref: false })]),
  )
  process.stdout.write('The Atrium worker is ready.\n')
}

async function openEmbedded(env: Env, log: Logger, shutdown: Shutdown): Promise<string> {
  const embedded = await startEmbeddedPostgres({ dataDir: env.DATA_DIR, log: (message) => log.info(message) })
  shutdown.add('embedded PostgreSQL', () => embedded.stop())
  // Without its database the process can do nothing: whoever supervises it starts both again.
  void embedded.exited.then(() => shutdown.run(1))
  return embedded.url
}

/** The demo organization, made in an empty database when it is wanted: with the embedded one unless DEMO says otherwise. */
async function openDemo(service: Service): Promise<DemoAccount[]> {
  const { env, db } = service.services
  if (!(env.DEMO ?? !env.DATABASE_URL)) return []
  const anybody = await db.user.findFirst({ select: { id: true } })
  if (!anybody) await seedDemo(service)
  const owner = await db.user.findUnique({ where: { email: demoOwner }, select: { id: true } })
  return owner ? demoAccounts : []
}

/** With PORT=0 the system chose one, and links have to name it. */
function withRealPort(env: Env, port: number): Env {
  return { ...env, PORT: port, PUBLIC_URL: env.PUBLIC_URL.replace(/:0$/, `:${port}`) }
}

function settingsOrExit(): Env {
  try {
    return parseEnv(process.env)
  } catch (error) {
    process.stderr.write(`${error instanceof InvalidSetting ? error.message : String(error)}\n`)
    return process.exit(1)
  }
}

function explain(error: unknown): void {
  if (EXPLAINED.some((kind) => error instanceof kind)) process.stderr.write(`${(error as Error).message}\n`)
  else log.fatal({ err: error }, 'the start failed')
}
