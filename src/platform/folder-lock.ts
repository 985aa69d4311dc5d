import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Held by this process until `release`, or until the process dies: the kernel frees it then. */
export type FolderLock = { release(): Promise<void> }

/** Who holds a lock; `pid` is null when the holder does not say. */
export type LockHolder = { pid: number | null }

/** Another living process holds the lock. */
export class FolderLocked extends Error {
  override name = 'FolderLocked'

  constructor(readonly holder: LockHolder) {
    super(`held by process ${holder.pid ?? 'unknown'}`)
  }
}

type State = 'trying' | 'held'
type Ticket = { file: string; state: State; server: Server }
type Rival = LockHolder & { file: string; state: State }

const ANSWER_TIMEOUT_MS = 2_000
const TURN_MS = 20

/**
 * Takes the exclusive lock `name` of a folder.
 *
 * Every contender shows a listening unix socket under a name of its own, then asks the others: whoever sees no other
 * alive holds the lock, and of two the later one always sees the earlier. A socket can not outlive its process, and
 * because no name is used twice, removing a dead one can not hit a living one.
 *
 * @throws FolderLocked when a living process holds it; a file-system error when the folder can not be written.
 */
export async function lockFolder(folder: string, name: string): Promise<FolderLock> {
  const directory = await open(folder, constants.O_RDONLY)
  try {
    for (;;) {
      const ticket = await showTicket(directory, folder, name)
      if (await winsTurn(directory, folder, name, ticket)) {
        return { release: () => withdraw(folder, ticket).finally(() => directory.close()) }
      }
      await sleep(TURN_MS * (1 + Math.random()))
    }
  } catch (error) {
    await directory.close()
    throw error
  }
}

/**
 * Tells who holds the lock `name` of a folder.
 *
 * @returns null when nobody does.
 */
export async function lockHolder(folder: string, name: string): Promise<LockHolder | null> {
  const directory = await open(folder, constants.O_RDONLY).catch(() => null)
  if (!directory) return null
  try {
    const { alive } = await rivals(directory, folder, name)
    return alive.find((rival) => rival.state === 'held') ?? null
  } finally {
    await directory.close()
  }
}

// Between bind and listen a socket looks dead, so it gets its visible name only when it answers.
async function showTicket(directory: FileHandle, folder: string, name: string): Promise<Ticket> {
  const file = `${name}.${process.pid}-${randomBytes(4).toString('hex')}`
  const ticket: Ticket = { file, state: 'trying', server: createServer() }
  ticket.server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy())
    socket.end(`${process.pid} ${ticket.state}`)
  })
  await listen(ticket.server, socketPath(directory, folder, `draft-${file}`))
  await rename(join(folder, `draft-${file}`), join(folder, file))
  return ticket
}

/** @returns false after withdrawing in favour of another contender, to come back later. */
async function winsTurn(
  directory: FileHandle,
  folder: string,
  name: string,
  ticket: Ticket,
): Promise<boolean> {
  try {
    for (;;) {
      const { alive, dead } = await rivals(directory, folder, name, ticket.file)
      for (const file of dead) await unlink(join(folder, file)).catch(ignoreMissing)
      const holder = alive.find((rival) => rival.state === 'held')
      if (holder) throw new FolderLocked(holder)
      if (alive.length === 0) {
        ticket.state = 'held'
        return true
      }
      if (alive.some((rival) => rival.file < ticket.file)) {
        await withdraw(folder, ticket)
        return false
      }
      await sleep(TURN_MS)
    }
  } catch (error) {
    await withdraw(folder, ticket)
    throw error
  }
}

async function withdraw(folder: string, ticket: Ticket) {
  await unlink(join(folder, ticket.file)).catch(ignoreMissing)
  await new Promise((resolve) => ticket.server.close(resolve))
}

async function rivals(directory: FileHandle, folder: string, name: string, own?: string) {
  const files = (await readdir(folder)).filter((file) => file.startsWith(`${name}.`) && file !== own)
  const answers = await Promise.all(
    files.map(async (file) => ({ file, rival: await ask(file, socketPath(directory, folder, file)) })),
  )
  return {
    alive: answers.flatMap(({ rival }) => rival ?? []),
    dead: answers.filter(({ rival }) => rival === null).map(({ file }) => file),
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path, readableAll: true, writableAll: true }, () => resolve())
    // a process that forgets to release may still end
    server.unref()
  })
}

/** @returns null when nobody answers; whoever is there but says nothing in time counts as the holder. */
function ask(file: string, path: string): Promise<Rival | null> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(path)
    const finish = () => {
      const [pid, state] = answer.split(' ')
      socket.destroy()
      resolve({ file, pid: pid ? Number(pid) : null, state: state === 'trying' ? 'trying' : 'held' })
    }
    socket.setEncoding('utf8').setTimeout(ANSWER_TIMEOUT_MS, finish)
    socket.on('data', (chunk: string) => {
      answer += chunk
    })
    socket.once('end', finish)
    socket.once('error', (error) => {
      socket.destroy()
      if (hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK')) resolve(null)
      else if (hasCode(error, 'EACCES', 'EPERM', 'EAGAIN')) resolve({ file, pid: null, state: 'held' })
      // it withdrew while we asked
      else if (hasCode(error, 'ECONNRESET', 'EPIPE')) resolve({ file, pid: null, state: 'trying' })
      else reject(error)
    })
  })
}

// a socket's path is limited to 107 bytes, a folder's is not
function socketPath(directory: FileHandle, folder: string, file: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${directory.fd}/${file}` : join(folder, file)
}

function ignoreMissing(error: unknown) {
  if (!hasCode(error, 'ENOENT')) throw error
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
