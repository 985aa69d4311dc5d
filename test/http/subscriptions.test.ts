import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createStub, errorsOf, listening, send } from './stub.ts'

const SSE = { accept: 'text/event-stream' }

const eventsIn = (text: string) =>
  [...text.matchAll(/^event: (\w+)\ndata: ?(.*)$/gm)].map(([, event, data]) => [
    event,
    data ? JSON.parse(data) : null,
  ])

describe('a subscription', () => {
  test('sends its events and completes', async () => {
    const { app } = createStub()
    const response = await send(app, { query: 'subscription { ticks(upTo: 2) }' }, SSE)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(response.headers.get('x-request-id')).toBeTruthy()
    expect(eventsIn(await response.text())).toEqual([
      ['next', { data: { ticks: 1 } }],
      ['next', { data: { ticks: 2 } }],
      ['complete', null],
    ])
  })

  test('masks the bug of one event and goes on', async () => {
    const { app, logged } = createStub()
    const text = await (await send(app, { query: 'subscription { ticks(upTo: 14) }' }, SSE)).text()
    const events = eventsIn(text)
    expect(events).toHaveLength(15)
    expect(events[12]).toMatchObject([
      'next',
      { errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
    ])
    expect(events[13]).toEqual(['next', { data: { ticks: 14 } }])
    expect(text).not.toContain('unlucky')
    expect(logged.some(({ level }) => level === 'error')).toBe(true)
  })

  test('that is refused answers once', async () => {
    const { app } = createStub()
    const text = await (await send(app, { query: 'subscription { closedDoor }' }, SSE)).text()
    expect(eventsIn(text)).toMatchObject([
      ['next', { errors: [{ extensions: { code: 'FORBIDDEN', permission: 'events:read' } }] }],
      ['complete', null],
    ])
  })

  test('needs a client that takes event streams, and leaves nothing open otherwise', async () => {
    const { app, closed } = createStub()
    const response = await send(app, { query: 'subscription { never }' }, { accept: 'application/json' })
    expect(response.status).toBe(406)
    expect((await errorsOf(response))[0]?.extensions).toMatchObject({ reason: 'NOT_ACCEPTABLE' })
    expect(closed()).toBe(1)
  })

  test('is kept alive by a heartbeat', async () => {
    const { app } = createStub()
    await listening(app, async (url) => {
      const abort = new AbortController()
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        signal: abort.signal,
        headers: { 'content-type': 'application/json', ...SSE },
        body: JSON.stringify({ query: 'subscription { never }' }),
      })
      const reader = response.body?.getReader()
      let beats = ''
      while (beats.length < 9) beats += Buffer.from((await reader?.read())?.value ?? []).toString()
      expect(beats).toMatch(/^(:\n\n)+$/)
      abort.abort()
    })
  })

  test('is closed at its source when the reader goes away', async () => {
    const { app, closed } = createStub()
    await listening(app, async (url) => {
      const abort = new AbortController()
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        signal: abort.signal,
        headers: { 'content-type': 'application/json', ...SSE },
        body: JSON.stringify({ query: 'subscription { never }' }),
      })
      await response.body?.getReader().read()
      expect(closed()).toBe(0)
      abort.abort()
      await expect.poll(closed).toBe(1)
      const metrics = await (await fetch(`${url}/metrics`)).text()
      expect(metrics).toMatch(/^atrium_subscriptions_open 0$/m)
    })
  })
})

describe('drain', () => {
  test('waits for an open request and tells the balancer', async () => {
    const { app } = createStub()
    await listening(app, async (url) => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ query: '{ slow(ms: 300) }' })
      const open = fetch(`${url}/graphql`, { method: 'POST', headers, body })
      await sleep(100)
      let drained = false
      const draining = app.drain().then(() => {
        drained = true
      })
      const health = await fetch(`${url}/health/ready`)
      expect(health.status).toBe(503)
      expect(await health.json()).toEqual({ status: 'unavailable', reason: 'shutting down' })
      expect(health.headers.get('connection')).toBe('close')
      expect(drained).toBe(false)
      expect(await (await open).json()).toEqual({ data: { slow: 'done' } })
      await draining
    })
  })

  test('ends subscriptions without a complete event, so that clients come back', async () => {
    const { app, closed } = createStub()
    await listening(app, async (url) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...SSE },
        body: JSON.stringify({ query: 'subscription { never }' }),
      })
      const text = response.text()
      await sleep(50)
      await app.drain()
      expect(await text).toMatch(/^(:\n\n)+$/)
      await expect.poll(closed).toBe(1)
    })
  })

  test('of an idle app is immediate', async () => {
    const { app } = createStub()
    await (await app.fetch('/health/live')).text()
    await app.drain()
  })
})
