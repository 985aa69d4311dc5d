import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  DataDirInUse,
  DataDirUnusable,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  runningEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/platform/embedded-postgres.ts'
import { lockFolder } from '../../src/platform/folder-lock.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const SOURCE = fileURLToPath(new URL('../../src/platform/embedded-postgres.ts', import.meta.url))
const asRoot = process.getuid?.() === 0
const NOBODY = 65534

const run = promisify(execFile)

let template: string
let box: string
let dataDir: string
const open: EmbeddedPostgres[] = []
const children: ChildProcess[] = []

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'atrium-embedded-template-'))
  await startEmbeddedPostgres({ dataDir: template, durable: false }).then((server) => server.stop())
})

afterAll(() => rm(template, { recursive: true, force: true }))

beforeEach(async () => {
  box = await mkdtemp(join(tmpdir(), 'atrium-embedded-'))
  await chmod(box, 0o755)
  dataDir = join(box, 'data')
})

afterEach(async () => {
  for (const child of children.splice(0)) killGroup(child, 'SIGKILL')
  await Promise.all(open.splice(0).map((server) => server.stop()))
  const left = await postmasterPid().catch(() => null)
  if (left && (await cwdOf(left)) === join(dataDir, 'postgres')) process.kill(left, 'SIGKILL')
  await rm(box, { recursive: true, force: true })
})

describe('a first start', () => {
  test('makes a UTF-8 cluster in UTC on 127.0.0.1, and the next start finds its data', async () => {
    const first = await startWith({ dataDir })
    expect(first.created).toBe(true)
    const settings = `select current_setting('server_encoding') as encoding, current_setting('timezone') as zone,
      current_setting('listen_addresses') as listens, current_setting('fsync') as fsync, lower('ÄÖ') as lowered`
    expect(await ask(first.url, settings)).toEqual([
      { encoding: 'UTF8', zone: 'UTC', listens: '127.0.0.1', fsync: 'on', lowered: 'äö' },
    ])
    await ask(first.url, 'create table note as select 1 as id')
    await first.stop()

    const second = await start()
    expect(second.created).toBe(false)
    expect(await ask(second.url, 'select id from note')).toEqual([{ id: 1 }])
  })

  test('lets nobody in without the generated password, which only its account can read', async () => {
    const { url } = await start()
    const guess = new URL(url)
    guess.password = 'password'
    await expect(ask(guess.toString(), 'select 1')).rejects.toThrow(/password authentication failed/)
    expect(statSync(join(dataDir, 'postgres', 'atrium-password')).mode & 0o077).toBe(0)
  })

  test('makes the cluster again when an earlier start was killed half-way', async () => {
    const child = await launch({ dataDir })
    await until(async () =>
      (await readdir(dataDir).catch(() => [])).some((name) => name.startsWith('postgres.draft')),
    )
    await crash(child)

    const server = await start()
    expect(server.created).toBe(true)
    expect((await readdir(dataDir)).filter((name) => name.startsWith('postgres.draft'))).toEqual([])
  })

  test('brings contrib modules', async () => {
    const { url } = await start()
    await ask(url, 'create extension citext; create extension pg_trgm; create extension btree_gist')
  })
})

describe('two at once', () => {
  beforeEach(copyTemplate)

  test('a second start in the same folder is refused with the folder and the pid of the first', async () => {
    const { url } = await start()
    const refusal = await start().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(DataDirInUse)
    expect(String(refusal)).toContain(`${dataDir} is in use by process ${process.pid}`)
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a start in another folder runs beside it', async () => {
    const [here, there] = await Promise.all([start(), start(join(box, 'other'))])
    expect(await ask(here.url, 'select 1 as one')).toEqual(await ask(there.url, 'select 1 as one'))
  })

  test('of several that find a dead holder, exactly one gets the folder', async () => {
    for (let round = 0; round < 10; round++) {
      await leaveStaleLock()
      const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => lockFolder(box, 'lock')))
      const held = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
      expect(held).toHaveLength(1)
      await held[0]?.release()
      expect((await readdir(box)).filter((file) => file.includes('lock'))).toEqual([])
    }
  })

  test('others find the running server by its folder, and nothing after it stopped', async () => {
    const server = await start()
    expect(await runningEmbeddedPostgres(dataDir)).toBe(server.url)
    await server.stop()
    expect(await runningEmbeddedPostgres(dataDir)).toBeNull()
  })
})

