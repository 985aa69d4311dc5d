import { join } from 'node:path'
import { logTasks } from './domains/event/tasks.ts'
import { startDispatcher } from './domains/event-subscription/dispatch.ts'
import { subscriptionTasks } from './domains/event-subscription/tasks.ts'
import type { Auth } from './domains/identity/auth.ts'
import { identityTasks } from './domains/identity/tasks.ts'
import { purgeTasks } from './domains/organization/tasks.ts'
import { operationTasks, resumeOperations } from './domains/provisioning/tasks.ts'
import { type Database, openDatabase } from './platform/db.ts'
import { migrateJobs, type RepeatedJob, startWorker } from './platform/jobs.ts'
import { createMailer, mailTasks } from './platform/mailer.ts'
import { openOutbound } from './platform/outbound.ts'
import type { Services } from './platform/services.ts'

export interface BackgroundOptions {
  services: Services
  auth: Auth
  databaseUrl: string
  /** Milliseconds between two looks for jobs without a notification. */
  jobPollInterval?: number
  /** Whether webhooks are sent. */
  webhooks: boolean
  /** Whether repeated jobs begin by the clock. */
  repeats: boolean
}

/** What goes on without a request: jobs, and webhooks. */
export interface Background {
  /** Takes nothing new, waits for what runs, and closes its connections. */
  stop(): Promise<void>
}

/**
 * Lays down the queue, and runs jobs and webhooks in this process where the setting JOBS says so. They have connections of
 * their own: a burst of requests must not keep mail waiting, nor the other way round.
 */
export async function openBackground(options: BackgroundOptions): Promise<Background> {
  const { services, databaseUrl } = options
  const jobs = openDatabase({ url: databaseUrl, poolSize: services.env.JOBS ? 6 : 1 })
  await migrateJobs(jobs.pool)
  const stops = services.env.JOBS ? await startAll(options, jobs) : []
  return {
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()))
      await jobs.close()
    },
  }
}

const REPEATED: RepeatedJob[] = [
  { name: 'purge-due', every: '*/10 * * * *' },
  { name: 'trim-logs', every: '20 * * * *' },
  { name: 'trim-attempts', every: '40 * * * *' },
  { name: 'forget-answers', every: '17 3 * * *' },
]

async function startAll(options: BackgroundOptions, jobs: Database): Promise<(() => Promise<void>)[]> {
  const { auth, jobPollInterval, webhooks, repeats } = options
  const services = { ...options.services, db: jobs.db }
  const { env, log, secrets } = services
  const mailer = createMailer({
    from: env.MAIL_FROM,
    mailDir: join(env.DATA_DIR, 'mail'),
    log,
    ...(env.SMTP_URL ? { smtpUrl: env.SMTP_URL } : {}),
  })
  const worker = await startWorker({
    pool: jobs.pool,
    log,
    tasks: {
      ...mailTasks({ mailer, secrets }),
      ...identityTasks({ ...services, auth }),
      ...purgeTasks(services),
      ...logTasks(services),
      ...subscriptionTasks(services),
      ...operationTasks(services),
    },
    repeated: repeats ? REPEATED : [],
    recover: () => resumeOperations(services),
    ...(jobPollInterval ? { pollInterval: jobPollInterval } : {}),
  })
  if (!webhooks) return [() => worker.stop()]
  const outbound = openOutbound({
    allowPrivate: env.WEBHOOK_PRIVATE_NETWORKS,
    timeoutMs: env.WEBHOOK_TIMEOUT_SECONDS * 1000,
  })
  const dispatcher = startDispatcher({ ...services, outbound })
  const stopDispatcher = async () => {
    await dispatcher.stop()
    outbound.close()
  }
  return [() => worker.stop(), stopDispatcher]
}
