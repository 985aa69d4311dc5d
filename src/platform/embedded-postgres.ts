import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import {
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import {
  type Account,
  type Binaries,
  canReach,
  embeddedBinaries,
  serverAccount,
} from './embedded-binaries.ts'
import { FolderLocked, lockFolder, lockHolder } from './folder-lock.ts'

export type EmbeddedPostgresOptions = {
  /** The folder for everything Atrium writes; the cluster is its subfolder `postgres`. */
  dataDir: string
  /** Receives one sentence per noteworthy step. */
  log?: (message: string) => void
  /** `false` trades safety for speed (no fsync): for throw-away clusters of tests only. */
  durable?: boolean
}

export type EmbeddedPostgres = {
  /** Connects as the cluster's owner to the database `atrium`. */
  url: string
  /** Whether this start made the cluster. */
  created: boolean
  /** When the server has ended, by `stop` or by itself. */
  exited: Promise<void>
  /** Shuts the server down in order and frees the folder; a second call waits for the first. */
  stop(): Promise<void>
}

/** The embedded server can not be used; the message is one sentence for the person who started it. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError'
}

/** Another living process works in the folder. */
export class DataDirInUse extends EmbeddedPostgresError {
  override name = 'DataDirInUse'

  constructor(
    readonly dataDir: string,
    readonly pid: number | null,
  ) {
    const who = pid === null ? 'another process' : `process ${pid}`
    super(`The folder ${dataDir} is in use by ${who}: stop it first or choose another folder with DATA_DIR.`)
  }
}

/** The folder can not hold a cluster: read-only, full, closed to us, or it holds something else. */
export class DataDirUnusable extends EmbeddedPostgresError {
  override name = 'DataDirUnusable'

  constructor(
    readonly dataDir: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`The folder ${dataDir} can not hold the database: ${reason}.`, options)
  }
}

const NAME = 'atrium'
const LOCK = 'atrium.lock'
const DRAFT = 'postgres.draft-'
const PASSWORD_FILE = 'atrium-password'
const MAJOR = '18'
const READY_TIMEOUT_MS = 60_000
const FAST_STOP_TIMEOUT_MS = 30_000
const POLL_MS = 10
const ATTEMPTS = 20
const RETRY_MS = 500

// The write end of descriptor 3 is ours alone, so the kernel closes it when we die, however we die: then the server
// is asked to shut down. It is orphaned on purpose (two subshells), because a postmaster has no unknown children.
const WITH_WATCHDOG =
  '( ( read -r stopped <&3; test -n "$stopped" || kill -INT $$ ) 4<&- & ) 2>/dev/null; exec "$@" 3<&-'

type Cluster = { dataDir: string; folder: string; account: Account; binaries: Binaries; durable: boolean }
type Server = { child: ChildProcess; exited: Promise<void>; port: number }

/**
 * Starts PostgreSQL in `<dataDir>/postgres`, after making the cluster when there is none.
 *
 * Whatever an earlier crash left is put right: a half-made cluster is made again, a server still running is shut
 * down in order, a stale postmaster.pid does no harm. Works as root (the server then runs under an unprivileged
 * account) and as an ordinary user. It listens on a free port of 127.0.0.1, with a generated password.
 *
 * @throws DataDirInUse when another living process works in the folder; DataDirUnusable when it can not hold a
 *   cluster; EmbeddedPostgresError when the server does not start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {})
  const dataDir = await openDataDir(resolve(options.dataDir))
  const lock = await takeLock(dataDir)
  try {
    const cluster = await prepare(dataDir, options.durable ?? true)
    const created = await ensureCluster(cluster, log)
    await stopLeftover(cluster.folder, log)
    const server = await startServer(cluster)
    const url = connectionUrl(server.port, await readPassword(cluster.folder), NAME)
    const stop = stopper(cluster, server, lock.release, log)
    try {
      await ensureDatabase(cluster.folder, server.port)
    } catch (error) {
      await stop()
      throw error
    }
    return { url, created, exited: server.exited, stop }
  } catch (error) {
    await lock.release()
    throw explain(dataDir, error)
  }
}

/**
 * Finds the server that another living Atrium runs in the folder.
 *
 * @returns its connection URL, or null when nobody runs one.
 */
export async function runningEmbeddedPostgres(dataDir: string): Promise<string | null> {
  const absolute = resolve(dataDir)
  if (!(await lockHolder(absolute, LOCK))) return null
  const folder = join(absolute, 'postgres')
  const running = await readPostmaster(folder)
  return running?.ready ? connectionUrl(running.port, await readPassword(folder), NAME) : null
}

