import type { Clock } from '../../src/platform/clock.ts'

export interface MovableClock extends Clock {
  /** Moves the time on by so many milliseconds. */
  advance(milliseconds: number): void
}

/** The real time, that a test can move forward: expiry is tested without waiting. */
export function movableClock(): MovableClock {
  let offset = 0
  return {
    now: () => new Date(Date.now() + offset),
    advance: (milliseconds) => {
      offset += milliseconds
    },
  }
}

export const DAY = 24 * 60 * 60 * 1000
