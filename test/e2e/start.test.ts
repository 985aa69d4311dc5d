import { randomBytes } from 'node:crypto'
import { chown, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, inject, test } from 'vitest'
import { canReach } from '../../src/platform/embedded-binaries.ts'
import { runningEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import { databaseUrl, withClient } from '../kit/cluster.ts'
import {
  endLaunched,
  eventually,
  isAlive,
  type LaunchOptions,
  launch,
  type Running,
  start,
  startRefused,
} from '../kit/process.ts'
import { proxyTo } from '../kit/proxy.ts'

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))
const folders: string[] = []

async function dataFolder(account: LaunchOptions = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'atrium-start-'))
  folders.push(folder)
  if (account.uid && account.gid) await chown(folder, account.uid, account.gid)
  return folder
}

afterEach(endLaunched)
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

const ready = async ({ url }: Running) => (await fetch(`${url}/health/ready`)).status

async function ask({ url }: Running, query: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return (await response.json()) as {
    data?: unknown
    errors?: { message: string; extensions: { code: string } }[]
  }
}

/** The process id of the database server in a folder; null when none runs. */
async function serverIn(folder: string): Promise<number | null> {
  const text = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8').catch(() => null)
  return text === null ? null : Math.abs(Number.parseInt(text, 10))
}

/** Ends it with a signal and expects that it leaves in order, without anything behind. */
async function stopInOrder(running: Running, folder: string, signal: NodeJS.Signals) {
  const server = await serverIn(folder)
  expect(server).not.toBeNull()
  running.signal(signal)
  const exit = await running.exited
  expect({ code: exit.code, signal: exit.signal }).toEqual({ code: 0, signal: null })
  expect(isAlive(Number(server))).toBe(false)
  expect(await serverIn(folder)).toBeNull()
}

/** The accounts that can run this checkout: our own, and beside root an ordinary one. */
async function accounts(): Promise<[string, LaunchOptions][]> {
  const own: [string, LaunchOptions] = ['this account', {}]
  if (process.getuid?.() !== 0) return [own]
  const passwd = await readFile('/etc/passwd', 'utf8')
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+)/m.exec(passwd) ?? []
  const nobody = { uid: Number(uid), gid: Number(gid), name: 'nobody' }
  const reachable = uid && (await canReach(nobody, CHECKOUT)) && (await canReach(nobody, tmpdir()))
  return reachable
    ? [
        ['root', {}],
        ['an ordinary user', { uid: nobody.uid, gid: nobody.gid }],
      ]
    : [own]
}

const SIGN_UP = (email: string) =>
  `mutation { signUp(input: { email: "${email}", password: "correct horse", fullName: "Ada" }) { __typename } }`
const SIGNED_UP = { data: { signUp: { __typename: 'SignUpPayload' } } }

describe.each(await accounts())('as %s, with the embedded database', (_name, account) => {
  test('starts, stops in order, and starts again after kill -9 of the whole group', async () => {
    const folder = await dataFolder(account)
    const first = await start({ DATA_DIR: folder }, account)
    expect(await ready(first)).toBe(200)
    expect((await stat(join(folder, 'auth-secret'))).mode & 0o077).toBe(0)

    // A second one in the same folder is refused while the first lives, and does it no harm.
    const second = await launch({ DATA_DIR: folder }, account).exited
    expect(second).toMatchObject({ code: 1, stdout: '' })
    expect(second.stderr).toBe(
      `The folder ${folder} is in use by process ${first.pid}: stop it first or choose another folder with DATA_DIR.\n`,
    )
    expect(await ready(first)).toBe(200)

    // A request that is open when the end is asked for gets its answer.
    const answer = ask(first, SIGN_UP('ada@example.com'))
    await sleep(50)
    await stopInOrder(first, folder, 'SIGTERM')
    expect(await answer).toEqual(SIGNED_UP)

    const killed = await start({ DATA_DIR: folder }, account)
    killed.signal('SIGKILL')
    expect((await killed.exited).signal).toBe('SIGKILL')
    const survivor = await start({ DATA_DIR: folder }, account)
    expect(await ask(survivor, SIGN_UP('ada@example.com'))).toEqual({
      data: { signUp: { __typename: 'EmailTaken' } },
    })
    await stopInOrder(survivor, folder, 'SIGINT')
  }, 120_000)
})

