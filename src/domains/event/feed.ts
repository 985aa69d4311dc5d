import type { Event } from '../../generated/prisma/client.ts'
import type { Db } from '../../platform/db.ts'
import { expiredPosition } from '../../platform/event-position.ts'
import { EVENT_CHANNEL } from '../../platform/events.ts'
import type { Logger } from '../../platform/log.ts'
import type { Notifications } from '../../platform/notifications.ts'
import type { Services } from '../../platform/services.ts'

/** An entry as it is stored. */
export type Item = Event

/** One entry for a follower, and those that were read with it. */
export interface Told extends Item {
  batch: Batch
  /** When it was read, after `performance.now()`: it was committed before. */
  knownSince: number
}

/** Entries that one read gave a follower. */
export interface Batch {
  ids: string[]
  /** Their rows, once somebody has asked for one of them. */
  rows?: Promise<ReadonlyMap<string, object>>
}

/** New entries that stay in memory, so that all who follow a log share one read of them. */
const KEPT = 1_000
/** Entries of one read for somebody who is further behind. */
const PAGE = 200
const RETRY_MS = 1_000

const feeds = new WeakMap<Notifications, Map<string, Feed>>()

/**
 * Follows a log behind a sequence (E3): what is there already, then what is committed, in its order and each once. Nothing
 * is pushed to a reader who does not ask, so a slow one costs no memory.
 *
 * @param wants which entries
 */
export function follow(
  services: Pick<Services, 'db' | 'log' | 'notifications'>,
  streamId: string,
  after: bigint,
  wants: (item: Item) => boolean,
): AsyncIterableIterator<Told> {
  const ofProcess = feeds.get(services.notifications) ?? new Map<string, Feed>()
  feeds.set(services.notifications, ofProcess)
  const feed = ofProcess.get(streamId) ?? new Feed(services, streamId, () => ofProcess.delete(streamId))
  ofProcess.set(streamId, feed)
  return feed.follow(after, wants)
}

function toldOf(items: Item[]): Told[] {
  const batch: Batch = { ids: items.map(({ id }) => id) }
  const knownSince = performance.now()
  return items.map((item) => ({ ...item, batch, knownSince }))
}

/** One log in one process: one listener and one read of what is new, for any number of followers without timers. */
class Feed {
  /** The last entries up to `head`, without a gap. */
  #recent: Item[] = []
  /** The last sequence that was read; null before the first read. */
  #head: bigint | null = null
  #reading = false
  #again = false
  #followers = 0
  #retry: NodeJS.Timeout | undefined
  readonly #waiting = new Set<() => void>()
  readonly #off: () => void
  readonly #db: Db
  readonly #log: Logger

  constructor(
    { db, log, notifications }: Pick<Services, 'db' | 'log' | 'notifications'>,
    readonly streamId: string,
    readonly onIdle: () => void,
  ) {
    this.#db = db
    this.#log = log
    this.#off = notifications.on(EVENT_CHANNEL, streamId, () => void this.#read())
    void this.#read()
  }

  /** One read at a time; a wake-up during it makes another one necessary. */
  async #read(): Promise<void> {
    this.#again = true
    if (this.#reading) return
    this.#reading = true
    try {
      while (this.#again) {
        this.#again = false
        await this.#readOnce()
      }
    } catch (error) {
      this.#log.warn({ err: error, streamId: this.streamId }, 'Could not read what is new in a log')
      clearTimeout(this.#retry)
      if (this.#followers > 0) this.#retry = setTimeout(() => void this.#read(), RETRY_MS).unref()
    } finally {
      this.#reading = false
    }
  }

  async #readOnce(): Promise<void> {
    if (this.#head === null) {
      const stream = await this.#db.eventStream.findUnique({ where: { id: this.streamId } })
      this.#head = stream?.lastSequence ?? 0n
      return this.#rouse()
    }
    const fresh = await this.#page(this.#head, KEPT)
    if (fresh.length === 0) return
    this.#recent = [...this.#recent, ...fresh].slice(-KEPT)
    this.#head = fresh.at(-1)?.sequence ?? this.#head
    this.#again ||= fresh.length === KEPT
    this.#rouse()
  }

  #rouse(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const go of waiting) go()
  }

  #page(after: bigint, take: number): Promise<Item[]> {
    return this.#db.event.findMany({
      where: { streamId: this.streamId, sequence: { gt: after } },
      orderBy: { sequence: 'asc' },
      take,
    })
  }

  /** What comes behind a sequence, from memory where it is still there; empty when there is nothing new. */
  async #behind(after: bigint): Promise<Item[]> {
    if (this.#head === null || after >= this.#head) return []
    const [first] = this.#recent
    if (!first || after + 1n < first.sequence) {
      const page = await this.#page(after, PAGE)
      // Somebody who reads slower than retention removes has lost events, and has to know.
      if (page[0]?.sequence !== after + 1n) throw expiredPosition(page[0]?.sequence ?? this.#head + 1n)
      return page
    }
    return this.#recent.slice(Number(after + 1n - first.sequence))
  }

  follow(after: bigint, wants: (item: Item) => boolean): AsyncIterableIterator<Told> {
    let at = after
    let ahead: Told[] = []
    let over = false
    let go: (() => void) | undefined
    const end = { done: true, value: undefined } as const
    this.#followers++
    const leave = () => {
      if (over) return
      over = true
      if (go) this.#waiting.delete(go)
      go?.()
      this.#followers--
      if (this.#followers > 0) return
      clearTimeout(this.#retry)
      this.#off()
      this.onIdle()
    }
    const next = async (): Promise<IteratorResult<Told>> => {
      while (!over) {
        const told = ahead.shift()
        if (told) return { done: false, value: told }
        const page = (await this.#behind(at)).slice(0, PAGE)
        at = page.at(-1)?.sequence ?? at
        ahead = toldOf(page.filter(wants))
        if (page.length > 0 || over || (this.#head !== null && at < this.#head)) continue
        await new Promise<void>((resolve) => {
          go = resolve
          this.#waiting.add(resolve)
        })
        go = undefined
      }
      return end
    }
    return {
      [Symbol.asyncIterator]() {
        return this
      },
      next,
      return: async () => {
        leave()
        return end
      },
    }
  }
}
