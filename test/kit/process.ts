import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { print } from 'graphql'
import type { TestApp } from './app.ts'

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))
const READY = /^Atrium is ready[\s\S]*?^\s+GraphiQL\s+(\S+)\/graphql$/m

/** How the process that `npm start` runs has ended. */
export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** The process that `npm start` runs, in a process group of its own. */
export interface Launched {
  pid: number
  /** Everything on both outputs until now. */
  output(): string
  /** Signals the whole process group, as a terminal does. */
  signal(name: NodeJS.Signals): void
  readonly exited: Promise<Exit>
}

export interface Running extends Launched {
  /** Where it listens, such as `http://127.0.0.1:40123`. */
  url: string
}

export interface LaunchOptions {
  /** The account that runs it; the test's own when absent. */
  uid?: number
  gid?: number
}

/** Only what a shell has: settings of the person who runs the tests must not reach the process. */
const shell = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, HOME: '/nonexistent' })

const open = new Set<Launched>()

/** Runs scripts/start.mjs with these settings, on a free port unless they say otherwise. */
export function launch(
  settings: Record<string, string>,
  account: LaunchOptions = {},
  args: string[] = [],
): Launched {
  const child = spawn(process.execPath, [START, ...args], {
    detached: true,
    env: { ...shell(), PORT: '0', DEMO: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
  })
  const launched = { ...observe(child), pid: child.pid ?? 0 }
  open.add(launched)
  void launched.exited.then(() => open.delete(launched))
  return launched
}

function observe(child: ChildProcess): Omit<Launched, 'pid'> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  return {
    output: () => stdout + stderr,
    signal: (name) => void process.kill(-(child.pid ?? 0), name),
    exited: once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr })),
  }
}

/** Launches it and waits until it says that it is ready. */
export async function start(settings: Record<string, string>, account: LaunchOptions = {}): Promise<Running> {
  const launched = launch(settings, account)
  let ended = false
  void launched.exited.then(() => {
    ended = true
  })
  while (!ended) {
    const [, url] = READY.exec(launched.output()) ?? []
    if (url) return { ...launched, url }
    await sleep(20)
  }
  throw new Error(`It ended instead of getting ready: ${launched.output()}`)
}

/** Launches it and waits until it has ended by itself. */
export const startRefused = (settings: Record<string, string>, args: string[] = []): Promise<Exit> =>
  launch(settings, {}, args).exited

/** A process of its own on the database of a test app, asked over HTTP as anybody would. Stop it before the app closes. */
export async function startBeside(app: TestApp): Promise<Pick<TestApp, 'run'> & { stop(): Promise<Exit> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'atrium-beside-'))
  const running = await start({
    DATABASE_URL: app.databaseUrl,
    AUTH_SECRET: app.services.secrets.authSecret,
    DATA_DIR: dataDir,
    RATE_LIMITS: '0',
  })
  return {
    run: async (document, variables, token) => {
      const response = await fetch(`${running.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        body: JSON.stringify({ query: typeof document === 'string' ? document : print(document), variables }),
      })
      return (await response.json()) as never
    },
    stop: async () => {
      running.signal('SIGTERM')
      const exit = await running.exited
      await rm(dataDir, { recursive: true, force: true })
      return exit
    },
  }
}

/** Ends whatever a failed test has left running. */
export async function endLaunched(): Promise<void> {
  await Promise.all(
    [...open].map((launched) => {
      launched.signal('SIGKILL')
      return launched.exited
    }),
  )
}

/** Whether a process with this id lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Asks until the answer is truthy. */
export async function eventually<T>(ask: () => Promise<T> | T, timeout = 15_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeout
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > deadline) throw new Error('Nothing came in time')
    await sleep(25)
  }
}
