import type { JobTasks } from '../../platform/jobs.ts'
import type { Services } from '../../platform/services.ts'
import { trimLogs } from './trim-log.ts'

declare module '../../platform/jobs.ts' {
  interface JobPayloads {
    /** Removes what is older than the retention of the logs. */
    'trim-logs': object
  }
}

const DAY = 24 * 60 * 60 * 1000

/** The background tasks of the logs. */
export function logTasks({
  db,
  clock,
  env,
  log,
}: Pick<Services, 'db' | 'clock' | 'env' | 'log'>): JobTasks<'trim-logs'> {
  return {
    'trim-logs': async () => {
      if (env.AUDIT_RETENTION_DAYS === 0) return
      const gone = await trimLogs(db, new Date(clock.now().getTime() - env.AUDIT_RETENTION_DAYS * DAY))
      if (gone > 0) log.info({ gone }, 'Removed what was older than the retention of the logs')
    },
  }
}
