import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type OperationKind = 'query' | 'mutation' | 'subscription' | 'unknown'
/** `refused`: who you are, what you may, what is absent. `invalid`: a request that could not run. `error`: a bug. */
export type Outcome = 'ok' | 'refused' | 'invalid' | 'error'

/** The part of a connection pool that is measured. */
export interface PoolState {
  totalCount: number
  idleCount: number
  waitingCount: number
}

/** The meters of one app. Labels take few values, whatever a client sends. */
export interface Metrics {
  registry: Registry
  graphqlDuration: Histogram<'operation' | 'outcome'>
  httpRequests: Counter<'route' | 'status'>
  httpInFlight: Gauge
  openStreams: Gauge
}

/**
 * Meters on a registry of their own, so that one process can hold several apps.
 *
 * @param options.pool measured when it is given
 * @param options.process also the default metrics of the Node process
 */
export function createMetrics(options: { pool?: PoolState; process?: boolean } = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (options.process ?? true) collectDefaultMetrics({ register: registry })
  if (options.pool) measurePool(options.pool, registers)
  return {
    registry,
    graphqlDuration: new Histogram({
      name: 'atrium_graphql_request_duration_seconds',
      help: 'Time to the answer of a GraphQL request; for a subscription, to its start.',
      labelNames: ['operation', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    httpRequests: new Counter({
      name: 'atrium_http_requests_total',
      help: 'HTTP requests by route and status.',
      labelNames: ['route', 'status'],
      registers,
    }),
    httpInFlight: new Gauge({
      name: 'atrium_http_requests_in_flight',
      help: 'HTTP requests that wait for their answer.',
      registers,
    }),
    openStreams: new Gauge({
      name: 'atrium_subscriptions_open',
      help: 'Open event streams (subscriptions).',
      registers,
    }),
  }
}

function measurePool(pool: PoolState, registers: Registry[]): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `atrium_database_pool_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('connections', 'Connections to the database, idle ones included.', () => pool.totalCount)
  gauge('idle', 'Connections to the database that are idle.', () => pool.idleCount)
  gauge('waiting', 'Callers that wait for a connection to the database.', () => pool.waitingCount)
}