test('kill -9 leaves no database server behind, and another folder is free meanwhile', async () => {
  const [one, other] = await Promise.all([dataFolder(), dataFolder()])
  const [first, second] = await Promise.all([start({ DATA_DIR: one }), start({ DATA_DIR: other, DEMO: '1' })])
  expect(second.output()).toMatch(/Sign in\s+ada@demo\.localhost/)
  const server = Number(await serverIn(one))
  first.signal('SIGKILL')
  await first.exited
  await eventually(() => !isAlive(server))
  expect(await ready(second)).toBe(200)

  // A crash inside of the database ends every connection; both recover by themselves.
  await withClient(String(await runningEmbeddedPostgres(other)), async (client) => {
    client.on('error', () => undefined)
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'atrium' LIMIT 1`,
    )
    process.kill(Number(rows[0]?.pid), 'SIGKILL')
    await eventually(async () => (await ready(second)) !== 200)
  })
  await eventually(async () => (await ready(second)) === 200)
  expect(await ask(second, SIGN_UP('grace@example.com'))).toEqual(SIGNED_UP)

  // Without any database left the process ends and says why, so that whoever supervises it starts it again.
  process.kill(Number(await serverIn(other)), 'SIGKILL')
  const ended = await second.exited
  expect(ended.code).toBe(1)
  expect(ended.stderr, ended.stderr).toMatch(/The embedded database has stopped by itself/)
  await stopInOrder(await start({ DATA_DIR: other }), other, 'SIGTERM')
}, 120_000)

test('a start that can not succeed ends with one sentence and exit code 1', async () => {
  const other = createServer()
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve((other.address() as AddressInfo).port))
  })
  const unreachable = 'postgresql://127.0.0.1:1/none'
  const DATA_DIR = await dataFolder()
  const wrong: [Record<string, string>, RegExp][] = [
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
    [{ DATABASE_URL: unreachable }, /AUTH_SECRET is required with DATABASE_URL/],
    [{ DATABASE_URL: unreachable, AUTH_SECRET: 'x'.repeat(32) }, /none at 127\.0\.0\.1:1 can not be reached/],
    [
      { PORT: String(port) },
      new RegExp(`127.0.0.1:${port} is in use by another process: stop it or choose another PORT`),
    ],
    [{ HOST: '192.0.2.1' }, /192\.0\.2\.1/],
    [{ DATA_DIR: fileURLToPath(import.meta.url) }, /start\.test\.ts .* not a folder/],
  ]
  const exits = await Promise.all(wrong.map(([settings]) => startRefused({ DATA_DIR, ...settings })))
  other.close()
  for (const [index, { code, stdout, stderr }] of exits.entries()) {
    expect(stderr).toMatch(wrong[index]?.[1] ?? '')
    expect(stderr).toMatch(/^[A-Z][^\n]*\.\n$/)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  }
  // Refused before it touched anything.
  expect(await readdir(DATA_DIR)).toEqual([])
}, 120_000)

test('DATABASE_URL: two processes migrate an empty database at once; it goes away and comes back, and they live on', async () => {
  const name = `e2e_${randomBytes(6).toString('hex')}`
  await withClient(inject('serverUrl'), (client) => client.query(`CREATE DATABASE ${name}`))
  const proxy = await proxyTo(databaseUrl(inject('serverUrl'), name))
  const settings = { DATABASE_URL: proxy.url, AUTH_SECRET: randomBytes(32).toString('hex') }
  const folder = await dataFolder()
  const both = await Promise.all([
    start({ ...settings, DATA_DIR: folder }),
    start({ ...settings, DATA_DIR: await dataFolder() }),
  ])
  const [running] = both
  // A machine that is busy may not look at its database in time.
  await eventually(async () => (await Promise.all(both.map(ready))).every((status) => status === 200))
  expect(await ask(running, SIGN_UP('ada@example.com'))).toEqual(SIGNED_UP)
  expect(await serverIn(folder)).toBeNull()

  await proxy.cut()
  const refused = await Promise.all([
    ask(running, SIGN_UP('grace@example.com')),
    ask(running, '{ invite(token: "x") { email } }'),
  ])
  for (const { errors } of refused) {
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }])
    expect(errors?.[0]?.message).toMatch(/can't reach its database at the moment/)
  }
  const unready = await fetch(`${running.url}/health/ready`)
  expect(unready.status).toBe(503)
  expect(await unready.json()).toMatchObject({ reason: expect.stringMatching(/database/) })
  expect((await fetch(`${running.url}/health/live`)).status).toBe(200)
  // What needs no database is answered all the same.
  expect(await ask(running, '{ __typename }')).toEqual({ data: { __typename: 'Query' } })

  await proxy.mend()
  await eventually(async () => (await ready(running)) === 200)
  expect(await ask(running, SIGN_UP('grace@example.com'))).toEqual(SIGNED_UP)
  // The job workers are back too: the mail leaves.
  const output = () => both.map((it) => it.output()).join()
  await eventually(() => output().includes('"to":"grace@example.com"'), 30_000)

  both[0].signal('SIGTERM')
  expect((await both[0].exited).code).toBe(0)
  // The other one is ended while the database is gone.
  await proxy.cut()
  both[1].signal('SIGTERM')
  expect((await both[1].exited).code).toBe(0)
  await withClient(inject('serverUrl'), (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
}, 120_000)
