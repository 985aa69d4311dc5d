import type { Env } from '../env.ts'
import type { Clock } from './clock.ts'
import type { Db, SqlDatabase } from './db.ts'
import type { Logger } from './log.ts'
import type { Notifications } from './notifications.ts'
import type { RateLimits } from './rate-limits.ts'
import type { Ask } from './reading/ask.ts'
import type { Secrets } from './secrets.ts'

/** What every part of the process shares: opened once by main.ts, or by the test kit. */
export interface Services {
  env: Env
  db: Db
  /** For writes that are SQL alone. */
  sql: SqlDatabase
  clock: Clock
  log: Logger
  secrets: Secrets
  limits: RateLimits
  /** Wake-ups from other processes. */
  notifications: Notifications
  /** Statements beside Prisma's, where FAST_PATHS is on. */
  ask: Ask | null
  /** The same for writes that many requests may share (`writeTogether`). */
  share: Ask | null
}
