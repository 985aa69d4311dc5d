import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { InvalidSetting, parseEnv } from '../src/env.ts'

const SECRET = 'x'.repeat(32)
const DATABASE_URL = 'postgresql://127.0.0.1:5432/atrium'

test.each<[Record<string, string>, RegExp]>([
  [{ PORT: 'http' }, /PORT/],
  [{ PORT: '70000' }, /PORT/],
  [{ PORT: '4000.5' }, /PORT/],
  [{ DATABASE_URL: 'mysql://127.0.0.1/atrium', AUTH_SECRET: SECRET }, /DATABASE_URL/],
  [{ DATABASE_URL }, /AUTH_SECRET is required with DATABASE_URL/],
  [{ AUTH_SECRET: 'short' }, /AUTH_SECRET.*32/],
  [{ DATABASE_POOL: '0' }, /DATABASE_POOL/],
  [{ PUBLIC_URL: 'atrium' }, /PUBLIC_URL/],
  [{ PUBLIC_URL: 'ftp://atrium.test' }, /PUBLIC_URL/],
  [{ SMTP_URL: 'http://mail.test' }, /SMTP_URL/],
  [{ DEMO: 'yes' }, /DEMO/],
  [{ WORKSPACE_RETENTION_DAYS: '-1' }, /WORKSPACE_RETENTION_DAYS/],
  [{ SESSION_DAYS: 'many' }, /SESSION_DAYS/],
  [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
  [{ MAX_BODY_BYTES: '1e99' }, /MAX_BODY_BYTES/],
  [{ SHUTDOWN_SECONDS: '0' }, /SHUTDOWN_SECONDS/],
])('%j is refused with one sentence that names the setting', (settings, sentence) => {
  const parse = () => parseEnv(settings)
  expect(parse).toThrow(InvalidSetting)
  expect(parse).toThrow(sentence)
  expect(parse).toThrow(/^The setting [A-Z_]+ [^\n]*\.$/)
})

test('nothing at all is enough, and an empty setting is an absent one', () => {
  expect(parseEnv({})).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 4000,
    PUBLIC_URL: 'http://127.0.0.1:4000',
    DATA_DIR: resolve('.data'),
    WORKSPACE_RETENTION_DAYS: 30,
    NODE_ENV: 'production',
  })
  expect(parseEnv({ PORT: '', DATABASE_URL: '', AUTH_SECRET: '' })).toEqual(parseEnv({}))
})

test('PUBLIC_URL follows from host and port, and has no slash at its end', () => {
  expect(parseEnv({ HOST: '::1', PORT: '0' }).PUBLIC_URL).toBe('http://[::1]:0')
  expect(parseEnv({ PUBLIC_URL: 'https://atrium.test/api/' }).PUBLIC_URL).toBe('https://atrium.test/api')
})
