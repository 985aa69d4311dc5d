import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { main } from '../../../scripts/provision/main.ts'
import { useTestApp } from '../../kit/app.ts'
import { createWorld, type Tenant } from '../../kit/world.ts'

const app = useTestApp()
let folder = ''
let url = ''
let server: Server
let tenant: Tenant

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrium-cli-'))
  server = createServer(app.current.app.listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  tenant = await createWorld(app.current).tenant()
})

afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true, force: true })
})

/** A stream that keeps what is written to it, as a terminal or not. */
function stream(isTTY: boolean) {
  const through = Object.assign(new PassThrough(), { isTTY, columns: 80, clearLine() {}, cursorTo() {} })
  let text = ''
  through.on('data', (part: Buffer) => {
    text += part.toString()
  })
  return { stream: through as unknown as NodeJS.WriteStream, text: () => text }
}

async function file(content: unknown, name = 'desired.yaml'): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, typeof content === 'string' ? content : stringify(content))
  return path
}

interface Ran {
  code: number
  out: string
  err: string
}

async function run(args: string[], { isTTY = false, token = tenant.owner.token } = {}): Promise<Ran> {
  const [out, err] = [stream(isTTY), stream(isTTY)]
  const env = { ATRIUM_URL: url, ATRIUM_TOKEN: token }
  const code = await main(args, env, { stdout: out.stream, stderr: err.stream })
  return { code, out: out.text(), err: err.text() }
}

const desired = (workspaces: object[]) => ({ organization: tenant.slug, workspaces })
const ESCAPE = '\u001b['

test('O16 a plan, the run, and the same once more, with exit codes for each', async () => {
  const path = await file(
    desired([
      { key: 'alpha', name: 'Alpha', settings: { features: [{ key: 'maps', enabled: true }] } },
      { key: 'beta', members: [{ email: 'ada@example.org', role: 'viewer' }] },
      { key: 'general' },
    ]),
  )
  const planned = await run([path, '--plan'])
  expect(planned.code).toBe(2)
  expect(planned.out).toMatch(/^\+ alpha$/m)
  expect(planned.out).toMatch(/settings\.features\.maps {2}true/)
  expect(planned.out).toMatch(/invites\.ada@example\.org {2}"READ"/)
  expect(planned.out).toMatch(/^Plan: 2 to create, 0 to change, 1 unchanged, 0 refused\.$/m)
  expect(await app.current.services.db.workspace.count({ where: { key: 'alpha' } })).toBe(0)

  const applied = await run([path, '--apply'])
  expect(applied.code).toBe(0)
  expect(applied.out).toMatch(/^SUCCEEDED: 3 of 3 as they should be, 0 refused\.$/m)
  expect(applied.err).toMatch(/3 of 3\n$/)

  for (const way of ['--plan', '--apply']) {
    const again = await run([path, way])
    expect([again.code, again.out]).toEqual([0, 'Plan: 0 to create, 0 to change, 3 unchanged, 0 refused.\n'])
  }
})

test('O16 what is refused is told, and exits with 3; JSON goes to standard output alone', async () => {
  const path = await file(
    desired([{ key: 'gamma' }, { key: 'delta', members: [{ email: 'x@y.zz', role: 'king' }] }]),
  )
  const planned = await run([path, '--plan'])
  expect(planned.code).toBe(3)
  expect(planned.out).toMatch(/^! delta {2}ROLE_UNKNOWN: There is no workspace role "king"/m)
  const progress = { total: 2, done: 1, failed: 1 }
  const asJson = await run([path, '--plan', '--json'])
  expect(JSON.parse(asJson.out).operation).toMatchObject({ state: 'SUCCEEDED', progress })
  const applied = await run([path, '--apply', '--json'])
  expect(applied.code).toBe(3)
  const { operation, items, ...rest } = JSON.parse(applied.out) as {
    operation: { state: string }
    items: { key: string; action: string }[]
  }
  expect(rest).toEqual({})
  expect(operation).toMatchObject({ state: 'SUCCEEDED', progress })
  // Each item stands there once, not in the operation too.
  expect(operation).not.toHaveProperty('items')
  expect(items.map(({ key, action }) => [key, action])).toEqual([
    ['gamma', 'CREATE'],
    ['delta', 'REFUSED'],
  ])
  expect(applied.err).toMatch(/^Plan: 1 to create/m)
})

test('O16 colours are for terminals only, changes show both values, and a template is named by its key', async () => {
  const path = await file(
    JSON.stringify({
      organization: tenant.slug,
      template: 'general',
      mode: 'ATOMIC',
      workspaces: [{ key: 'general', description: 'Everything' }, { key: 'epsilon' }],
    }),
    'desired.json',
  )
  const plain = await run([path, '--plan'])
  expect(plain.out).not.toContain(ESCAPE)
  expect(plain.out).toMatch(/^~ general\n {4}description {2}"" -> "Everything"$/m)
  const coloured = await run([path, '--plan'], { isTTY: true })
  expect(coloured.out).toContain(ESCAPE)
  const applied = await run([path, '--apply'], { isTTY: true })
  expect(applied.code).toBe(0)
  // The bar.
  expect(applied.err).toMatch(/100% \| 2 of 2/)
})

test('O16 what can not be run exits with 1 and one sentence for each thing', async () => {
  const good = await file(desired([{ key: 'zeta' }]), 'good.yaml')
  const wrong = await file(
    { organization: tenant.slug, workspace: [], workspaces: [{ name: 'No key' }] },
    'wrong.yaml',
  )
  const expected: [string[], RegExp, string?][] = [
    [[], /^Name one file\./],
    [[good], /--plan or --apply/],
    [[good, '--plan', '--apply'], /--plan or --apply/],
    [[good, '--plan', '--nonsense'], /nonsense/],
    [[join(folder, 'absent.yaml'), '--plan'], /absent\.yaml can't be read: ENOENT/],
    [[await file('a: [', 'broken.yaml'), '--plan'], /broken\.yaml can't be read/],
    [[wrong, '--plan'], /workspaces\.0\.key: Each workspace has a key\.[\s\S]*workspace/],
    [[good, '--plan'], /UNAUTHENTICATED/, 'nobody'],
    [[good, '--plan', '--url', 'nowhere'], /is no URL/],
    [
      [await file({ ...desired([{ key: 'zeta' }]), organization: 'elsewhere' }, 'else.yaml'), '--plan'],
      /There is no organization "elsewhere" that you see/,
    ],
    [[await file(desired([{ key: 'Zeta' }]), 'key.yaml'), '--plan'], /workspaces\.0\.key: A key has 2 to 48/],
  ]
  for (const [args, message, token] of expected) {
    const { code, out, err } = await run(args, token ? { token } : {})
    expect([code, out], args.join(' ')).toEqual([1, ''])
    expect(err).toMatch(message)
  }
  expect(await app.current.services.db.workspace.count({ where: { key: 'zeta' } })).toBe(0)
})

test('O16 the command itself exits with that code', async () => {
  const path = await file(desired([{ key: 'eta' }]))
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/provision.ts', path, '--plan'], {
    cwd: root,
    env: { PATH: process.env.PATH, ATRIUM_URL: url, ATRIUM_TOKEN: tenant.owner.token },
  })
  let out = ''
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString()
  })
  const [code] = await once(child, 'close')
  expect([code, out]).toEqual([2, expect.stringMatching(/^\+ eta\n/)])
})
