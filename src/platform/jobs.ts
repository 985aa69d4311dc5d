import { type Runner, run, runMigrations, type TaskList, Logger as WorkerLogger } from 'graphile-worker'
import type pg from 'pg'
import type { Tx } from './db.ts'
import { holdLease, releaseOrphanedJobs } from './job-lease.ts'
import type { Logger } from './log.ts'

/**
 * Every background task with the payload it takes. A domain adds its own by declaration merging:
 * `declare module '../../platform/jobs.ts' { interface JobPayloads { 'purge-workspace': { workspaceId: string } } }`.
 */
export interface JobPayloads {
  /** A mail, sealed: what it links to must not be readable in the queue. */
  'send-mail': { sealed: string }
}

export type JobName = keyof JobPayloads & string

/** What runs the jobs of these names. A task may run twice for one job, so it must bear that. */
export type JobTasks<Name extends JobName = JobName> = {
  [N in Name]: (payload: JobPayloads[N], job: { id: string; attempt: number }) => Promise<void>
}

export interface JobOptions {
  /** Not before this instant. */
  runAt?: Date
  /** How often it is tried before it is given up; graphile-worker's default is 25, with exponential backoff. */
  maxAttempts?: number
  /** A waiting job of the same key is replaced by this one. */
  key?: string
}

/**
 * Adds a job in the transaction of the write that it follows from: it exists exactly when that transaction commits.
 *
 * @param tx the open transaction
 */
export async function addJob<Name extends JobName>(
  tx: Tx,
  name: Name,
  payload: JobPayloads[Name],
  options: JobOptions = {},
): Promise<void> {
  await tx.$executeRaw`
    SELECT graphile_worker.add_job(
      ${name},
      ${JSON.stringify(payload)}::json,
      run_at => ${options.runAt ?? null}::timestamptz,
      max_attempts => ${options.maxAttempts ?? null}::integer,
      job_key => ${options.key ?? null})`
}

/**
 * Adds many jobs of one name with one statement, in the transaction of the write that they follow from.
 *
 * @param jobs each with its payload and, perhaps, its key
 */
export async function addJobs<Name extends JobName>(
  tx: Tx,
  name: Name,
  jobs: readonly { payload: JobPayloads[Name]; key: string | null }[],
): Promise<void> {
  if (jobs.length === 0) return
  await tx.$executeRaw`
    SELECT graphile_worker.add_job(${name}, job.payload, job_key => job.key)
    FROM jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) AS job (payload json, key text)`
}

/** Takes a waiting job back by its key, in the transaction that makes it needless; one that runs already goes on. */
export async function removeJob(tx: Tx, key: string): Promise<void> {
  await tx.$executeRaw`SELECT graphile_worker.remove_job(${key})`
}

/** Lays down or updates graphile-worker's own schema. Several processes may do so at once. */
export async function migrateJobs(pool: pg.Pool): Promise<void> {
  catchClientErrors(pool)
  await runMigrations({ pgPool: pool, logger: new WorkerLogger(() => () => undefined) })
}

/** A connection that breaks emits an error, idle or checked out; without a listener it would end the process. */
function catchClientErrors(pool: pg.Pool): void {
  if (pool.listenerCount('error') === 0) pool.on('error', () => undefined)
  if (pool.listenerCount('connect') === 0) pool.on('connect', (client) => client.on('error', () => undefined))
}

export interface JobWorker {
  /** Takes no new job, waits for the running ones, and closes its connections. */
  stop(): Promise<void>
}

/** A task that is repeated, as `every` says in the five fields of cron (UTC), whatever number of processes there is. */
export interface RepeatedJob {
  name: JobName
  every: string
}

export interface JobWorkerOptions {
  pool: pg.Pool
  tasks: JobTasks
  /** One run of each waits for the one before, and a time that no process was up for is left out. */
  repeated?: RepeatedJob[]
  log: Logger
  /** Jobs that run at the same time in this process. */
  concurrency?: number
  /** Milliseconds between two looks for jobs that became due without a notification. */
  pollInterval?: number
  /** Milliseconds between two looks for jobs of processes that died. */
  recoveryInterval?: number
  /** Looks for work that was left behind in another way, at the same moments. */
  recover?: () => Promise<unknown>
}

