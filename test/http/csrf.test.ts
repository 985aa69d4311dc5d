import { describe, expect, test } from 'vitest'
import { createStub, errorsOf, listening, send } from './stub.ts'

const ACT = { query: 'mutation { act }' }

describe('what another site can make a browser send', () => {
  test.each([
    ['application/x-www-form-urlencoded', 'query=mutation{act}'],
    ['application/x-www-form-urlencoded; charset=utf-8', 'query=mutation{act}'],
    ['text/plain', JSON.stringify(ACT)],
    ['TEXT/PLAIN;x=application/json', JSON.stringify(ACT)],
    [
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"mutation{act}"}\r\n--b--',
    ],
  ])('a form of type %s runs nothing', async (type, body) => {
    const { app, effects } = createStub()
    const response = await app.fetch('/graphql', { method: 'POST', headers: { 'content-type': type }, body })
    expect(response.status).toBe(403)
    expect((await errorsOf(response))[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', reason: 'CSRF' })
    expect(effects).toEqual([])
  })

  test.each(['application/graphql', 'application/xml', 'application/jsonp'])(
    '%s is not understood',
    async (type) => {
      const { app, effects } = createStub()
      const response = await app.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': type },
        body: 'mutation{act}',
      })
      expect(response.status).toBe(415)
      expect((await errorsOf(response))[0]?.extensions).toMatchObject({ reason: 'UNSUPPORTED_MEDIA_TYPE' })
      expect(effects).toEqual([])
    },
  )

  test('a form does not become JSON by a guard header', async () => {
    const { app, effects } = createStub()
    const headers = { 'content-type': 'text/plain', 'x-requested-with': 'x' }
    const response = await app.fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(ACT) })
    expect(response.status).toBe(415)
    expect(effects).toEqual([])
  })

  test('a body without a type', async () => {
    const { app } = createStub()
    const response = await app.fetch('/graphql', { method: 'POST', body: new Uint8Array([123, 125]) })
    expect(response.status).toBe(415)
  })
})

describe('a request with a cookie', () => {
  const cookie = 'session=s'
  const refused: [string, Record<string, string>][] = [
    ['without an Origin', {}],
    ['from a foreign Origin', { origin: 'https://evil.test' }],
    ['from a look-alike', { origin: 'https://atrium.test.evil.test' }],
    ['from another scheme', { origin: 'http://atrium.test' }],
    ['from nowhere', { origin: 'null' }],
    ['from a cross-site page', { 'sec-fetch-site': 'cross-site' }],
  ]
  test.each(refused)('%s is refused', async (_name, headers) => {
    const { app, effects } = createStub()
    const response = await send(app, ACT, { cookie, ...headers })
    expect(response.status).toBe(403)
    expect((await errorsOf(response))[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', reason: 'CSRF' })
    expect(effects).toEqual([])
  })

  const allowed: [string, Record<string, string>][] = [
    ['from our own Origin', { origin: 'https://atrium.test' }],
    ['from the same host behind a proxy', { origin: 'https://other.test', host: 'other.test' }],
    ['with a guard header', { 'x-requested-with': 'XMLHttpRequest' }],
    ['with a token beside it', { authorization: 'Bearer t' }],
    ['from our own page by GET, where browsers send no Origin', { 'sec-fetch-site': 'same-origin' }],
  ]
  test.each(allowed)('%s is allowed', async (_name, headers) => {
    const { app, effects } = createStub()
    expect((await send(app, ACT, { cookie, ...headers })).status).toBe(200)
    expect(effects).toEqual(['act'])
  })

  test('a query by GET is guarded alike', async () => {
    const { app } = createStub()
    expect((await app.fetch('/graphql?query={hello}', { headers: { cookie } })).status).toBe(403)
    expect((await app.fetch('/graphql?query={hello}')).status).toBe(200)
  })
})

describe('security headers', () => {
  test.each(['/graphql?query={hello}', '/health/live', '/', '/nothing', '/metrics'])(
    'are on %s',
    async (path) => {
      const { app } = createStub()
      const { headers } = await app.fetch(path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('x-powered-by')).toBeNull()
    },
  )

  test('a preflight is answered without permission', async () => {
    const { app } = createStub()
    await listening(app, async (url) => {
      const headers = { origin: 'https://evil.test', 'access-control-request-method': 'POST' }
      const response = await fetch(`${url}/graphql`, { method: 'OPTIONS', headers })
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    })
  })
})