async function openDataDir(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true })
    return await realpath(dataDir)
  } catch (error) {
    throw explain(dataDir, error)
  }
}

async function takeLock(dataDir: string) {
  try {
    return await lockFolder(dataDir, LOCK)
  } catch (error) {
    if (error instanceof FolderLocked) throw new DataDirInUse(dataDir, error.holder.pid)
    throw explain(dataDir, error)
  }
}

async function prepare(dataDir: string, durable: boolean): Promise<Cluster> {
  const folder = join(dataDir, 'postgres')
  const account = await serverAccount(folder)
  return { dataDir, folder, account, binaries: await embeddedBinaries(dataDir, account), durable }
}

// ---- making the cluster

async function ensureCluster(cluster: Cluster, log: (message: string) => void): Promise<boolean> {
  const version = await clusterVersion(cluster)
  if (version === MAJOR) return false
  if (version !== null) {
    const reason = `it was made by PostgreSQL ${version}, this Atrium brings PostgreSQL ${MAJOR}`
    throw new DataDirUnusable(cluster.dataDir, reason)
  }
  const untilKilledInitdbLetsGo = { recursive: true, force: true, maxRetries: ATTEMPTS }
  for (const entry of await readdir(cluster.dataDir))
    if (entry.startsWith(DRAFT)) await rm(join(cluster.dataDir, entry), untilKilledInitdbLetsGo)
  log(`Creating the embedded database in ${cluster.folder}.`)
  await createCluster(cluster)
  return true
}

async function clusterVersion(cluster: Cluster): Promise<string | null> {
  const version = await readFile(join(cluster.folder, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  })
  const entries = version === null ? await readdir(cluster.folder).catch(() => []) : []
  if (entries.length > 0) {
    throw new DataDirUnusable(cluster.dataDir, 'its subfolder postgres holds files that are not a database')
  }
  return version?.trim() ?? null
}

// The cluster gets its name only when it is complete, password included: a half-made one is never mistaken for it.
async function createCluster(cluster: Cluster) {
  const draft = join(cluster.dataDir, `${DRAFT}${randomBytes(4).toString('hex')}`)
  const passwordFile = `${draft}-password`
  const password = randomBytes(24).toString('hex')
  try {
    await mkdir(draft, { mode: 0o700 })
    await give(cluster.account, draft)
    await writeFile(passwordFile, password, { mode: 0o600 })
    await give(cluster.account, passwordFile)
    await runInitdb(cluster, draft, passwordFile)
    await rename(passwordFile, join(draft, PASSWORD_FILE))
    if (cluster.durable) await sync(join(draft, PASSWORD_FILE), draft)
    await rename(draft, cluster.folder)
    if (cluster.durable) await sync(cluster.dataDir)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    await rm(passwordFile, { force: true })
    throw error
  }
}

async function runInitdb(cluster: Cluster, draft: string, passwordFile: string) {
  const child = await launch(cluster, draft, openSync(passwordFile, 'r'), 'pipe', (folder) => [
    cluster.binaries.initdb,
    `--pgdata=${folder}`,
    `--username=${NAME}`,
    '--pwfile=/dev/fd/3',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    '--no-instructions',
    ...(cluster.durable ? [] : ['--no-sync']),
  ])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  const code = await new Promise<number | null>((done, reject) => {
    child.once('error', reject)
    child.once('close', done)
  })
  if (code !== 0) throw new ServerFailure('initdb failed', output)
}

async function give(account: Account, path: string) {
  if (account) await chown(path, account.uid, account.gid)
}

async function sync(...paths: string[]) {
  for (const path of paths) {
    const handle = await open(path, 'r')
    await handle.sync().finally(() => handle.close())
  }
}

// ---- running the server

async function startServer(cluster: Cluster): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryStart(cluster, await freePort())
    } catch (error) {
      const passing = error instanceof ServerFailure && error.passing
      if (!passing || attempt === ATTEMPTS) throw error
      await sleep(RETRY_MS)
    }
  }
}

