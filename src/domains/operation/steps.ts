import type { Tx } from '../../platform/db.ts'
import { addJob } from '../../platform/jobs.ts'

declare module '../../platform/jobs.ts' {
  interface JobPayloads {
    /** Does the next step of an operation, whichever that is, and queues the one behind it. */
    'run-operation': { operationId: string }
  }
}

/** How often a step is tried, with exponential backoff, before its operation fails: for about half an hour. */
export const MOST_ATTEMPTS = 8

/** Milliseconds that a step may take, its wait for the one before included. */
export const STEP_PATIENCE_MS = 120_000

export const stepKey = (operationId: string): string => `operation:${operationId}`

/** Queues the next step of an operation, in the transaction of the step before: it exists exactly when that one is done. */
export const enqueueStep = (tx: Tx, operationId: string): Promise<void> =>
  addJob(tx, 'run-operation', { operationId }, { key: stepKey(operationId), maxAttempts: MOST_ATTEMPTS })

/**
 * Keeps every other process from working on the operation until the transaction ends. It waits for the one that does so now:
 * a step that gave way would be missing when that one is rolled back by a cancellation.
 */
export async function claimOperation(tx: Tx, operationId: string): Promise<void> {
  // A process that stops in the middle keeps nobody waiting for ever: the server ends its transaction.
  await tx.$executeRaw`
    SELECT set_config('idle_in_transaction_session_timeout', '60s', true),
           set_config('lock_timeout', ${`${STEP_PATIENCE_MS}ms`}, true)`
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended(${`atrium:${stepKey(operationId)}`}, 0))`
}
