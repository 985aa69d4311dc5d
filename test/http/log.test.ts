import { Writable } from 'node:stream'
import { GraphQLError, parse } from 'graphql'
import { expect, test } from 'vitest'
import type { Logger } from '../../src/platform/log.ts'
import { createLogger } from '../../src/platform/log.ts'

function logged(write: (log: Logger) => void): string {
  let text = ''
  const lines = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  write(createLogger('info', lines))
  return text
}

const SECRET = 'hunter2hunter2'

const cases: [string, (log: Logger) => void][] = [
  ['a key', (log) => log.info({ password: SECRET, token: SECRET, secret: SECRET })],
  [
    'a key in another case',
    (log) => log.info({ AUTH_SECRET: SECRET, Authorization: SECRET, 'Set-Cookie': SECRET }),
  ],
  [
    'a compound key',
    (log) => log.info({ newPassword: SECRET, accessToken: SECRET, apiKey: SECRET, clientSecret: SECRET }),
  ],
  ['a nested key', (log) => log.info({ a: { b: [{ c: { headers: { cookie: SECRET } } }] } })],
  ['a list under a key', (log) => log.info({ tokens: [SECRET] })],
  ['Headers', (log) => log.info({ headers: new Headers({ authorization: SECRET }) })],
  ['a Map', (log) => log.info({ map: new Map([['token', SECRET]]) })],
  ['a child logger', (log) => log.child({ token: SECRET }).info('hello')],
  ['a database URL', (log) => log.info({ DATABASE_URL: `postgresql://u:${SECRET}@db:5432/x` })],
  ['a URL in the message', (log) => log.info(`can't connect to postgresql://u:${SECRET}@db:5432/x`)],
  ['a bearer token in the message', (log) => log.info(`sent Authorization: Bearer ${SECRET}`)],
  [
    'an error',
    (log) => log.error({ err: Object.assign(new Error('x'), { meta: { password: SECRET } }) }, 'failed'),
  ],
  ['an error alone', (log) => log.error(new Error(`can't connect to postgresql://u:${SECRET}@db`))],
  [
    'the text of an error',
    (log) => log.error({ err: new Error(`create({ data: { token: "${SECRET}" } })`) }),
  ],
  [
    'the cause of an error',
    (log) => log.error({ err: new Error('x', { cause: new Error(`password=${SECRET}`) }) }),
  ],
  ['a list of errors', (log) => log.error({ err: new AggregateError([new Error(`?token=${SECRET}`)]) })],
  [
    'the document of a GraphQL error',
    (log) =>
      log.error({
        err: new GraphQLError('x', { nodes: parse(`{ signIn(word: "${SECRET}") }`).definitions }),
      }),
  ],
]

test.each(cases)('no secret is logged: %s', (_name, write) => {
  const text = logged(write)
  expect(text).not.toContain(SECRET)
  expect(JSON.parse(text)).toMatchObject({ level: expect.any(String), time: expect.any(String) })
})

test('what helps stays: type, message, stack, code, cause', () => {
  const cause = Object.assign(new Error('inner'), { code: 'P2002' })
  const line = JSON.parse(
    logged((log) => log.error({ err: new TypeError('outer', { cause }), tokenId: 'a' }, 'failed')),
  )
  expect(line).toMatchObject({
    msg: 'failed',
    tokenId: 'a',
    err: { type: 'TypeError', message: 'outer', cause: { message: 'inner', code: 'P2002' } },
  })
  expect(line.err.stack).toContain('log.test.ts')
})

test('the link of a mail that is not sent is shown: it is the way to follow it', () => {
  const link = 'http://127.0.0.1:4000/verify-email?token=abc'
  expect(logged((log) => log.info({ to: 'a@b.c', link }, 'mail'))).toContain(link)
})

test('circles and depths end', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  expect(JSON.parse(logged((log) => log.info({ circle })))).toMatchObject({ circle: { self: '[…]' } })
})
