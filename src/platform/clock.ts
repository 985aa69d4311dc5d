/** The time, as a dependency: tests move it, so that expiry is tested without waiting. */
export interface Clock {
  /** The current instant. */
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }
