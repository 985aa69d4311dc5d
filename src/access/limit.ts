import type { LimitedAction } from '../platform/rate-limits.ts'
import type { Caller } from './caller.ts'

/**
 * Counts an attempt that somebody could repeat to guess or to annoy. Asked before anything is looked up, so that the
 * answer is the same whether or not an account exists.
 *
 * @param account what they try to reach: an e-mail address, a user id, a token
 * @throws {CodedError} RATE_LIMITED
 */
export async function limit(caller: Caller, action: LimitedAction, account: string): Promise<void> {
  await caller.limits.take(action, { address: caller.clientAddress ?? null, account })
}
