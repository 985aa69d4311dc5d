import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GraphQLFieldConfigMap } from 'graphql'
import {
  GraphQLError,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql'
import type { App, AppDeps } from '../../src/app.ts'
import { createApp } from '../../src/app.ts'
import type { Context, RequestHead } from '../../src/context.ts'
import { parseEnv } from '../../src/env.ts'
import { createLogger } from '../../src/platform/log.ts'
import { badInput, forbidden, notFound } from '../../src/platform/refusal.ts'

type Fields = GraphQLFieldConfigMap<unknown, Context>

export interface Stub {
  app: App
  /** Lines of the log, parsed. */
  logged: Record<string, unknown>[]
  /** What mutations did. */
  effects: string[]
  /** How many subscriptions have been closed by their reader. */
  closed(): number
}

export interface StubOptions {
  env?: Record<string, string>
  deps?: Partial<AppDeps>
}

/** An app on a schema of its own, without database and domains. */
export function createStub(options: StubOptions = {}): Stub {
  const logged: Record<string, unknown>[] = []
  const effects: string[] = []
  const state = { closed: 0 }
  const lines = new Writable({
    write(chunk, _encoding, done) {
      logged.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const log = createLogger('info', lines)
  const env = parseEnv({ PUBLIC_URL: 'https://atrium.test', ...options.env })
  const app = createApp({
    env,
    log,
    clock: { now: () => new Date() },
    schema: stubSchema(effects, state),
    contextOf: async (request, requestId) => contextOf(request, requestId),
    authHandler: async (request) =>
      Response.json({ path: new URL(request.url).pathname, body: await request.text() }),
    isReady: async () => true,
    ...options.deps,
  } as AppDeps)
  return { app, logged, effects, closed: () => state.closed }
}

const contextOf = (request: RequestHead, requestId: string) =>
  ({ request, requestId, viewer: null, responseHeaders: new Headers() }) as Context

function stubSchema(effects: string[], state: { closed: number }): GraphQLSchema {
  const node: GraphQLObjectType = new GraphQLObjectType({
    name: 'Node',
    fields: () => ({
      id: { type: GraphQLString, resolve: () => 'n' },
      node: { type: node, resolve: () => ({}) },
      nodes: {
        type: new GraphQLList(node),
        args: { first: { type: GraphQLInt } },
        resolve: (_parent, { first }) => Array.from({ length: Math.min(first ?? 2, 3) }, () => ({})),
      },
    }),
  })
  const throws = (error: () => Error): Fields[string] => ({
    type: GraphQLString,
    resolve: () => {
      throw error()
    },
  })
  const query: Fields = {
    hello: {
      type: GraphQLString,
      args: { name: { type: GraphQLString } },
      resolve: (_root, { name }) => `Hello ${name ?? 'you'}`,
    },
    count: {
      type: GraphQLInt,
      args: { by: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 1 } },
      resolve: (_root, { by }) => by,
    },
    slow: {
      type: GraphQLString,
      args: { ms: { type: GraphQLInt } },
      resolve: async (_root, { ms }) => sleep(ms ?? 300, 'done'),
    },
    token: {
      type: GraphQLString,
      resolve: (_root, _args, { request }) => request.headers.get('authorization'),
    },
    node: { type: node, resolve: () => ({}) },
    nodes: { type: new GraphQLList(node), args: { first: { type: GraphQLInt } }, resolve: () => [{}] },
    refused: throws(() => forbidden('workspace:update')),
    absent: throws(notFound),
    wrong: throws(() => badInput('INVALID_ID', 'This is no id.')),
    bug: throws(() => new TypeError("Cannot read properties of undefined (reading 'passwordHash')")),
    uncoded: throws(() => new GraphQLError('internal detail')),
    outage: throws(() =>
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }),
    ),
  }
  const act = (name: string): Fields[string] => ({
    type: GraphQLString,
    resolve: (_root, _args, { responseHeaders }) => {
      effects.push(name)
      responseHeaders.append('set-cookie', 'a=1; HttpOnly')
      responseHeaders.append('set-cookie', 'b=2; HttpOnly')
      return name
    },
  })
  const subscription: Fields = {
    ticks: {
      type: GraphQLInt,
      args: { upTo: { type: GraphQLInt } },
      subscribe: (_root, { upTo }) => ticks(upTo ?? 2, state),
      resolve: (tick) => {
        if (tick === 13) throw new Error('unlucky')
        return tick
      },
    },
    never: { type: GraphQLInt, subscribe: () => forever(state) },
    closedDoor: {
      type: GraphQLInt,
      subscribe: () => {
        throw forbidden('events:read')
      },
    },
  }
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: query }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: { act: act('act') } }),
    subscription: new GraphQLObjectType({ name: 'Subscription', fields: subscription }),
  })
}

async function* ticks(upTo: number, state: { closed: number }) {
  try {
    for (let tick = 1; tick <= upTo; tick++) yield tick
  } finally {
    state.closed++
  }
}

/** As a message bus gives it: nothing comes, and it can be closed while it waits. */
function forever(state: { closed: number }): AsyncIterableIterator<number> {
  let close: (() => void) | undefined
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => new Promise((resolve) => (close = () => resolve({ done: true, value: undefined }))),
    return: async () => {
      state.closed++
      close?.()
      return { done: true, value: undefined }
    },
  }
}

/** Sends one operation as JSON. */
export async function send(app: App, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return app.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

interface WireError {
  message: string
  path?: unknown
  extensions: Record<string, unknown>
}

/** The errors of an answer, each with a code. */
export async function errorsOf(response: Response): Promise<WireError[]> {
  const { errors } = (await response.json()) as { errors?: WireError[] }
  return errors ?? []
}

/** Runs `work` against the app on a real socket. */
export async function listening<T>(app: App, work: (url: string, port: number) => Promise<T>): Promise<T> {
  const server = createServer(app.listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await work(`http://127.0.0.1:${port}`, port)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
