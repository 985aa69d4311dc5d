import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { endLaunched, eventually, launch, startRefused } from '../kit/process.ts'
import { createWorld } from '../kit/world.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const app = useTestApp()
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrium-audit-'))
})

afterAll(async () => {
  await endLaunched()
  await rm(folder, { recursive: true, force: true })
})

/** The command, without a database in its environment. */
const verify = (...args: string[]) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs')
    const env = { PATH: process.env.PATH }
    execFile(
      process.execPath,
      [tsx, 'scripts/verify-audit.ts', ...args],
      { cwd: ROOT, env },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), output: out + err }),
    )
  })

test('E2 npm run audit:verify tells by its exit code, and names the entry', async () => {
  const tenant = await createWorld(app.current).tenant()
  const response = await app.current.app.fetch(`/organizations/${tenant.id}/audit.jsonl`, {
    headers: { authorization: `Bearer ${tenant.owner.token}` },
  })
  const text = await response.text()
  const file = join(folder, 'audit.jsonl')
  await writeFile(file, text)
  const [, hash] = /"head":\{"sequence":\d+,"hash":"(\w+)"/.exec(text) ?? []
  expect(await verify(file)).toMatchObject({ code: 0, output: expect.stringContaining(String(hash)) })
  expect(await verify(file, String(hash))).toMatchObject({ code: 0 })
  expect(await verify(file, 'a'.repeat(64))).toMatchObject({ code: 1 })
  await writeFile(file, text.replace('"sequence":2,', '"sequence":2,"more":1,'))
  expect(await verify(file)).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^Entry 2 was changed: .*\(line 3\)/),
  })
  expect(await verify(join(folder, 'absent'))).toMatchObject({ code: 2 })
  expect(await verify()).toMatchObject({ code: 2, output: expect.stringContaining('Usage') })
}, 60_000)

test('E4 npm run worker takes a database, runs until it is asked to end, and exits with 0', async () => {
  expect(await startRefused({}, ['worker'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('DATABASE_URL'),
  })
  const { databaseUrl, services } = app.current
  const settings = { DATABASE_URL: databaseUrl, AUTH_SECRET: services.secrets.authSecret, DATA_DIR: folder }
  const worker = launch(settings, {}, ['worker'])
  await eventually(() => worker.output().includes('The Atrium worker is ready.'), 30_000)
  worker.signal('SIGTERM')
  expect(await worker.exited).toMatchObject({ code: 0 })
}, 60_000)