const RESTART_DELAY = 5_000

/**
 * Runs the jobs of the queue in this process until it is stopped. A job that throws is tried again later with
 * exponential backoff. Jobs that a killed process left locked are taken over as soon as its connection is gone.
 */
export async function startWorker(options: JobWorkerOptions): Promise<JobWorker> {
  const { pool, log, recoveryInterval = 15_000 } = options
  catchClientErrors(pool)
  const stopping = new AbortController()
  const recover = () =>
    releaseOrphanedJobs(pool).then(
      (count) => count > 0 && log.warn({ count }, 'Took over the jobs of workers that died'),
      (error: unknown) => log.warn({ err: error }, 'Could not look for jobs of workers that died'),
    )
  const recoverMore = async () =>
    options
      .recover?.()
      .catch((error: unknown) => log.warn({ err: error }, 'Could not look for work that was left behind'))
  await recover()
  const timer = setInterval(() => void recover().then(recoverMore), recoveryInterval)
  timer.unref()
  let runner = await startRunner(options, stopping.signal)
  const supervise = () =>
    runner.promise
      .catch((error: unknown) => log.error({ err: error }, 'The job worker ended with an error'))
      .then(() => restartUnlessStopped())
  const restartUnlessStopped = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY).unref())
      if (stopping.signal.aborted) return
      try {
        runner = await startRunner(options, stopping.signal)
        void supervise()
        return
      } catch (error) {
        log.error({ err: error }, 'The job worker could not be started again')
      }
    }
  }
  void supervise()
  return {
    stop: async () => {
      clearInterval(timer)
      const isRunning = !stopping.signal.aborted
      stopping.abort()
      if (isRunning) await runner.stop().catch(() => undefined)
    },
  }
}

/** Starts graphile-worker; its lease is held before it locks its first job, and given up after its last. */
async function startRunner(options: JobWorkerOptions, stopped: AbortSignal): Promise<Runner> {
  const { pool, tasks, log, repeated = [], concurrency = 4, pollInterval = 2_000 } = options
  let lease: Promise<{ release(): void }> | undefined
  const runner = await run({
    pgPool: pool,
    taskList: taskListOf(tasks),
    // The queue makes runs wait for each other; the key makes those that wait one.
    crontab: repeated.map(({ name, every }) => `${every} ${name} ?queue=${name}&jobKey=${name}`).join('\n'),
    concurrency,
    pollInterval,
    noHandleSignals: true,
    logger: workerLogger(log),
    preset: {
      // In batches graphile-worker waits at its end until every finished job is noted as such. Otherwise it does not,
      // and a job that ended during a shutdown would run again.
      worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
      plugins: [
        {
          name: 'AtriumLeasePlugin',
          version: '1.0.0',
          worker: {
            hooks: {
              startWorker: async (_context, { worker }) => {
                lease ??= holdLease({ pool, log, holder: worker.workerPool.id, stopped })
                await lease
              },
            },
          },
        },
      ],
    },
  })
  const giveUp = async () => (await lease)?.release()
  runner.promise.then(giveUp, giveUp)
  return runner
}

function taskListOf(tasks: JobTasks): TaskList {
  return Object.fromEntries(
    (Object.keys(tasks) as JobName[]).map((name) => [
      name,
      (payload: unknown, { job }: { job: { id: string; attempts: number } }) =>
        tasks[name](payload as never, { id: String(job.id), attempt: job.attempts }),
    ]),
  )
}

/** graphile-worker's messages through pino, without the payloads that it attaches to them. */
function workerLogger(log: Logger): WorkerLogger {
  return new WorkerLogger((scope) => (level, message, meta) => {
    const fields = { ...scope, ...(meta?.error ? { err: meta.error } : {}) }
    if (level === 'error') log.error(fields, message)
    else if (level === 'warning') log.warn(fields, message)
    else log.debug(fields, message)
  })
}
