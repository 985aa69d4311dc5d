import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { afterAll, beforeAll, inject } from 'vitest'
import { type Env, parseEnv } from '../../src/env.ts'
import { createLogger } from '../../src/platform/log.ts'
import { openService, type Service, type ServiceOptions } from '../../src/service.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { databaseUrl, withClient } from './cluster.ts'
import { findLeaks, noteSecrets } from './secret-scan.ts'

/** What a request answers: `data` is null or partial when `errors` says why. */
export interface Answer<Data> {
  data: Data
  errors?: {
    message: string
    path?: (string | number)[]
    extensions: Record<string, unknown> & { code: string }
  }[]
}

export interface TestApp extends Service {
  clock: MovableClock
  /** The database of this file alone. */
  databaseUrl: string
  mailDir: string
  /** Every statement that was sent since the last `statements.length = 0`. */
  statements: string[]
  /** Everything that was logged. */
  logs: string[]
  /** The secrets of this file by name. Where one is found in a log or a row at the end, the file fails. */
  secrets: Map<string, string>
  /** Sends one operation, as whoever the token stands for. */
  run<Data = Record<string, never>, Variables = Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
    token?: string | null,
  ): Promise<Answer<Data>>
}

/** Jobs begin by the clock only where a test asks for them: others may look whether anything was written. */
export interface TestHooks extends Pick<ServiceOptions, 'onRead' | 'repeats'> {
  /** Whether every document is known before it is asked: then the fast paths answer the first request too. */
  taught?: boolean
}

/** Webhooks leave only where a test has receivers of its own: others would try, and fail, to reach example.com. */
const sendsWebhooks = (settings: Record<string, string>) => settings.WEBHOOK_PRIVATE_NETWORKS === '1'

/** The service on a clone of the template database, for one test file. */
export async function openTestApp(
  settings: Record<string, string> = {},
  hooks: TestHooks = {},
): Promise<TestApp> {
  const serverUrl = inject('serverUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  await withClient(serverUrl, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${inject('templateName')}`),
  )
  const dataDir = await mkdtemp(join(tmpdir(), 'atrium-app-'))
  const clock = movableClock()
  const statements: string[] = []
  const logs: string[] = []
  const secrets = new Map<string, string>()
  const url = databaseUrl(serverUrl, name)
  const authSecret = randomBytes(32).toString('hex')
  const service = await openService({
    env: parseEnv({
      DATABASE_URL: url,
      AUTH_SECRET: authSecret,
      DATA_DIR: dataDir,
      PUBLIC_URL: 'http://127.0.0.1:4000',
      NODE_ENV: 'test',
      LOG_LEVEL: 'debug',
      RATE_LIMITS: '0',
      ...settings,
    }),
    databaseUrl: url,
    authSecret,
    clock,
    log: createLogger('debug', { write: (line) => void logs.push(line) }),
    onStatement: (sql) => void statements.push(sql),
    jobPollInterval: 200,
    ...(hooks.onRead ? { onRead: hooks.onRead } : {}),
    webhooks: sendsWebhooks(settings),
    repeats: hooks.repeats ?? false,
  })
  return {
    ...service,
    clock,
    databaseUrl: url,
    mailDir: join(dataDir, 'mail'),
    statements,
    logs,
    secrets,
    run: hooks.taught ? taught(service, runOn(service, secrets)) : runOn(service, secrets),
    close: async () => {
      const leaks = await findLeaks({ services: service.services, logs }, secrets)
      await service.close()
      await withClient(serverUrl, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
      await rm(dataDir, { recursive: true, force: true })
      if (leaks.length > 0) throw new Error(`Secrets were found in clear: ${leaks.join(', ')}`)
    },
  }
}

/**
 * Another instance of the service on the same database, as a second process would be: with connections, caches and a
 * job worker of its own. Close it before the first one.
 */
export async function openBeside(
  app: TestApp,
  settings: Partial<Env> = {},
): Promise<Service & Pick<TestApp, 'run'>> {
  const { env, secrets, log } = app.services
  const service = await openService({
    env: { ...env, ...settings },
    databaseUrl: app.databaseUrl,
    authSecret: secrets.authSecret,
    clock: app.clock,
    log,
    jobPollInterval: 200,
    webhooks: env.WEBHOOK_PRIVATE_NETWORKS,
    repeats: false,
  })
  return { ...service, run: runOn(service, app.secrets) }
}

const runOn =
  (service: Service, secrets: Map<string, string>): TestApp['run'] =>
  async (document, variables, token) => {
    const response = await service.app.fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query: typeof document === 'string' ? document : print(document), variables }),
    })
    const answer: unknown = await response.json()
    noteSecrets(answer, secrets)
    return answer as never
  }

/** Lets the service see each document once, by nobody and for an operation that it does not have: so nothing is executed. */
function taught(service: Service, run: TestApp['run']): TestApp['run'] {
  const send = (body: object) =>
    service.app.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const known = new Set<string>()
  return async (document, variables, token) => {
    const query = typeof document === 'string' ? document : print(document)
    if (known.size === 0) await send({ query: '{ __typename }' })
    if (!known.has(query)) await send({ query, operationName: 'None' })
    known.add(query)
    return run(document, variables, token)
  }
}

/** Opens the service before the tests of a file and closes it behind them. */
export function useTestApp(
  settings: Record<string, string> = {},
  hooks: TestHooks = {},
): { readonly current: TestApp } {
  const holder: { app?: TestApp } = {}
  beforeAll(async () => {
    holder.app = await openTestApp(settings, hooks)
  })
  afterAll(() => holder.app?.close())
  return {
    get current() {
      if (!holder.app) throw new Error('The test app is opened in beforeAll')
      return holder.app
    },
  }
}
