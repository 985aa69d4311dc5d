import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Logger } from './log.ts'

/**
 * graphile-worker frees the jobs of a killed process after four hours. Here each worker holds an advisory lock under
 * its name for as long as its connection lives, and PostgreSQL frees that lock the moment the connection is gone. Jobs
 * whose holder's lock is free therefore belong to nobody any more.
 */
const LOCK_OF = (holder: string) => `hashtextextended('atrium:job-worker:' || ${holder}, 0)`

const RETRY_DELAY = 1_000

interface LeaseOptions {
  pool: pg.Pool
  log: Logger
  /** The name under which graphile-worker locks jobs for this worker. */
  holder: string
  /** When it aborts, nothing is acquired any more. */
  stopped: AbortSignal
}

/**
 * Holds the lease of one worker on a connection of its own. It resolves once the lease is held, and takes it again
 * when that connection breaks.
 */
export async function holdLease(options: LeaseOptions): Promise<{ release(): void }> {
  let client: pg.PoolClient | undefined
  let isReleased = false
  const acquire = async (): Promise<void> => {
    while (!isReleased && !options.stopped.aborted) {
      client = await tryToHold(options, () => {
        if (!isReleased) void acquire()
      })
      if (client) return
      await sleep(RETRY_DELAY, undefined, { ref: false })
    }
  }
  await acquire()
  return {
    release: () => {
      isReleased = true
      // Closing the connection frees the lock, also when the connection is in a state that can't be told.
      client?.release(true)
      client = undefined
    },
  }
}

async function tryToHold(options: LeaseOptions, onLost: () => void): Promise<pg.PoolClient | undefined> {
  const { pool, log, holder } = options
  let client: pg.PoolClient | undefined
  try {
    client = await pool.connect()
    const held = client
    // A closing connection may emit several errors; without a listener each of them would end the process.
    held.on('error', () => undefined)
    await held.query(`SELECT pg_advisory_lock(${LOCK_OF('$1')})`, [holder])
    held.once('error', (error) => {
      log.warn({ err: error, holder }, 'The job worker lost its lease and takes it again')
      held.release(true)
      onLost()
    })
    return held
  } catch (error) {
    client?.release(true)
    log.warn({ err: error, holder }, 'The job worker could not take its lease yet')
    return undefined
  }
}

/**
 * Frees the jobs and queues locked by workers whose lease nobody holds.
 *
 * @returns how many dead workers it cleaned up after
 */
export async function releaseOrphanedJobs(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ locked_by: string }>(
    `SELECT locked_by FROM (
       SELECT locked_by FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL
       UNION SELECT locked_by FROM graphile_worker._private_job_queues WHERE locked_by IS NOT NULL
     ) AS holder
     WHERE pg_try_advisory_xact_lock(${LOCK_OF('locked_by')})`,
  )
  if (rows.length === 0) return 0
  const dead = rows.map((row) => row.locked_by)
  await pool.query('SELECT graphile_worker.force_unlock_workers($1::text[])', [dead])
  return dead.length
}
