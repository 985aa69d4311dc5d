import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createStub, errorsOf, listening, send } from './stub.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('a request that can not run', () => {
  const cases: [name: string, body: unknown, reason: string, status: number][] = [
    ['malformed JSON', '{"query": ', 'MALFORMED_JSON', 400],
    ['no body', '', 'MALFORMED_JSON', 400],
    ['null', 'null', 'INVALID_REQUEST', 400],
    ['a number', '7', 'INVALID_REQUEST', 400],
    ['no query', {}, 'INVALID_REQUEST', 400],
    ['a query that is no string', { query: 7 }, 'INVALID_REQUEST', 400],
    ['variables that are a list', { query: '{ hello }', variables: [1] }, 'INVALID_REQUEST', 400],
    ['an unknown parameter', { query: '{ hello }', extra: 1 }, 'INVALID_REQUEST', 400],
    ['a batch', [{ query: '{ hello }' }], 'BATCHING', 400],
    ['wrong syntax', { query: '{ hello' }, 'SYNTAX', 400],
    ['an unknown field', { query: '{ hullo }' }, 'VALIDATION', 400],
    ['a wrong literal', { query: '{ hello(name: 7) }' }, 'VALIDATION', 400],
    [
      'a wrong variable',
      { query: 'query ($n: Int!) { count(by: $n) }', variables: { n: 'x' } },
      'VARIABLES',
      400,
    ],
    ['a missing variable', { query: 'query ($n: Int!) { count(by: $n) }' }, 'VARIABLES', 400],
    ['an unknown operation', { query: 'query A { hello }', operationName: 'B' }, 'OPERATION', 400],
    ['two operations and no name', { query: 'query A { hello } query B { hello }' }, 'OPERATION', 400],
  ]
  test.each(cases)('%s', async (_name, body, reason, status) => {
    const { app } = createStub()
    const response = await send(app, body, { accept: 'application/graphql-response+json' })
    expect(response.status).toBe(status)
    const errors = await errorsOf(response)
    expect(errors.length).toBeGreaterThan(0)
    for (const { extensions } of errors) expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason })
    for (const { extensions } of errors) expect(extensions).not.toHaveProperty('http')
  })

  test('tells application/json clients with status 200 when the request itself was well formed', async () => {
    const { app } = createStub()
    const response = await send(app, { query: '{ hullo }' }, { accept: 'application/json' })
    expect(response.status).toBe(200)
    expect((await errorsOf(response))[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      reason: 'VALIDATION',
    })
  })

  test('malformed variables of a GET are no bug', async () => {
    const { app, logged } = createStub()
    const response = await app.fetch('/graphql?query={hello}&variables={', {
      headers: { accept: 'application/json' },
    })
    expect(response.status).toBe(400)
    expect((await errorsOf(response))[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'MALFORMED_JSON',
    })
    expect(logged.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('an argument that turns out wrong while it runs', async () => {
    const { app } = createStub()
    const query = 'query ($n: Int = 3) { count(by: $n) }'
    const [error] = await errorsOf(await send(app, { query, variables: { n: null } }))
    expect(error?.extensions).toEqual({ code: 'BAD_USER_INPUT', reason: 'VARIABLES' })
  })

  test('an unacceptable Accept', async () => {
    const { app } = createStub()
    const response = await send(app, { query: '{ hello }' }, { accept: 'image/png' })
    expect(response.status).toBe(406)
    expect((await errorsOf(response))[0]?.extensions).toMatchObject({ reason: 'NOT_ACCEPTABLE' })
  })

  test.each(['PUT', 'DELETE', 'OPTIONS', 'HEAD'])('%s is not a method of GraphQL', async (method) => {
    const { app } = createStub()
    const response = await app.fetch('/graphql', { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, POST')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('a mutation by GET', async () => {
    const { app, effects } = createStub()
    const response = await app.fetch('/graphql?query=mutation{act}')
    expect(response.status).toBe(405)
    expect((await errorsOf(response))[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', reason: 'METHOD' })
    expect(effects).toEqual([])
  })
})

describe('the limit of a body', () => {
  const big = JSON.stringify({ query: '{ hello }', variables: { pad: 'x'.repeat(20_000) } })
  const limited = () => createStub({ env: { MAX_BODY_BYTES: '10000' } })

  test('in-process', async () => {
    const response = await send(limited().app, big)
    expect(response.status).toBe(413)
    expect((await errorsOf(response))[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'BODY_TOO_LARGE',
    })
  })

  test('with a Content-Length, before the body is sent', async () => {
    const { app } = limited()
    const answer = await listening(app, (_url, port) =>
      raw(
        port,
        'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999999\r\n\r\n',
      ),
    )
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('BODY_TOO_LARGE')
  })

  test('in chunks without a Content-Length, without taking in the rest', async () => {
    const { app } = limited()
    await listening(app, async (_url, port) => {
      const { status, body } = await endless(port)
      expect(status).toBe(413)
      expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { reason: 'BODY_TOO_LARGE' } }] })
    })
  })

  test('holds for other routes too', async () => {
    const response = await limited().app.fetch('/api/auth/sign-in', { method: 'POST', body: big })
    expect(response.status).toBe(413)
  })

  test('a body below it passes', async () => {
    const { app } = limited()
    await listening(app, async (url) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: 'query($n:String){ hello(name:$n) }',
          variables: { n: 'é'.repeat(4000) },
        }),
      })
      expect(await response.json()).toEqual({ data: { hello: `Hello ${'é'.repeat(4000)}` } })
    })
  })
})

describe('request ids', () => {
  test('a well-formed one is taken and echoed', async () => {
    const { app } = createStub()
    const response = await send(app, { query: '{ hello }' }, { 'x-request-id': 'edge-1.A_b' })
    expect(response.headers.get('x-request-id')).toBe('edge-1.A_b')
  })

  test.each(['a b', '<script>', 'x'.repeat(101), ''])('%j is replaced', async (id) => {
    const { app } = createStub()
    const response = await send(app, { query: '{ hello }' }, { 'x-request-id': id })
    expect(response.headers.get('x-request-id')).toMatch(UUID)
  })
})

describe('the access log', () => {
  test('has one line per request, without variables, bodies and query strings', async () => {
    const { app, logged } = createStub()
    const query = 'query Greet($name: String) { hello(name: $name) }'
    await send(
      app,
      { query, variables: { name: 'hunter2' } },
      { 'x-request-id': 'r1', authorization: 'Bearer hunter2' },
    )
    await app.fetch('/verify?token=hunter2')
    expect(logged).toHaveLength(2)
    expect(logged[0]).toMatchObject({
      level: 'info',
      requestId: 'r1',
      method: 'POST',
      path: '/graphql',
      status: 200,
      operationName: 'Greet',
      ms: expect.any(Number),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    })
    expect(JSON.stringify(logged)).not.toContain('hunter2')
  })
})

/** Sends text over a socket and reads until the server closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

/** Sends chunks until the server answers. */
function endless(port: number): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/graphql', headers })
    const timer = setInterval(() => request.write('x'.repeat(1000)), 1)
    request.on('response', (response) => {
      clearInterval(timer)
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => {
        request.destroy()
        resolve({ status: response.statusCode, body })
      })
    })
    request.on('error', (error) => {
      clearInterval(timer)
      reject(error)
    })
  })
}
