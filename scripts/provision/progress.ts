import { Presets, SingleBar } from 'cli-progress'
import type { Operation } from './api.ts'

export interface Progress {
  show(operation: Operation): void
  stop(): void
}

/** A bar on a terminal; elsewhere, as in the log of a CI, a line for each tenth. */
export function openProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return lines(stream)
  const bar = new SingleBar(
    { stream, format: '{bar} {percentage}% | {value} of {total} | {duration_formatted}', hideCursor: true },
    Presets.shades_classic,
  )
  let isStarted = false
  return {
    show: ({ progress: { total, done, failed } }) => {
      if (!isStarted) bar.start(total, done + failed)
      isStarted = true
      bar.update(done + failed)
    },
    stop: () => bar.stop(),
  }
}

function lines(stream: NodeJS.WriteStream): Progress {
  let tenth = -1
  return {
    show: ({ progress: { total, done, failed } }) => {
      const now = Math.floor(((done + failed) * 10) / total)
      if (now > tenth) stream.write(`${done + failed} of ${total}\n`)
      tenth = Math.max(tenth, now)
    },
    stop: () => undefined,
  }
}
