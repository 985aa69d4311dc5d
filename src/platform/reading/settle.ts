import { isDatabaseOutage } from '../outage.ts'

/** Somebody who waits for an answer. */
export interface Waiting {
  resolve(answer: unknown): void
  reject(error: unknown): void
}

/**
 * Gives all of them their answers by one statement. Where it fails, what one of them says may be wrong, and each is asked about
 * alone; a database that is away is away for all of them.
 *
 * @param send answers in the order of those who wait
 * @param isForAll whether an error is told to all of them, and nobody asked about again
 * @returns why the database could not be asked; undefined when it could
 */
export async function settleTogether<T extends Waiting>(
  waiting: readonly T[],
  send: (waiting: readonly T[]) => Promise<readonly unknown[]>,
  isForAll = isDatabaseOutage,
): Promise<unknown> {
  try {
    const answers = await send(waiting)
    for (const [at, { resolve }] of waiting.entries()) resolve(answers[at] ?? null)
    return undefined
  } catch (error) {
    if (!isForAll(error) && waiting.length > 1) {
      const ends = await Promise.all(waiting.map((one) => settleTogether([one], send, isForAll)))
      return ends.find((end) => end !== undefined)
    }
    for (const { reject } of waiting) reject(error)
    return isDatabaseOutage(error) ? error : undefined
  }
}
