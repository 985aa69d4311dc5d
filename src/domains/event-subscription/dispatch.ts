import { inTransaction } from '../../platform/db.ts'
import { appendEvents, EVENT_CHANNEL, typesNamedBy } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { EVERY_TOPIC } from '../../platform/notifications.ts'
import type { Outbound } from '../../platform/outbound.ts'
import type { Services } from '../../platform/services.ts'
import {
  type Attempt,
  type Claim,
  claimDue,
  giveBack,
  type Progress,
  readBehind,
  saveProgress,
} from './claims.ts'
import { messageOf } from './message.ts'
import { pauseAfter } from './retry.ts'
import { sendMessage } from './send-message.ts'

export interface Dispatcher {
  /** Takes nothing new, and resolves when what is on its way has arrived or failed. */
  stop(): Promise<void>
}

interface DispatcherOptions extends Services {
  outbound: Outbound
  /** Milliseconds between two looks for what no notification has told of: retries, and what a killed process has left. */
  sweepMs?: number
}

/** Subscriptions that one process sends to at the same time: they wait for the network, not for each other. */
const MOST_AT_ONCE = 200
const PAGE = 100
/** What was delivered is stored after so many messages, or so many milliseconds; a killed process repeats as much. */
const SAVE_MESSAGES = 20
const SAVE_MS = 2_000
/** Notifications of so many milliseconds make one look. */
const GATHER_MS = 20
const LEASE_SPARE_MS = 10_000
const DAY = 24 * 60 * 60 * 1000

/**
 * Sends events to the addresses that have subscribed to them (E4): each subscription by one process at a time, in the order
 * of the log, one message after the other; different subscriptions beside each other. The cursor of a subscription moves
 * behind what was delivered, so that whatever is killed, and whenever, another process goes on there.
 */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { db, clock, env, log, notifications, sweepMs = 5_000 } = options
  const holder = newId()
  const active = new Map<string, Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()
  const waiting = new Set<string | null>()
  let looking = false
  let stopped = false

  const leaseEnd = () =>
    new Date(clock.now().getTime() + env.WEBHOOK_TIMEOUT_SECONDS * 1000 + SAVE_MS + LEASE_SPARE_MS)

  const look = async (organizationId: string | null): Promise<void> => {
    waiting.add(organizationId)
    if (looking) return
    looking = true
    try {
      while (waiting.size > 0 && !stopped) {
        const named = waiting.has(null) ? null : [...waiting].filter((id) => id !== null)
        waiting.clear()
        const most = MOST_AT_ONCE - active.size
        if (most <= 0) continue
        const query = { holder, now: clock.now(), leaseEndsAt: leaseEnd(), most }
        for (const claim of await claimDue(db, query, named)) begin(claim)
      }
    } catch (error) {
      log.warn({ err: error }, 'Could not look for events to deliver')
    } finally {
      looking = false
    }
  }

  const later = (organizationId: string, pause: number) => {
    if (pause > 60_000 || stopped) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      void look(organizationId)
    }, pause)
    timers.add(timer.unref())
  }

  const begin = (claim: Claim) => {
    const work = deliver(claim)
      .catch((error: unknown) =>
        log.warn({ err: error, subscriptionId: claim.id }, 'Could not deliver events'),
      )
      .finally(() => {
        const wasFull = active.size >= MOST_AT_ONCE
        active.delete(claim.id)
        if (wasFull) void look(null)
        // What was committed between the last read and the end of the claim found it taken.
        void look(claim.organizationId)
      })
    active.set(claim.id, work)
  }

  /** Sends what is behind the cursor until nothing is left, something fails, or the claim is lost. */
  const deliver = async (first: Claim): Promise<void> => {
    let claim = first
    let attempts: Attempt[] = []
    let savedAt = performance.now()
    let { cursor, failures, firstFailedAt } = claim
    const save = async (more: Partial<Progress>): Promise<boolean> => {
      const progress = { cursor, failures, firstFailedAt, nextAttemptAt: null, leaseEndsAt: leaseEnd() }
      const kept = await saveProgress(
        db,
        claim,
        holder,
        { from: claim.cursor, ...progress, ...more },
        attempts,
      )
      attempts = []
      savedAt = performance.now()
      if (!kept) await giveBack(db, claim, holder)
      claim = kept ?? claim
      return kept !== null
    }
    for (;;) {
      const page = stopped ? [] : await readBehind(db, { ...claim, cursor }, PAGE)
      for (const row of page) {
        if (stopped) break
        if (typesNamedBy(claim.types)?.has(row.type) ?? true) {
          const { attempt, retryAfter } = await sendMessage(options, claim, messageOf(row), row.id)
          attempts.push(attempt)
          if (attempt.outcome === 'FAILED') {
            failures++
            firstFailedAt ??= attempt.at
            return fail(attempt, retryAfter, save, { ...claim, failures, firstFailedAt })
          }
          failures = 0
          firstFailedAt = null
        }
        cursor = row.sequence
        const isDue = attempts.length >= SAVE_MESSAGES || performance.now() - savedAt > SAVE_MS
        if (isDue && !(await save({}))) return
      }
      if (page.length === 0 || stopped) return void (await save({ leaseEndsAt: null }))
    }
  }

  const fail = async (
    { status, at }: Attempt,
    retryAfter: string | null,
    save: (more: Partial<Progress>) => Promise<boolean>,
    { id, organizationId, workspaceId, failures, firstFailedAt }: Claim,
  ): Promise<void> => {
    const pause = pauseAfter(failures, retryAfter, at)
    const kept = await save({ leaseEndsAt: null, nextAttemptAt: new Date(at.getTime() + pause) })
    if (!kept) return
    const since = at.getTime() - (firstFailedAt ?? at).getTime()
    const reason = status === 410 ? 'GONE' : since >= env.WEBHOOK_GIVE_UP_DAYS * DAY ? 'FAILING' : null
    if (!reason) return later(organizationId, pause + 10)
    await inTransaction(db, async (tx) => {
      const { count } = await tx.eventSubscription.updateMany({
        where: { id, enabled: true },
        data: { enabled: false, disabledReason: reason },
      })
      if (count === 0) return
      await appendEvents(tx, { viewer: null, requestId: null }, [
        {
          organizationId,
          workspaceId,
          type: 'subscription.disabled',
          subject: { type: 'EventSubscription', id },
          changes: {
            enabled: { before: true, after: false },
            disabledReason: { before: null, after: reason },
          },
        },
      ])
    })
    log.info({ subscriptionId: id, reason }, 'An event subscription was switched off')
  }

  // Most commits are of no interest here: those of a moment are looked at together.
  let heard: NodeJS.Timeout | undefined
  const off = notifications.on(EVENT_CHANNEL, EVERY_TOPIC, (topic) => {
    waiting.add(topic ?? null)
    heard ??= setTimeout(() => {
      heard = undefined
      const [some] = waiting
      if (some !== undefined) void look(some)
    }, GATHER_MS).unref()
  })
  const sweep = setInterval(() => void look(null), sweepMs).unref()
  void look(null)
  return {
    stop: async () => {
      stopped = true
      off()
      clearInterval(sweep)
      clearTimeout(heard)
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(active.values())
    },
  }
}
