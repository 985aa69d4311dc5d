import { describe, expect, test } from 'vitest'
import { createStub, errorsOf, listening, send } from './stub.ts'

describe('errors of an operation', () => {
  test('a refusal at a root keeps the rest of the answer, with status 200', async () => {
    const { app } = createStub()
    const response = await send(app, { query: '{ hello refused }' })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      data: { hello: 'Hello you', refused: null },
      errors: [
        {
          message: 'This needs the permission workspace:update, which you do not have here.',
          path: ['refused'],
          locations: [{ line: 1, column: 9 }],
          extensions: { code: 'FORBIDDEN', permission: 'workspace:update' },
        },
      ],
    })
  })

  test.each([
    ['absent', { code: 'NOT_FOUND' }],
    ['wrong', { code: 'BAD_USER_INPUT', reason: 'INVALID_ID' }],
  ])('%s', async (field, extensions) => {
    const { app, logged } = createStub()
    const response = await send(
      app,
      { query: `{ ${field} }` },
      { accept: 'application/graphql-response+json' },
    )
    expect(response.status).toBe(200)
    expect((await errorsOf(response))[0]?.extensions).toEqual(extensions)
    expect(logged.filter(({ level }) => level === 'error')).toEqual([])
  })

  test.each(['bug', 'uncoded'])('%s is masked and logged with the request id', async (field) => {
    const { app, logged } = createStub()
    const response = await send(app, { query: `{ ${field} }` }, { 'x-request-id': 'req-7' })
    const text = await response.text()
    expect(JSON.parse(text).errors).toEqual([
      {
        message: 'Something went wrong on our side. If it lasts, report request id req-7.',
        path: [field],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'req-7' },
      },
    ])
    expect(text).not.toContain('passwordHash')
    const line = logged.find(({ level }) => level === 'error')
    expect(line).toMatchObject({ requestId: 'req-7', path: field, msg: 'unexpected error' })
    expect(line).toMatchObject({ err: { stack: expect.stringContaining('stub.ts') } })
  })

  test('a failing list does not flood the log', async () => {
    const { app, logged } = createStub()
    const query = `{ ${Array.from({ length: 40 }, (_, i) => `b${i}: bug`).join(' ')} }`
    expect(await errorsOf(await send(app, { query }))).toHaveLength(40)
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(5)
  })

  test('a client that leaves before its answer is no failure of the service', async () => {
    const { app, logged } = createStub()
    await listening(app, async (url) => {
      const abort = new AbortController()
      const asked = fetch(`${url}/graphql`, {
        method: 'POST',
        signal: abort.signal,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ slow(ms: 250) }' }),
      })
      setTimeout(() => abort.abort(), 100)
      await expect(asked).rejects.toThrow()
      await expect.poll(() => logged.length).toBeGreaterThan(0)
    })
    expect(logged.filter(({ level }) => level === 'error')).toEqual([])
    expect(logged.at(-1)).toMatchObject({ level: 'info' })
  })

  test('a lost database is told as such, and the process lives on', async () => {
    const { app, logged } = createStub()
    const [error] = await errorsOf(await send(app, { query: '{ outage }' }, { 'x-request-id': 'req-8' }))
    expect(error?.message).toMatch(/can't reach its database at the moment.*req-8/)
    expect(error?.message).not.toContain('5432')
    expect(error?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: 'req-8' })
    expect(logged[0]).toMatchObject({ level: 'error', msg: 'database unreachable' })
    expect(await (await send(app, { query: '{ hello }' })).json()).toEqual({ data: { hello: 'Hello you' } })
  })

  test('a database that is lost while it is asked who asks', async () => {
    const lost = new AggregateError(
      [
        Object.assign(new Error('connect ECONNREFUSED ::1:5432'), { code: 'ECONNREFUSED' }),
        new Error('and 127.0.0.1'),
      ],
      'all failed',
    )
    const { app } = createStub({ deps: { contextOf: () => Promise.reject(lost) } })
    const response = await send(app, { query: '{ hello }' })
    expect(response.status).toBe(500)
    const errors = await errorsOf(response)
    expect(errors).toHaveLength(1)
    expect(errors[0]?.message).toContain("can't reach its database")
  })

  test('a handler outside of GraphQL that throws', async () => {
    const { app, logged } = createStub({
      deps: { authHandler: () => Promise.reject(new Error('secret detail')) },
    })
    const response = await app.fetch('/api/auth/session')
    expect(response.status).toBe(500)
    const [error] = await errorsOf(response)
    expect(error?.extensions).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      requestId: response.headers.get('x-request-id'),
    })
    expect(error?.message).not.toContain('secret detail')
    expect(logged.some(({ msg }) => msg === 'unexpected error')).toBe(true)
  })

  test('an answer that breaks on a socket', async () => {
    const { app } = createStub()
    await listening(app, async (url) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ bug }' }),
      })
      expect(response.status).toBe(200)
      expect((await errorsOf(response))[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR')
    })
  })
})

describe('headers that resolvers set', () => {
  test('each cookie is a header of its own', async () => {
    const { app } = createStub()
    const response = await send(app, { query: 'mutation { act }' })
    expect(response.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2; HttpOnly'])
  })

  test('on a socket too', async () => {
    const { app } = createStub()
    await listening(app, async (url) => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ query: 'mutation { act }' })
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
      expect(response.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2; HttpOnly'])
    })
  })
})