async function tryStart(cluster: Cluster, port: number): Promise<Server> {
  const logFile = join(cluster.dataDir, 'postgres.log')
  const log = openSync(logFile, 'w', 0o600)
  try {
    const child = await launch(cluster, cluster.folder, 'pipe', log, (folder) => [
      '/bin/sh',
      '-c',
      WITH_WATCHDOG,
      'sh',
      cluster.binaries.postgres,
      '-D',
      folder,
      ...settings(port, cluster.durable),
    ])
    const exited = new Promise<void>((done) => {
      child.once('exit', () => done())
      child.once('error', () => done())
    })
    const ready = await Promise.race([exited.then(() => false), becomesReady(cluster.folder, child.pid)])
    if (ready) return { child, exited, port }
    child.kill('SIGQUIT')
    await exited
    throw new ServerFailure('the server does not start', await readFile(logFile, 'utf8').catch(() => ''))
  } finally {
    closeSync(log)
  }
}

function settings(port: number, durable: boolean): string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 100,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // errors of single statements are the application's to log: here they would fill the disk with user data
    log_min_messages: 'log',
    log_checkpoints: 'off',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  }
  return Object.entries(values).flatMap(([key, value]) => ['-c', `${key}=${value}`])
}

/**
 * Spawns a PostgreSQL program on a cluster folder, in a session of its own: the terminal's Ctrl-C is ours to handle,
 * and the server has to serve until the last request is answered.
 *
 * The server's account may not be able to walk down to the folder (root's home is closed). It gets the open folder
 * itself as descriptor 4 then: going through it asks nobody above for permission.
 */
async function launch(
  cluster: Cluster,
  folder: string,
  descriptor3: number | 'pipe',
  output: number | 'pipe',
  command: (folder: string) => string[],
): Promise<ChildProcess> {
  const reachable = await canReach(cluster.account, folder)
  if (!reachable && process.platform !== 'linux') {
    const reason = `the account ${cluster.account?.name}, which runs the server, can not enter the folders above it`
    throw new DataDirUnusable(cluster.dataDir, reason)
  }
  const descriptor4 = openSync(folder, 'r')
  try {
    const [program = '', ...args] = command(reachable ? folder : '/proc/self/fd/4')
    return spawn(program, args, {
      detached: true,
      cwd: '/',
      stdio: ['ignore', output, output, descriptor3, descriptor4],
      env: serverEnvironment(),
      ...(cluster.account && { uid: cluster.account.uid, gid: cluster.account.gid }),
    })
  } finally {
    closeSync(descriptor4)
    if (descriptor3 !== 'pipe') closeSync(descriptor3)
  }
}

// PG* variables of the person's shell would change what initdb and the server do
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', PG_GRANDPARENT_PID: String(process.pid) }
}

async function becomesReady(folder: string, pid: number | undefined): Promise<boolean> {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const running = await readPostmaster(folder)
    if (running?.pid === pid && running?.ready) return true
  }
  return false
}

function freePort(): Promise<number> {
  return new Promise((done, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function ensureDatabase(folder: string, port: number) {
  const client = new pg.Client(connectionUrl(port, await readPassword(folder), 'postgres'))
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [NAME])
    if (rowCount === 0) await client.query(`create database ${NAME}`)
  } finally {
    await client.end()
  }
}

// ---- stopping

function stopper(
  cluster: Cluster,
  server: Server,
  release: () => Promise<void>,
  log: (message: string) => void,
): () => Promise<void> {
  let stopping: Promise<void> | undefined
  const atExit = () => server.child.kill('SIGINT')
  const dismissWatchdog = () => {
    const pipe = server.child.stdio[3]
    if (pipe && 'write' in pipe) pipe.end('stopped\n')
  }
  process.once('exit', atExit)
  void server.exited.then(() => {
    process.off('exit', atExit)
    dismissWatchdog()
    if (!stopping) log(`The embedded database has stopped by itself: see ${cluster.dataDir}/postgres.log.`)
  })
  const shutDown = async () => {
    server.child.kill('SIGINT')
    const inTime = await Promise.race([
      server.exited.then(() => true),
      sleep(FAST_STOP_TIMEOUT_MS, false, { ref: false }),
    ])
    if (!inTime) server.child.kill('SIGQUIT')
    await server.exited
    await release()
  }
  return () => {
    stopping ??= shutDown()
    return stopping
  }
}

/** Deals with what a crash left in the folder: a server still running, or a postmaster.pid that lies. */
async function stopLeftover(folder: string, log: (message: string) => void) {
  const left = await readPostmaster(folder)
  if (!left) return
  if (await isServerOf(left.pid, folder)) {
    log(`Stopping the database server ${left.pid} that an earlier run left behind.`)
    await endServer(left.pid, folder)
  }
  await disownPostmaster(folder)
}

async function endServer(pid: number, folder: string) {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal)
    for (const deadline = Date.now() + FAST_STOP_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      if (!(await isServerOf(pid, folder))) return
    }
  }
  throw new EmbeddedPostgresError(
    `The database server ${pid}, left by an earlier run, does not stop: end it.`,
  )
}

