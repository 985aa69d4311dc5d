import { inTransaction } from '../../platform/db.ts'
import type { JobTasks } from '../../platform/jobs.ts'
import type { Services } from '../../platform/services.ts'
import { rememberedSince } from '../operation/idempotency.ts'
import { enqueueStep, MOST_ATTEMPTS, stepKey } from '../operation/steps.ts'
import { failOperation, runOperation } from './run-operation.ts'

declare module '../../platform/jobs.ts' {
  interface JobPayloads {
    /** Forgets answers that are too old to be repeated, and old plans. */
    'forget-answers': object
  }
}

/** Milliseconds without a sign of life after which somebody else goes on with an operation. */
const STUCK_MS = 90_000
/** A plan is for people to look at: it is gone after a month. */
const PLAN_DAYS = 30

/** The background tasks of operations. */
export function operationTasks(services: Services): JobTasks<'run-operation' | 'forget-answers'> {
  const { db, log } = services
  return {
    'run-operation': async ({ operationId }, { attempt }) => {
      try {
        await runOperation(services, operationId)
      } catch (error) {
        if (attempt < MOST_ATTEMPTS) throw error
        log.error({ err: error, operationId }, 'An operation is given up')
        const operation = await db.operation.findUnique({ where: { id: operationId } })
        if (operation) await failOperation(services, operation, GIVEN_UP)
      }
    },
    'forget-answers': () => forgetAnswers(services),
  }
}

const GIVEN_UP = {
  reason: 'INTERNAL',
  message: 'The service could not carry this out, though it tried several times. What was done before stays.',
} as const

/**
 * Queues the next step of operations whose step nobody has queued, or whose step has been running for too long: its process
 * may have stopped without dying. Steps exclude each other, so that one too many does no harm.
 *
 * @returns how many
 */
export async function resumeOperations(services: Services): Promise<number> {
  const { db, log } = services
  const stuck = await db.$queryRaw<{ id: string }[]>`
    SELECT o.id FROM operation o
    WHERE o.state IN ('PENDING', 'RUNNING') AND o.updated_at < now() - make_interval(secs => ${STUCK_MS / 1000})
      AND NOT EXISTS (
        SELECT FROM graphile_worker.jobs j
        WHERE j.key = ${stepKey('')} || o.id AND j.attempts < j.max_attempts
          AND (j.locked_at IS NULL OR j.locked_at > now() - make_interval(secs => ${STUCK_MS / 1000}))
      )`
  for (const { id } of stuck) {
    log.warn({ operationId: id }, 'Nobody goes on with this operation; its next step is queued')
    await inTransaction(db, (tx) => enqueueStep(tx, id))
  }
  return stuck.length
}

/** Removes what nobody can ask for any more. */
async function forgetAnswers(services: Services): Promise<void> {
  const { db, clock } = services
  await db.idempotencyKey.deleteMany({ where: { createdAt: { lt: rememberedSince(services) } } })
  const old = new Date(clock.now().getTime() - PLAN_DAYS * 86_400_000)
  await db.operation.deleteMany({ where: { validateOnly: true, finishedAt: { lt: old } } })
}
