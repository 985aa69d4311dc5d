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

export const stepKey = (operationId: string): string => `operation:${operationId}`

/** Queues the next step of an operation, in the transaction of the step before: it exists exactly when that one is done. */
export const enqueueStep = (tx: Tx, operationId: string): Promise<void> =>
  addJob(tx, 'run-operation', { operationId }, { key: stepKey(operationId), maxAttempts: MOST_ATTEMPTS })

/**
 * Keeps every other process from working on the operation until the transaction ends.
 *
 * @returns false when another one does so now
 */
export async function claimOperation(tx: Tx, operationId: string): Promise<boolean> {
  // A process that stops in the middle keeps nobody waiting for ever: the server ends its transaction.
  await tx.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = '60s'`
  const [row] = await tx.$queryRaw<{ claimed: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`atrium:${stepKey(operationId)}`}, 0)) AS claimed`
  return row?.claimed ?? false
}
