import { setTimeout as sleep } from 'node:timers/promises'
import { json } from './answers.ts'

/** Shorter than the patience of usual probes, which is at least two seconds. */
const PATIENCE_MS = 1_500

/** The process runs. */
export const live = (): Response => json({ status: 'live' })

/**
 * Whether the process can do its work: the database answers in time, and it is not shutting down.
 *
 * @param isReady asks the database
 */
export async function ready(isReady: () => Promise<boolean>, draining: boolean): Promise<Response> {
  if (draining) return unavailable('shutting down')
  const patience = new AbortController()
  const answer = await Promise.race([
    isReady().catch(() => false),
    sleep(PATIENCE_MS, 'late' as const, { signal: patience.signal, ref: false }).catch(() => 'late' as const),
  ])
  patience.abort()
  if (answer === 'late') return unavailable('the database does not answer in time')
  return answer ? json({ status: 'ready' }) : unavailable('the database is not reachable or not migrated')
}

const unavailable = (reason: string) => json({ status: 'unavailable', reason }, 503, { 'retry-after': '5' })
