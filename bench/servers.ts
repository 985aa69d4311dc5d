import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ServerName } from './operations.ts'

/** One server that was started for the benchmark. */
export interface Running {
  name: ServerName
  port: number
  pid: number
  /** Milliseconds from the start of the process to its first answer. */
  coldStart: number
  stop(): Promise<void>
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const COMMANDS: Record<ServerName, string> = {
  // What `npm start` runs when everything is built.
  atrium: here('../dist/main.js'),
  postgraphile: here('peers/postgraphile.mjs'),
  mercurius: here('peers/mercurius.mjs'),
  floor: here('peers/floor.mjs'),
}

const PATIENCE_MS = 30_000

/**
 * Starts a server in production mode and waits until it answers.
 *
 * @throws {Error} with what it wrote, when it ends or does not answer
 */
export async function startServer(
  name: ServerName,
  databaseUrl: string,
  settings: Record<string, string> = {},
): Promise<Running> {
  const port = await freePort()
  const dataDir = await mkdtemp(join(tmpdir(), 'atrium-bench-data-'))
  const started = performance.now()
  const logFile = join(dataDir, 'log')
  const child = spawn(process.execPath, [COMMANDS[name]], {
    stdio: ['ignore', 'ignore', openSync(logFile, 'a')],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      ...(name === 'atrium' ? atriumSettings(dataDir) : {}),
      ...settings,
    },
  })
  const stop = stopper(child, dataDir)
  try {
    await answering(child, port)
  } catch (error) {
    const { readFile } = await import('node:fs/promises')
    const wrote = await readFile(logFile, 'utf8').catch(() => '')
    await stop()
    throw new Error(`${name} did not start: ${(error as Error).message}\n${wrote.slice(0, 4000)}`)
  }
  return { name, port, pid: Number(child.pid), coldStart: performance.now() - started, stop }
}

/** Attempts are counted by rows that no peer writes, so they are left uncounted; all else is as in production. */
const atriumSettings = (dataDir: string) => ({
  AUTH_SECRET: 'benchmark-benchmark-benchmark-benchmark',
  DATA_DIR: dataDir,
  RATE_LIMITS: '0',
  DEMO: '0',
})

async function answering(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    }).catch(() => null)
    await answer?.arrayBuffer()
    if (answer && answer.status !== 503) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`it did not answer within ${PATIENCE_MS / 1000} seconds`)
}

function stopper(child: ChildProcess, dataDir: string): () => Promise<void> {
  return async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
      child.kill('SIGTERM')
      await ended
      clearTimeout(timer)
    }
    await rm(dataDir, { recursive: true, force: true })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
