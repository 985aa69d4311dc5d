import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from './log.ts'

/** Ends the process in order, however it is asked to. */
export interface Shutdown {
  /** What to do at the end; the step that was added last runs first. */
  add(name: string, close: () => Promise<void> | void): void
  /** Runs the start; a shutdown in the middle of it waits for its current work. */
  guard(start: () => Promise<void>): Promise<void>
  /** Ends the process with this exit code once all steps have run. */
  run(code: number): Promise<void>
}

interface ShutdownOptions {
  log: Logger
  /** How long a start that is under way may take until it is abandoned. */
  patienceMs: number
  exit?: (code: number) => void
  /** Who is signalled; tests give something other than the process. */
  source?: Pick<NodeJS.EventEmitter, 'on'>
}

/** npm passes on a signal that its whole process group has got already: the same request, twice. */
const SAME_REQUEST_MS = 300
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Listens to signals and to errors that nobody caught. The first signal ends in order with exit code 0, a second one
 * at once.
 */
export function createShutdown(options: ShutdownOptions): Shutdown {
  const { log, patienceMs, exit = process.exit, source = process } = options
  let started: Promise<unknown> = Promise.resolve()
  const steps: { name: string; close: () => Promise<void> | void }[] = []
  let running: Promise<void> | undefined

  const closeAll = async (code: number) => {
    await Promise.race([started, sleep(patienceMs, undefined, { ref: false })])
    for (const { name, close } of steps.reverse()) {
      try {
        await close()
      } catch (error) {
        log.error({ err: error, step: name }, 'could not close')
      }
    }
    exit(code)
  }
  const run = (code: number) => {
    running ??= closeAll(code)
    return running
  }

  let firstAt: number | undefined
  for (const signal of SIGNALS) {
    source.on(signal, () => {
      const now = performance.now()
      if (firstAt === undefined) {
        firstAt = now
        log.info({ signal }, 'shutting down')
        void run(0)
      } else if (now - firstAt > SAME_REQUEST_MS) {
        exit(signal === 'SIGTERM' ? 143 : 130)
      }
    })
  }
  const crash = (error: unknown) => {
    log.fatal({ err: error }, 'uncaught error')
    void run(1)
  }
  source.on('uncaughtException', crash)
  source.on('unhandledRejection', crash)
  return {
    add: (name, close) => void steps.push({ name, close }),
    guard: (start) => {
      const starting = start()
      started = starting.catch(() => undefined)
      return starting
    },
    run,
  }
}
