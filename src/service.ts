import { type App, createApp } from './app.ts'
import { openBackground } from './background.ts'
import { createContextFactory } from './context.ts'
import { createExportRoute } from './domains/event/export-route.ts'
import { type Auth, createAuth } from './domains/identity/auth.ts'
import { readSession } from './domains/identity/session.ts'
import { promoteConfiguredAdmin } from './domains/member/verify-address.ts'
import type { Env } from './env.ts'
import { createPages } from './http/pages.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { openDatabase } from './platform/db.ts'
import type { Logger } from './platform/log.ts'
import { createMetrics } from './platform/metrics.ts'
import { pendingMigrations } from './platform/migrate.ts'
import { openNotifications } from './platform/notifications.ts'
import { createRateLimits, noRateLimits } from './platform/rate-limits.ts'
import { createAsk } from './platform/reading/ask.ts'
import { createReader, type OnRead } from './platform/reading/reader.ts'
import { createStatementNames } from './platform/reading/statement-names.ts'
import { createSecrets } from './platform/secrets.ts'
import type { Services } from './platform/services.ts'
import { mayBeCommitted } from './platform/write-together.ts'
import { schema } from './schema.ts'

export interface ServiceOptions {
  env: Env
  databaseUrl: string
  authSecret: string
  log: Logger
  clock?: Clock
  /** Called with every statement that is sent to the database, for query budgets. */
  onStatement?: (sql: string) => void
  /** Called with every answer of the database that Prisma did not make, for tests that compare the two. */
  onRead?: OnRead
  /** Milliseconds between two looks for jobs without a notification. */
  jobPollInterval?: number
  /** Whether webhooks are sent where jobs run; they are unless this is false. */
  webhooks?: boolean
  /** Whether repeated jobs begin by the clock where jobs run; they do unless this is false. */
  repeats?: boolean
}

/** The whole service on a database whose migrations are applied, without a socket. */
export interface Service {
  app: App
  services: Services
  auth: Auth
  /** Drains open requests, stops what runs in the background and closes the database. */
  close(): Promise<void>
}

/** What requests share keeps about as many connections busy at once. */
const KEPT_OPEN = 10

/** Opens database, jobs, mail and API: what main.ts serves, and what tests call in-process. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { env, databaseUrl, log } = options
  const nameOf = createStatementNames('atrium_')
  const { db, pool, close } = openDatabase({
    url: databaseUrl,
    poolSize: env.DATABASE_POOL,
    keptOpen: KEPT_OPEN,
    nameOf,
    ...(options.onStatement ? { onStatement: options.onStatement } : {}),
  })
  const { onRead } = options
  const secrets = createSecrets(options.authSecret)
  const limits = env.RATE_LIMITS ? createRateLimits(pool) : noRateLimits
  const notifications = openNotifications({ url: databaseUrl, log })
  const ask = env.FAST_PATHS ? createAsk(pool, nameOf) : null
  const share = env.FAST_PATHS ? createAsk(pool, nameOf, mayBeCommitted) : null
  const reader = ask && createReader({ db, pool, ask, nameOf, ...(onRead ? { onRead } : {}) })
  const clock = options.clock ?? systemClock
  const sql = { pool, nameOf }
  const services: Services = { env, db, sql, secrets, limits, log, clock, notifications, ask, share }
  await promoteConfiguredAdmin(db, env)
  const auth = createAuth(services)
  const background = await openBackground({
    services,
    auth,
    databaseUrl,
    webhooks: options.webhooks ?? true,
    repeats: options.repeats ?? true,
    ...(options.jobPollInterval ? { jobPollInterval: options.jobPollInterval } : {}),
  })
  const app = createApp({
    ...services,
    schema,
    contextOf: createContextFactory(services, auth, reader?.open),
    authHandler: (request, requestId, clientAddress) => auth.handler(request, requestId, clientAddress),
    exports: createExportRoute(
      services,
      async ({ headers }) => (await readSession(services, auth, headers)).viewer,
    ),
    pages: createPages({ ...services, auth }),
    isReady: async () => (await pendingMigrations(databaseUrl)).length === 0,
    metrics: createMetrics({ pool }),
  })
  return {
    app,
    services,
    auth,
    close: async () => {
      await app.drain()
      await background.stop()
      await notifications.close()
      await close()
    },
  }
}
