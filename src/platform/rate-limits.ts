import { createHash } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import type pg from 'pg'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { rateLimited } from './refusal.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE

/**
 * How often something may be tried: from one address, and for one account (or e-mail address, or token) from everywhere.
 * An office shares an address, so that is allowed more.
 */
const LIMITS = {
  /** Attempts with a password; a right one clears the account's count. */
  'sign-in': { address: [100, 15 * MINUTE], account: [10, 15 * MINUTE] },
  'sign-up': { address: [30, HOUR], account: [10, HOUR] },
  'password-reset': { address: [30, HOUR], account: [5, HOUR] },
  verification: { address: [30, HOUR], account: [5, HOUR] },
  /** Looking at an invite, accepting or declining it, by its token. */
  invite: { address: [120, 15 * MINUTE], account: [60, 15 * MINUTE] },
} as const satisfies Record<string, Record<Per, readonly [points: number, seconds: number]>>

type Per = 'address' | 'account'
export type LimitedAction = keyof typeof LIMITS

/** Who tries: `account` is what they try to reach, whether or not it exists. */
export interface Attempt {
  /** Null where nobody is at the other end: the seed, jobs. */
  address: string | null
  account: string
}

/** Counts attempts for all processes on one database. */
export interface RateLimits {
  /** @throws {CodedError} RATE_LIMITED with `retryAfter` in seconds */
  take(action: LimitedAction, attempt: Attempt): Promise<void>
  /** Forgets the attempts on an account, because one was right. */
  clear(action: LimitedAction, account: string): Promise<void>
}

/** For RATE_LIMITS=0. */
export const noRateLimits: RateLimits = { take: async () => undefined, clear: async () => undefined }

/** @param pool where the table `rate_limit` is, which a migration has made */
export function createRateLimits(pool: pg.Pool): RateLimits {
  const limiters = new Map<string, RateLimiterPostgres>()
  for (const [action, limits] of Object.entries(LIMITS)) {
    for (const [per, [points, duration]] of Object.entries(limits)) {
      const keyPrefix = `${action}:${per}`
      const isFirst = limiters.size === 0
      limiters.set(
        keyPrefix,
        new RateLimiterPostgres({
          storeClient: pool,
          storeType: 'pool',
          tableName: 'rate_limit',
          tableCreated: true,
          // One of them clears the table for all.
          clearExpiredByTimeout: isFirst,
          keyPrefix,
          points,
          duration,
        }),
      )
    }
  }
  const limiter = (action: LimitedAction, per: Per) => limiters.get(`${action}:${per}`) as RateLimiterPostgres
  const consume = async (action: LimitedAction, per: Per, who: string) => {
    try {
      await limiter(action, per).consume(fingerprint(who))
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      throw rateLimited(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)))
    }
  }
  return {
    take: async (action, { address, account }) => {
      if (address !== null) await consume(action, 'address', networkOf(address))
      await consume(action, 'account', account)
    },
    clear: async (action, account) => {
      await limiter(action, 'account').delete(fingerprint(account))
    },
  }
}

/** The table tells nobody who tried what. */
const fingerprint = (text: string) => createHash('sha256').update(text.toLowerCase()).digest('base64url')

/** An IPv6 address without its last half: whoever has one has 2 to the power of 64. */
export function networkOf(address: string): string {
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? []
  if (mapped && isIPv4(mapped)) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.toLowerCase().split('%', 1)[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