// After a crash the recorded number may belong to some other process by now (in a container it often does), and
// PostgreSQL would refuse to start. Removing the file would also remove its check for surviving backends (line 7),
// so only the number is replaced, by one that PostgreSQL takes for a leftover: ours (PG_GRANDPARENT_PID).
async function disownPostmaster(folder: string) {
  const path = join(folder, 'postmaster.pid')
  const content = await readFile(path, 'utf8').catch(() => null)
  if (content !== null) await writeFile(path, content.replace(/^-?\d+/, String(process.pid)))
}

async function isServerOf(pid: number, folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return commandLine(pid).then((line) => line.includes(folder))
  // a postmaster's working directory is its cluster; a zombie has none
  const [cwd, cluster] = await Promise.all([stat(`/proc/${pid}/cwd`).catch(() => null), stat(folder)])
  return cwd !== null && cwd.ino === cluster.ino && cwd.dev === cluster.dev
}

function commandLine(pid: number): Promise<string> {
  return new Promise((done) => {
    let line = ''
    const child = spawn('ps', ['-p', String(pid), '-o', 'args='], { stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      line += chunk
    })
    child.once('error', () => done(''))
    child.once('close', () => done(line))
  })
}

// ---- what the cluster's files say

/** postmaster.pid, line by line: 1 the process, 4 the port, 8 the state. */
async function readPostmaster(folder: string) {
  const content = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  })
  if (content === null) return null
  const lines = content.split('\n')
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10))
  return Number.isNaN(pid) ? null : { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
}

function readPassword(folder: string): Promise<string> {
  return readFile(join(folder, PASSWORD_FILE), 'utf8')
}

function connectionUrl(port: number, password: string, database: string): string {
  return `postgresql://${NAME}:${password}@127.0.0.1:${port}/${database}`
}

// ---- telling what went wrong

/** A PostgreSQL program gave up; `output` is what it said. */
class ServerFailure extends Error {
  constructor(
    what: string,
    readonly output: string,
  ) {
    super(what)
  }

  /** The port was taken in between, or backends of a killed server are still ending. */
  get passing(): boolean {
    return /could not bind|pre-existing shared memory block/.test(this.output)
  }

  get reason(): string {
    const lines = this.output.split('\n').filter((line) => /error|fatal|could not|no such/i.test(line))
    return (lines.at(0) ?? this.output.trim().split('\n').at(-1) ?? '').replace(
      /^.*(ERROR|FATAL|error):\s*/,
      '',
    )
  }
}

const FILE_SYSTEM_REASONS: Record<string, string> = {
  EROFS: 'it is read-only',
  // what Node says when it can not make a folder on a read-only disk
  ENOENT: 'it can not be made, because its disk is read-only or a link on the way leads nowhere',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'this account may not read and write it',
  EPERM: 'this account may not read and write it',
  ENOTDIR: 'it is not a folder',
  EEXIST: 'it is not a folder',
  EOPNOTSUPP: 'its file system has no unix sockets',
}

function explain(dataDir: string, error: unknown): unknown {
  if (error instanceof EmbeddedPostgresError) return error
  if (error instanceof ServerFailure) return explainFailure(dataDir, error)
  const reason =
    error instanceof Error && 'code' in error ? FILE_SYSTEM_REASONS[String(error.code)] : undefined
  if (reason) return new DataDirUnusable(dataDir, reason, { cause: error })
  const message = error instanceof Error ? error.message : String(error)
  return new EmbeddedPostgresError(message, { cause: error })
}

function explainFailure(dataDir: string, failure: ServerFailure): EmbeddedPostgresError {
  if (/No space left on device|wrote only \d+ of \d+ bytes/.test(failure.output)) {
    return new DataDirUnusable(dataDir, 'the disk is full', { cause: failure })
  }
  if (/Read-only file system/.test(failure.output)) {
    return new DataDirUnusable(dataDir, 'it is read-only', { cause: failure })
  }
  return new EmbeddedPostgresError(
    `The embedded database in ${dataDir} can not be started: ${failure.message} (${failure.reason}).`,
    { cause: failure },
  )
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
