#!/usr/bin/env node
// Generates the Prisma client when its schema changed, builds the client package and the console, and bundles src/main.ts
// into dist/main.js, each when a source did. That is recognised by a hash of what goes in, so that a second start has
// nothing to do.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const COMMON = ['package-lock.json', 'scripts/build.mjs']
const GENERATE = {
  stamp: 'dist/.generated',
  inputs: ['prisma/schema', 'prisma.config.ts', ...COMMON],
  outputs: ['src/generated/prisma/client.ts', 'src/generated/pothos-types.ts'],
}
const BUNDLE = {
  stamp: 'dist/.bundled',
  inputs: ['src', 'prisma/schema', 'prisma/seed.ts', 'tsconfig.json', ...COMMON],
  outputs: ['dist/main.js'],
}
const CLIENT_SOURCES = [
  'client/src',
  'client/package.json',
  'client/tsconfig.json',
  'client/tsconfig.build.json',
]
const CLIENT = {
  stamp: 'dist/.client',
  inputs: [...CLIENT_SOURCES, 'tsconfig.json', ...COMMON],
  outputs: ['client/dist/index.js', 'client/dist/fetch.js', 'client/dist/index.d.ts'],
}
const CONSOLE = {
  stamp: 'dist/.console',
  inputs: [
    'console/src',
    'console/index.html',
    'console/package.json',
    'console/vite.config.ts',
    ...CLIENT_SOURCES,
    ...COMMON,
  ],
  outputs: ['dist/console/index.html'],
}
/** Where Prisma and Pothos write; what stands there follows from the schema. */
const GENERATED = join(ROOT, 'src/generated')

/** A sentence for the person who started the build. */
class BuildFailed extends Error {}

const STEPS = [
  [GENERATE, generate],
  [CLIENT, bundleClient],
  [CONSOLE, bundleConsole],
  [BUNDLE, bundle],
]

/** Brings dist/main.js and dist/console up to date. */
export const build = () => bringUpToDate(STEPS)

/** Brings client/dist up to date: the package as its users get it. */
export const buildClient = () => bringUpToDate([[CLIENT, bundleClient]])

async function bringUpToDate(steps) {
  if (steps.every(([target]) => isDone(target))) return
  // Whoever starts for the first time should not look at nothing.
  process.stderr.write('Building: this can take a minute.\n')
  mkdirSync(join(ROOT, 'dist'), { recursive: true })
  await takeLock()
  try {
    for (const [target, work] of steps) {
      if (isDone(target)) continue
      const hash = hashOf(target.inputs)
      rmSync(join(ROOT, target.stamp), { force: true })
      await work()
      writeFileSync(join(ROOT, target.stamp), hash)
    }
  } finally {
    rmSync(LOCK, { force: true })
  }
}

const isDone = ({ stamp, inputs, outputs }) =>
  outputs.every((path) => existsSync(join(ROOT, path))) && read(stamp) === hashOf(inputs)

/** Names the process that builds: another one that starts meanwhile would run a file that is half written. */
const LOCK = join(ROOT, 'dist/.building')

async function takeLock() {
  for (;;) {
    try {
      return writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    // Nobody is left to take away the lock of a process that was killed.
    if (!isAlive(Number(read('dist/.building')))) rmSync(LOCK, { force: true })
    else await sleep(100)
  }
}

/** @param pid 0 while the one who has just begun writes it, and for good if it was killed just then */
function isAlive(pid) {
  if (!pid) return Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 10_000
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function generate() {
  const cli = resolveTool('prisma/build/index.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'generate'], {
    cwd: ROOT,
    encoding: 'utf8',
    // The schema names its generators as commands, which npm would find for us.
    env: {
      ...process.env,
      PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  })
  if (status !== 0) throw new BuildFailed(`prisma generate failed:\n${stdout}${stderr}`)
}

function bundle() {
  return esbuild({
    entryPoints: ['src/main.ts'],
    outfile: 'dist/main.js',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    sourcesContent: false,
  })
}

/** One module for each entry and one for what they share; the declarations beside them. */
async function bundleClient() {
  rmSync(join(ROOT, 'client/dist'), { recursive: true, force: true })
  await esbuild({
    entryPoints: ['client/src/index.ts', 'client/src/fetch.ts'],
    outdir: 'client/dist',
    platform: 'neutral',
    target: 'es2022',
    splitting: true,
  })
  const compiler = resolveTool('typescript7/package.json').replace('package.json', 'bin/tsc')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [compiler, '-p', 'client/tsconfig.build.json'],
    { cwd: ROOT, encoding: 'utf8' },
  )
  if (status !== 0)
    throw new BuildFailed(`The declarations of the client could not be made:\n${stdout}${stderr}`)
}

async function bundleConsole() {
  resolveTool('vite')
  const vite = await import('vite')
  try {
    await vite.build({
      root: join(ROOT, 'console'),
      configFile: join(ROOT, 'console/vite.config.ts'),
      mode: 'production',
      logLevel: 'warn',
    })
  } catch (error) {
    throw new BuildFailed(`The console could not be built:\n${error.message}`)
  }
}

async function esbuild(options) {
  resolveTool('esbuild')
  const tool = await import('esbuild')
  try {
    await tool.build({
      absWorkingDir: ROOT,
      bundle: true,
      packages: 'external',
      format: 'esm',
      logLevel: 'error',
      ...options,
    })
  } catch {
    throw new BuildFailed('The bundle could not be built; the errors are above.')
  } finally {
    await tool.stop()
  }
}

function resolveTool(name) {
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch {
    throw new BuildFailed(
      `The build needs ${name.split('/')[0]}, which is not installed: run "npm ci --include=dev" first.`,
    )
  }
}

function hashOf(paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap((path) => filesIn(join(ROOT, path))).sort()) {
    hash
      .update(`${relative(ROOT, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

function filesIn(path) {
  if (!existsSync(path) || path === GENERATED) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)))
}

function read(path) {
  return existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : undefined
}

/** Builds, or ends the process with a sentence. */
export async function buildOrExit() {
  try {
    await build()
  } catch (error) {
    process.stderr.write(`${error instanceof BuildFailed ? error.message : error.stack}\n`)
    process.exit(1)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildOrExit()