describe('after a crash', () => {
  beforeEach(copyTemplate)

  test('kill -9 of the process group loses nothing that was committed', async () => {
    const child = await launchReady({ dataDir })
    await ask(child.url, 'create table note as select 1 as id')
    await crash(child.process)

    const server = await start()
    expect(await ask(server.url, 'select id from note')).toEqual([{ id: 1 }])
  })

  test('the server shuts down by itself when the process is killed', async () => {
    const child = await launchReady({ dataDir })
    const pid = await postmasterPid()
    await crash(child.process)
    await until(async () => (await cwdOf(pid)) === null)
  })

  test('a server that was left running is stopped and the folder taken over', async () => {
    const child = await launchReady({ dataDir })
    await ask(child.url, 'create table note as select 1 as id')
    const left = await postmasterPid()
    await killWatchdogs(left)
    await crash(child.process)
    expect(await ask(child.url, 'select id from note')).toEqual([{ id: 1 }])

    const logged: string[] = []
    const server = await start(dataDir, (message) => logged.push(message))
    expect(logged.join()).toContain(`Stopping the database server ${left}`)
    expect(await ask(server.url, 'select id from note')).toEqual([{ id: 1 }])
    expect(await cwdOf(left)).toBeNull()
  })

  test('a stale postmaster.pid that names some other living process does no harm', async () => {
    const child = await launchReady({ dataDir })
    const pid = await postmasterPid()
    await killWatchdogs(pid)
    process.kill(pid, 'SIGKILL')
    await crash(child.process)
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore', uid: clusterOwner(), detached: true })
    children.push(bystander)
    const file = join(dataDir, 'postgres', 'postmaster.pid')
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, String(bystander.pid)))

    const server = await start()
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(bystander.exitCode).toBeNull()
  })
})

test('Ctrl-C reaches the process, not its database, which serves until it is stopped', async () => {
  await copyTemplate()
  const child = await launchReady({ dataDir })
  const pid = await postmasterPid()
  killGroup(child.process, 'SIGINT')
  expect(await child.line()).toBe('answered after Ctrl-C')
  expect(await child.line()).toBe('stopped')
  expect(await cwdOf(pid)).toBeNull()
})

describe('a folder that can not hold the database is refused in one sentence', () => {
  test('a file', async () => {
    await writeFile(dataDir, '')
    await expect(start()).rejects.toThrow(
      `The folder ${dataDir} can not hold the database: it is not a folder.`,
    )
  })

  test('a subfolder postgres that holds something else', async () => {
    await mkdir(join(dataDir, 'postgres'), { recursive: true })
    await writeFile(join(dataDir, 'postgres', 'letter.txt'), 'dear diary')
    await expect(start()).rejects.toBeInstanceOf(DataDirUnusable)
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['letter.txt'])
  })

  test('a cluster of another PostgreSQL', async () => {
    await mkdir(join(dataDir, 'postgres'), { recursive: true })
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n')
    await expect(start()).rejects.toThrow(/made by PostgreSQL 17/)
  })

  test.skipIf(!canBeNobody())('a folder of somebody else', async () => {
    await mkdir(dataDir)
    const child = await launch({ dataDir, uid: NOBODY })
    expect(await lines(child)()).toBe(
      `DataDirUnusable: The folder ${dataDir} can not hold the database: this account may not read and write it.`,
    )
  })
})

