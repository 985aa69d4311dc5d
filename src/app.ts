import type { RequestListener } from 'node:http'
import type { GraphQLSchema } from 'graphql'
import type { ContextFactory } from './context.ts'
import { failure } from './http/answers.ts'
import { readStandardBody } from './http/body.ts'
import type { Exchange, Incoming } from './http/exchange.ts'
import { openExchange } from './http/exchange.ts'
import { createGraphqlHandler } from './http/graphql.ts'
import { dressed, headersOf } from './http/headers.ts'
import { createLifecycle } from './http/lifecycle.ts'
import { type Answered, createNodeListener } from './http/node-listener.ts'
import { PlainAnswer } from './http/plain-answer.ts'
import { createRouter } from './http/router.ts'
import { type Logger, withoutRedaction } from './platform/log.ts'
import type { Metrics } from './platform/metrics.ts'
import { createMetrics } from './platform/metrics.ts'
import type { Services } from './platform/services.ts'

export interface AppDeps extends Services {
  schema: GraphQLSchema
  /** Finds out who asks. A CodedError refuses the whole request. */
  contextOf: ContextFactory
  /** Better Auth's own routes under `/api/auth`. */
  authHandler(request: Request, requestId: string, clientAddress: string | null): Promise<Response>
  /** Answers of any length outside of GraphQL; null when the path is none of them. */
  exports?(request: Request): Promise<Response | null>
  /** The pages behind the links of mails; null when the path is none of them. */
  pages?(request: Request, requestId: string, clientAddress: string | null): Promise<Response | null>
  /** Whether the database answers and its migrations are applied. */
  isReady(): Promise<boolean>
  /** Meters with the pool's state; without it the app makes its own. */
  metrics?: Metrics
}

export interface App {
  /** Answers a request in-process, as tests do. */
  fetch(request: Request | string, init?: RequestInit): Promise<Response>
  /** Answers requests of a `node:http` server. */
  listener: RequestListener
  /** Ends subscriptions, reports not ready, and resolves when every open request has its answer. */
  drain(): Promise<void>
}

/**
 * The HTTP side of the service. It holds no global state: one process can have several.
 *
 * @param deps the opened services, the schema and the handlers of other routes
 */
export function createApp(deps: AppDeps): App {
  const { env, log } = deps
  const origin = new URL(env.PUBLIC_URL).origin
  const metrics = deps.metrics ?? createMetrics()
  const lifecycle = createLifecycle(metrics)
  const graphql = createGraphqlHandler({ ...deps, publicOrigin: origin })
  const route = createRouter({ ...deps, publicUrl: env.PUBLIC_URL, graphql, metrics, lifecycle })

  const isHttps = origin.startsWith('https:')
  const record = createRecord(log, metrics)

  const answer = async (incoming: Incoming): Promise<Answered> => {
    const leave = lifecycle.enter()
    const exchange = openExchange(incoming, origin, env.TRUST_PROXY)
    const routed = await Promise.resolve(route(exchange)).catch((error) => failure(error, exchange, log))
    record(exchange, routed.status)
    if (routed instanceof PlainAnswer)
      return { plain: routed, headers: headersOf(routed, exchange, isHttps), onSent: leave }
    const response = dressed(routed, exchange, isHttps)
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    return isStream
      ? { response: lifecycle.track(response, leave), onSent: leave }
      : { response, onSent: leave }
  }

  return {
    fetch: async (input, init) => {
      const request = new Request(typeof input === 'string' ? new URL(input, origin) : input, init)
      const answered = await answer(incomingOf(request, env.MAX_BODY_BYTES))
      const { onSent } = answered
      if ('plain' in answered) {
        onSent()
        return standardResponse(answered)
      }
      const { response } = answered
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) onSent()
      return response
    },
    listener: createNodeListener({
      maxBodyBytes: env.MAX_BODY_BYTES,
      isDraining: () => lifecycle.draining,
      answer,
    }),
    drain: () => lifecycle.drain(),
  }
}

function standardResponse({ plain, headers }: Extract<Answered, { plain: PlainAnswer }>): Response {
  const list = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  )
  list.push(['content-length', String(Buffer.byteLength(plain.body))])
  return new Response(plain.body, { status: plain.status, headers: list })
}

function incomingOf(request: Request, maxBodyBytes: number): Incoming {
  const { pathname, search } = new URL(request.url)
  let body: Promise<Uint8Array | null> | undefined
  return {
    method: request.method,
    target: pathname + search,
    headers: Object.fromEntries(request.headers),
    header: (name) => request.headers.get(name),
    signal: request.signal,
    remoteAddress: null,
    body: () => {
      body ??= readStandardBody(request, maxBodyBytes)
      return body
    },
  }
}

/** What GraphQL takes as a name: no secret has its form and its length. */
const NAME = /^[_A-Za-z]\w{0,40}$/

/** The access log line and the meters: never a variable, a body or a query string. */
function createRecord(log: Logger, metrics: Metrics): (exchange: Exchange, status: number) => void {
  const plainLog = withoutRedaction(log)
  return (exchange, status) => {
    const { requestId, method, url, route, startedAt, operation, outcome } = exchange
    const ms = performance.now() - startedAt
    metrics.httpRequests.inc({ route, status: String(status) })
    if (operation || (route === '/graphql' && outcome !== 'ok')) {
      metrics.graphqlDuration.observe({ operation: operation?.kind ?? 'unknown', outcome }, ms / 1000)
    }
    const operationName = operation?.name
    const isPlain = route === '/graphql' && NAME.test(operationName ?? '_')
    const path = url.pathname.slice(0, 200)
    const entry = { requestId, method, path, status, ms: Math.round(ms * 10) / 10, operationName }
    if (isPlain) plainLog.info(entry, 'request')
    else log.info(entry, 'request')
  }
}
