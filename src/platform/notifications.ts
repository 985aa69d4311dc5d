import pg from 'pg'
import type { Logger } from './log.ts'

/**
 * Wake-ups between processes, over LISTEN and NOTIFY on one connection for the whole process.
 *
 * A wake-up carries no data: whoever is woken reads what is new since its own cursor. So a wake-up that is lost, because
 * the connection was down, costs nothing: everybody is woken when it is back.
 */
export interface Notifications {
  /**
   * Calls `wake` after each `pg_notify(channel, topic)` that commits, and once when LISTEN began or the connection came
   * back. Register first and read then: whatever commits after the read wakes.
   *
   * @param channel a name of lower-case letters and underscores
   * @param topic the payload to wait for, such as the id of an organization; {@link EVERY_TOPIC} for all
   * @param wake is told which topic; none when anything may have happened
   * @returns ends it
   */
  on(channel: string, topic: string, wake: (topic?: string) => void): () => void
  /**
   * The same as an async iterator: each step resolves once something has happened since the step before, so a slow reader
   * gets one wake-up for many. It ends with `return()`, or with the notifications.
   */
  wakeUps(channel: string, topic: string): AsyncIterableIterator<void>
  /** Closes the connection and ends every iterator. */
  close(): Promise<void>
}

/** Waits for each topic of a channel. */
export const EVERY_TOPIC = '*'

type Wakers = Set<(topic?: string) => void>

interface NotificationOptions {
  url: string
  log: Logger
  /** Milliseconds until the connection is tried again, doubled with each failure up to {@link LONGEST_PAUSE_MS}. */
  pauseMs?: number
  /** Milliseconds between two questions whether the connection still answers. */
  probeMs?: number
}

const LONGEST_PAUSE_MS = 10_000
/** A network that drops packets tells nobody: a connection that gives no answer for this long is given up. */
const PROBE_MS = 20_000

/** Opens the listening connection with the first listener, and keeps it open. */
export function openNotifications(options: NotificationOptions): Notifications {
  const { url, log, pauseMs = 100, probeMs = PROBE_MS } = options
  const channels = new Map<string, Map<string, Wakers>>()
  const enders = new Set<() => void>()
  let client: pg.Client | undefined
  let opening: pg.Client | undefined
  let connecting: Promise<void> | undefined
  let retry: NodeJS.Timeout | undefined
  let failures = 0
  let closed = false

  const wakeAll = (topics: Map<string, Wakers> | undefined) => {
    for (const wakers of topics?.values() ?? []) for (const wake of [...wakers]) wake()
  }

  const lost = (broken: pg.Client, error?: Error) => {
    // A connection tells of its end more than once, and late.
    if (client !== broken && opening !== broken) return
    client = undefined
    opening = undefined
    broken.end().catch(() => undefined)
    if (closed || retry) return
    const pause = Math.min(pauseMs * 2 ** failures, LONGEST_PAUSE_MS)
    failures++
    log.warn({ err: error, pause }, 'The connection for notifications is down and is opened again')
    retry = setTimeout(() => {
      retry = undefined
      void connect()
    }, pause)
    retry.unref()
  }

  const open = async () => {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'atrium notifications',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    })
    opening = fresh
    fresh.on('error', (error) => lost(fresh, error))
    fresh.on('end', () => lost(fresh))
    fresh.on('notification', ({ channel, payload = '' }) => {
      const topics = channels.get(channel)
      for (const topic of [payload, EVERY_TOPIC])
        for (const wake of [...(topics?.get(topic) ?? [])]) wake(payload)
    })
    try {
      await fresh.connect()
      const listened = [...channels.keys()]
      for (const channel of listened) await fresh.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
      if (closed || opening !== fresh) return void (await fresh.end())
      opening = undefined
      client = fresh
      failures = 0
      for (const channel of listened) wakeAll(channels.get(channel))
      const late = [...channels.keys()].filter((channel) => !listened.includes(channel))
      for (const channel of late) listen(channel)
    } catch (error) {
      lost(fresh, error instanceof Error ? error : new Error(String(error)))
    }
  }

  const connect = (): Promise<void> => {
    connecting ??= open().finally(() => {
      connecting = undefined
    })
    return connecting
  }

  const listen = (channel: string) => {
    const current = client
    if (!current) {
      if (!retry) void connect()
      return
    }
    current.query(`LISTEN ${pg.escapeIdentifier(channel)}`).then(
      () => wakeAll(channels.get(channel)),
      (error: Error) => lost(current, error),
    )
  }

  const probe = setInterval(() => {
    const current = client
    current?.query('SELECT 1').catch((error: Error) => lost(current, error))
  }, probeMs)
  probe.unref()

  const on: Notifications['on'] = (channel, topic, wake) => {
    const known = channels.get(channel)
    const topics = known ?? new Map<string, Wakers>()
    const wakers = topics.get(topic) ?? new Set<(topic?: string) => void>()
    const entry = (named?: string) => wake(named)
    wakers.add(entry)
    topics.set(topic, wakers)
    channels.set(channel, topics)
    if (!known && !closed) listen(channel)
    return () => {
      wakers.delete(entry)
      if (wakers.size === 0 && topics.get(topic) === wakers) topics.delete(topic)
    }
  }

  return {
    on,
    wakeUps: (channel, topic) => {
      let pending = false
      let ended = closed
      let resume: (() => void) | undefined
      const rouse = () => {
        pending = true
        resume?.()
      }
      const off = on(channel, topic, rouse)
      const end = () => {
        ended = true
        enders.delete(end)
        off()
        resume?.()
      }
      enders.add(end)
      return {
        [Symbol.asyncIterator]() {
          return this
        },
        next: async () => {
          if (!pending && !ended) await new Promise<void>((resolve) => (resume = resolve))
          resume = undefined
          pending = false
          return ended ? { done: true, value: undefined } : { done: false, value: undefined }
        },
        return: async () => {
          end()
          return { done: true, value: undefined }
        },
      }
    },
    close: async () => {
      closed = true
      clearInterval(probe)
      clearTimeout(retry)
      for (const end of [...enders]) end()
      await connecting
      const last = client
      client = undefined
      await last?.end().catch(() => undefined)
    },
  }
}