describe.skipIf(!canBeNobody())('accounts', () => {
  test('root runs the server under an unprivileged account', async () => {
    await copyTemplate()
    await start()
    expect(statSync(`/proc/${await postmasterPid()}`).uid).not.toBe(0)
  })

  test('root can keep the database in a folder that is closed to that account', async () => {
    const closed = join(box, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const server = await start(join(closed, 'data'))
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await server.stop()
    expect((await start(join(closed, 'data'))).created).toBe(false)
  })

  test('an ordinary user runs it under their own', async () => {
    await mkdir(dataDir)
    await chown(dataDir, NOBODY, NOBODY)
    await launchReady({ dataDir, uid: NOBODY })
    expect(statSync(`/proc/${await postmasterPid()}`).uid).toBe(NOBODY)
  })
})

/** Most tests are not about the first start: they begin with a cluster that has been made before. */
async function copyTemplate() {
  await run('cp', ['-a', template, dataDir])
}

// the machine does not lose power here, so only the first test pays for fsync
async function start(folder = dataDir, log?: (message: string) => void): Promise<EmbeddedPostgres> {
  return startWith({ dataDir: folder, log, durable: false })
}

async function startWith(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(options)
  open.push(server)
  return server
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  return (await client.query(sql).finally(() => client.end())).rows
}

/** A process of its own that starts the database, says its URL, and on Ctrl-C queries it once more and stops it. */
const PROGRAM = `
  import { startEmbeddedPostgres } from ${JSON.stringify(SOURCE)}
  import pg from 'pg'
  const say = (line) => process.stdout.write(line + '\\n')
  try {
    const server = await startEmbeddedPostgres({ dataDir: process.argv[1] })
    process.once('SIGINT', async () => {
      const client = new pg.Client(server.url)
      await client.connect()
      await client.query('select 1')
      await client.end()
      say('answered after Ctrl-C')
      await server.stop()
      say('stopped')
    })
    say(server.url)
    setInterval(() => {}, 60_000)
  } catch (error) {
    say(String(error))
  }`

async function launch({ dataDir: folder, uid }: { dataDir: string; uid?: number }): Promise<ChildProcess> {
  const options: SpawnOptions = { detached: true, stdio: ['ignore', 'pipe', 'inherit'] }
  if (uid !== undefined) Object.assign(options, { uid, gid: uid, env: { PATH: process.env.PATH, HOME: box } })
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM, folder]
  const child = spawn(process.execPath, args, options)
  children.push(child)
  return child
}

async function launchReady(options: { dataDir: string; uid?: number }) {
  const child = await launch(options)
  const line = lines(child)
  return { process: child, url: await line(), line }
}

function lines(child: ChildProcess): () => Promise<string> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return async () => {
    await until(async () => text.includes('\n'))
    const [line = '', ...rest] = text.split('\n')
    text = rest.join('\n')
    return line
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, signal)
}

async function crash(child: ChildProcess) {
  const gone = new Promise((done) => child.once('exit', done))
  killGroup(child, 'SIGKILL')
  await gone
}

async function leaveStaleLock() {
  const holder = spawn(
    process.execPath,
    [
      '-e',
      'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, 9))',
      'lock.1-dead',
    ],
    { cwd: box, stdio: 'ignore' },
  )
  await new Promise((done) => holder.once('exit', done))
}

async function killWatchdogs(server: number) {
  for (const entry of await readdir('/proc')) {
    const status = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const [, name, session] = /^\d+ \((.*)\) \S \d+ \d+ (\d+)/.exec(status) ?? []
    if (name === 'sh' && Number(session) === server) process.kill(Number(entry), 'SIGKILL')
  }
}

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10)
}

function cwdOf(pid: number): Promise<string | null> {
  return readlink(`/proc/${pid}/cwd`).catch(() => null)
}

function clusterOwner(): number {
  return statSync(join(dataDir, 'postgres')).uid
}

async function until(condition: () => Promise<boolean>) {
  for (const deadline = Date.now() + 20_000; !(await condition()); await sleep(5)) {
    if (Date.now() > deadline) throw new Error('It did not happen in time.')
  }
}

function canBeNobody(): boolean {
  if (!asRoot || process.platform !== 'linux') return false
  try {
    accessSync(SOURCE, constants.R_OK)
    for (let path = SOURCE; path !== '/'; path = join(path, '..')) {
      if ((statSync(path).mode & (path === SOURCE ? 0o004 : 0o001)) === 0) return false
    }
    return true
  } catch {
    return false
  }
}
