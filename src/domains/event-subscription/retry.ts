const SECOND = 1_000
const HOUR = 3_600 * SECOND
const LONGEST = 12 * HOUR
/** A receiver may ask for more patience than we would have, but not for ever. */
const LONGEST_ASKED = 24 * HOUR

/**
 * How long to wait behind so many failures in a row: 1 second, doubled up to 12 hours, a quarter more or less, so that
 * receivers that came back together are not all asked at once. What the receiver asks for counts where it is longer.
 *
 * @param failures at least 1
 * @param retryAfter the header as it came: seconds, or a date
 */
export function pauseAfter(
  failures: number,
  retryAfter: string | null,
  now: Date,
  random: () => number = Math.random,
): number {
  const backoff = Math.min(SECOND * 2 ** Math.min(failures - 1, 30), LONGEST) * (0.75 + random() / 2)
  return Math.round(Math.max(backoff, askedFor(retryAfter, now)))
}

function askedFor(retryAfter: string | null, now: Date): number {
  if (retryAfter === null) return 0
  const asked = /^\s*\d+\s*$/.test(retryAfter)
    ? Number(retryAfter) * SECOND
    : new Date(retryAfter).getTime() - now.getTime()
  return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), LONGEST_ASKED)
}
