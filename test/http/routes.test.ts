import { describe, expect, test } from 'vitest'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createStub, errorsOf, listening, send } from './stub.ts'

describe('health', () => {
  test('live and ready', async () => {
    const { app } = createStub()
    const live = await app.fetch('/health/live')
    expect([live.status, await live.json()]).toEqual([200, { status: 'live' }])
    const ready = await app.fetch('/health/ready')
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
  })

  test.each([
    ['says no', async () => false],
    ['fails', async () => Promise.reject(new Error('connect postgres://u:hunter2@db failed'))],
  ])('not ready when the database %s, without a secret', async (_name, isReady) => {
    const { app } = createStub({ deps: { isReady } })
    const response = await app.fetch('/health/ready')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      status: 'unavailable',
      reason: 'the database is not reachable or not migrated',
    })
  })

  test('answers in time when the database hangs', async () => {
    const { app } = createStub({ deps: { isReady: () => new Promise(() => {}) } })
    const response = await app.fetch('/health/ready')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ reason: 'the database does not answer in time' })
  })

  test('HEAD has a head only', async () => {
    const { app } = createStub()
    await listening(app, async (url) => {
      const response = await fetch(`${url}/health/ready`, { method: 'HEAD' })
      expect([response.status, await response.text()]).toEqual([200, ''])
    })
  })
})

describe('metrics', () => {
  test('count requests by operation and outcome, with few labels whatever is sent', async () => {
    const metrics = createMetrics({ process: false, pool: { totalCount: 3, idleCount: 2, waitingCount: 1 } })
    const { app } = createStub({ deps: { metrics } })
    await send(app, { query: '{ hello }' })
    await send(app, { query: 'mutation { act }' })
    await send(app, { query: '{ refused }' })
    await send(app, { query: '{ bug hullo }' })
    await send(app, { query: '{ bug }' })
    await send(app, '{')
    for (let i = 0; i < 20; i++) {
      await send(app, { query: `query Name${i} { hello }` })
      await app.fetch(`/nothing/${i}`, { method: i % 2 ? 'PUT' : 'GET' })
    }
    const text = await (await app.fetch('/metrics')).text()
    const count = (operation: string, outcome: string) =>
      new RegExp(`duration_seconds_count\\{operation="${operation}",outcome="${outcome}"\\} (\\d+)`).exec(
        text,
      )?.[1]
    expect(count('query', 'ok')).toBe('21')
    expect(count('mutation', 'ok')).toBe('1')
    expect(count('query', 'refused')).toBe('1')
    expect(count('query', 'invalid')).toBe('1')
    expect(count('query', 'error')).toBe('1')
    expect(count('unknown', 'invalid')).toBe('1')
    expect(text).toMatch(/^atrium_database_pool_connections 3$/m)
    expect(text).toMatch(/^atrium_http_requests_total\{route="other",status="404"\} 20$/m)
    expect(text).not.toMatch(/Name1|nothing/)
  })

  test('have a registry per app', async () => {
    const [one, other] = [createStub(), createStub()]
    await send(one.app, { query: '{ hello }' })
    const text = await (await other.app.fetch('/metrics')).text()
    expect(text).not.toContain('operation="query"')
    expect(text).toContain('process_cpu_seconds_total')
  })
})

describe('other paths', () => {
  test('/ leads to GraphiQL', async () => {
    const { app } = createStub()
    const response = await app.fetch('/')
    expect([response.status, response.headers.get('location')]).toEqual([302, '/graphql'])
  })

  test('W14 the address of a workspace leads browsers to the console, and is nothing to programs', async () => {
    const { app } = createStub()
    const browser = await app.fetch('/acme/rhine', { headers: { accept: 'text/html' } })
    const location = browser.headers.get('location')
    expect([browser.status, location]).toEqual([302, '../console/organizations/acme/workspaces/rhine'])
    expect((await app.fetch('/acme/rhine')).status).toBe(404)
    expect((await app.fetch('/api/rhine', { headers: { accept: 'text/html' } })).status).toBe(404)
  })

  test('/api/auth is Better Auth, with its body', async () => {
    const { app } = createStub()
    await listening(app, async (url) => {
      const response = await fetch(`${url}/api/auth/sign-in/email`, { method: 'POST', body: '{"a":1}' })
      expect(await response.json()).toEqual({ path: '/api/auth/sign-in/email', body: '{"a":1}' })
    })
  })

  test('pages answer before "not found"', async () => {
    const pages = async (request: Request) =>
      new URL(request.url).pathname === '/verify-email'
        ? new Response('<p>ok', {
            headers: { 'content-type': 'text/html', 'content-security-policy': 'own' },
          })
        : null
    const { app } = createStub({ deps: { pages } })
    const page = await app.fetch('/verify-email?token=t')
    expect(await page.text()).toBe('<p>ok')
    expect(page.headers.get('content-security-policy')).toBe('own')
    expect((await app.fetch('/other')).status).toBe(404)
  })

  test('"not found" is JSON for programs and a page for people', async () => {
    const { app } = createStub()
    const program = await app.fetch('/nothing')
    expect(program.status).toBe(404)
    expect((await errorsOf(program))[0]?.extensions).toEqual({ code: 'NOT_FOUND' })
    const person = await app.fetch('/nothing', { headers: { accept: 'text/html' } })
    expect(person.status).toBe(404)
    expect(await person.text()).toContain('<h1>This page does not exist</h1>')
  })

  test.each(['//evil.test/graphql', '/graphql/../etc/passwd', '/%00', '/constructor', '/__proto__'])(
    '%s is harmless',
    async (path) => {
      const { app, logged } = createStub()
      const response = await listening(app, (url) => fetch(url + path))
      expect(response.status).toBe(404)
      expect(logged.filter(({ level }) => level === 'error')).toEqual([])
    },
  )

  test('the placeholder of GraphiQL is no token', async () => {
    const { app } = createStub()
    const token = async (authorization: string) =>
      (
        (await (await send(app, { query: '{ token }' }, { authorization })).json()) as {
          data: { token: string }
        }
      ).data.token
    expect(await token('Bearer <token>')).toBeNull()
    expect(await token('Bearer real')).toBe('Bearer real')
  })
})
