import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Database, inTransaction, openDatabase } from '../../src/platform/db.ts'
import { addJob, type JobTasks, type JobWorker, startWorker } from '../../src/platform/jobs.ts'
import { createLogger } from '../../src/platform/log.ts'
import { databaseUrl, withClient } from '../kit/cluster.ts'

const name = `jobs_${randomBytes(5).toString('hex')}`
const url = databaseUrl(inject('serverUrl'), name)
const children: ChildProcess[] = []
const workers: JobWorker[] = []
let database: Database

beforeAll(async () => {
  await withClient(inject('serverUrl'), (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${inject('templateName')}`),
  )
  database = openDatabase({ url, poolSize: 15 })
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await database.pool.query('DELETE FROM graphile_worker._private_jobs')
})

afterAll(async () => {
  await database.close()
  await withClient(inject('serverUrl'), (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
})

const nothing = async () => undefined

async function work(sendMail: JobTasks['send-mail']): Promise<JobWorker> {
  const worker = await startWorker({
    pool: database.pool,
    log: createLogger('silent'),
    tasks: {
      'send-mail': sendMail,
      'send-password-reset': nothing,
      'send-verification': nothing,
      'purge-due': nothing,
      'run-operation': nothing,
      'forget-answers': nothing,
      'trim-logs': nothing,
      'trim-attempts': nothing,
    },
    pollInterval: 50,
    recoveryInterval: 100,
  })
  workers.push(worker)
  return worker
}

const add = (sealed: string, options = {}) =>
  inTransaction(database.db, (tx) => addJob(tx, 'send-mail', { sealed }, options))

interface JobRow {
  attempts: number
  locked_by: string | null
  last_error: string | null
  waits: boolean
}

async function jobs(): Promise<JobRow[]> {
  const { rows } = await database.pool.query<JobRow>(
    'SELECT attempts, locked_by, last_error, run_at > now() AS waits FROM graphile_worker._private_jobs ORDER BY id',
  )
  return rows
}

async function until(ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error('It did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('a job', () => {
  test('exists exactly when its transaction commits', async () => {
    const done: string[] = []
    await work(async ({ sealed }) => void done.push(sealed))
    const refused = inTransaction(database.db, async (tx) => {
      await addJob(tx, 'send-mail', { sealed: 'rolled back' })
      throw new Error('no')
    })
    await expect(refused).rejects.toThrow('no')
    await add('committed')
    await until(() => done.length > 0)
    expect(done).toEqual(['committed'])
    await until(async () => (await jobs()).length === 0)
  })

  test('that fails is tried again later', async () => {
    await work(() => Promise.reject(new Error('no mail server')))
    await add('mail')
    await until(async () => (await jobs())[0]?.last_error !== null)
    expect(await jobs()).toMatchObject([
      { attempts: 1, last_error: 'no mail server', waits: true, locked_by: null },
    ])
  })

  test('waits for its time, and is replaced by a later one of the same key', async () => {
    const done: string[] = []
    await work(async ({ sealed }) => void done.push(sealed))
    await add('first', { key: 'once', runAt: new Date(Date.now() + 60_000) })
    await add('second', { key: 'once', runAt: new Date(Date.now() + 300) })
    await until(() => done.length > 0)
    expect(done).toEqual(['second'])
  })
})

describe('stopping', () => {
  test('waits for the job that runs', async () => {
    const events: string[] = []
    const worker = await work(async () => {
      events.push('started')
      await new Promise((resolve) => setTimeout(resolve, 300))
      events.push('finished')
    })
    await add('slow')
    await until(() => events.length > 0)
    await worker.stop()
    expect(events).toEqual(['started', 'finished'])
    expect(await jobs()).toEqual([])
  })
})

describe('jobs of another worker', () => {
  test('are taken over after kill -9, in seconds and not in hours', async () => {
    await add('orphan')
    const child = spawnWorker()
    await until(async () => (await jobs())[0]?.locked_by != null)
    child.kill('SIGKILL')
    const done: string[] = []
    await work(async ({ sealed }) => void done.push(sealed))
    await until(() => done.length > 0)
    expect(done).toEqual(['orphan'])
  })

  test('are left to it while it lives', async () => {
    await add('busy')
    spawnWorker()
    await until(async () => (await jobs())[0]?.locked_by != null)
    const done: string[] = []
    await work(async ({ sealed }) => void done.push(sealed))
    await add('free')
    await until(() => done.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(done).toEqual(['free'])
  })

  test('are not taken from ourselves', async () => {
    const runs: string[] = []
    let finish = () => {}
    await work(async ({ sealed }) => {
      runs.push(sealed)
      await new Promise<void>((resolve) => {
        finish = resolve
      })
    })
    await add('long')
    await until(() => runs.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 500))
    finish()
    await until(async () => (await jobs()).length === 0)
    expect(runs).toEqual(['long'])
  })
})

test('the lease is taken again when its connection breaks', async () => {
  await work(nothing)
  const holders = async () => {
    const { rows } = await database.pool.query<{ pid: number }>(
      `SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
       WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()`,
    )
    return rows.map(({ pid }) => pid)
  }
  await until(async () => (await holders()).length === 1)
  const [pid] = await holders()
  await database.pool.query('SELECT pg_terminate_backend($1)', [pid])
  await until(async () => {
    const [now] = await holders()
    return now !== undefined && now !== pid
  })
})

/** A process of its own whose job never ends. */
function spawnWorker(): ChildProcess {
  const jobsModule = new URL('../../src/platform/jobs.ts', import.meta.url).href
  const logModule = new URL('../../src/platform/log.ts', import.meta.url).href
  const source = `
    import pg from 'pg'
    import { startWorker } from '${jobsModule}'
    import { createLogger } from '${logModule}'
    const pool = new pg.Pool({ connectionString: process.env.JOBS_URL })
    pool.on('error', () => undefined)
    const forever = () => new Promise(() => setInterval(() => undefined, 1000))
    const tasks = { 'send-mail': forever, 'send-password-reset': forever, 'send-verification': forever }
    await startWorker({ pool, tasks, log: createLogger('silent'), concurrency: 1 })
  `
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
    cwd,
    env: { ...process.env, JOBS_URL: url },
    stdio: 'ignore',
  })
  children.push(child)
  return child
}
