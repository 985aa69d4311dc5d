import { Prisma } from '../../generated/prisma/client.ts'
import type { JobTasks } from '../../platform/jobs.ts'
import type { Services } from '../../platform/services.ts'

declare module '../../platform/jobs.ts' {
  interface JobPayloads {
    /** Removes attempts of webhooks that are older than their retention. */
    'trim-attempts': object
  }
}

const DAY = 24 * 60 * 60 * 1000
const BATCH = 5_000

/** The background tasks of webhooks, beside their dispatcher. */
export function subscriptionTasks({
  db,
  clock,
  env,
}: Pick<Services, 'db' | 'clock' | 'env'>): JobTasks<'trim-attempts'> {
  return {
    'trim-attempts': async () => {
      const before = new Date(clock.now().getTime() - env.ATTEMPT_RETENTION_DAYS * DAY)
      const some = Prisma.sql`SELECT id FROM delivery_attempt WHERE created_at < ${before} ORDER BY created_at LIMIT ${BATCH}`
      while ((await db.$executeRaw`DELETE FROM delivery_attempt WHERE id IN (${some})`) >= BATCH);
    },
  }
}
