import type { Metrics } from '../platform/metrics.ts'
import { json, notFound } from './answers.ts'
import { createConsole } from './console.ts'
import type { Exchange } from './exchange.ts'
import { standardRequest } from './exchange.ts'
import { graphiqlPage } from './graphiql.ts'
import { live, ready } from './health.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Answer } from './plain-answer.ts'

export interface Routes {
  /** PUBLIC_URL. */
  publicUrl: string
  graphql(exchange: Exchange): Promise<Answer>
  authHandler(request: Request, requestId: string, clientAddress: string | null): Promise<Response>
  /** Answers of any length outside of GraphQL; null when the path is none of them. */
  exports?(request: Request): Promise<Response | null>
  pages?(request: Request, requestId: string, clientAddress: string | null): Promise<Response | null>
  isReady(): Promise<boolean>
  metrics: Metrics
  lifecycle: Lifecycle
}

type Handler = (exchange: Exchange) => Promise<Answer> | Answer

/**
 * Finds who answers a request, by its path.
 *
 * @returns a handler that may throw; it notes the route's name on the exchange
 */
export function createRouter(routes: Routes): Handler {
  const fixed: Record<string, Handler> = {
    '/graphql': (exchange) => (wantsPage(exchange) ? graphiqlPage() : routes.graphql(exchange)),
    '/health/live': readOnly(live),
    '/health/ready': readOnly(() => ready(routes.isReady, routes.lifecycle.draining)),
    '/metrics': readOnly(() => printMetrics(routes.metrics)),
    '/': readOnly(() => new Response(null, { status: 302, headers: { location: '/graphql' } })),
  }
  const showConsole = createConsole(routes.publicUrl)
  return async (exchange) => {
    const path = exchange.url.pathname
    const route = path === '/graphql/' ? '/graphql' : path
    const handler = Object.hasOwn(fixed, route) ? fixed[route] : undefined
    if (handler) {
      exchange.route = route
      return handler(exchange)
    }
    if (path === '/console' || path.startsWith('/console/')) {
      exchange.route = '/console'
      return readOnly(() => showConsole(exchange))(exchange)
    }
    const [, slug, key] = WORKSPACE_URL.exec(path) ?? []
    if (slug && key && wantsPage(exchange)) {
      exchange.route = 'workspace'
      // Relative, because PUBLIC_URL may have a path in front.
      const location = `../console/organizations/${slug}/workspaces/${key}`
      return new Response(null, { status: 302, headers: { location } })
    }
    if (path.startsWith('/api/auth/')) {
      exchange.route = '/api/auth'
      return routes.authHandler(await standardRequest(exchange), exchange.requestId, exchange.clientAddress)
    }
    const request = await standardRequest(exchange)
    const exported = await routes.exports?.(request)
    if (exported) {
      exchange.route = 'export'
      return exported
    }
    const page = await routes.pages?.(request, exchange.requestId, exchange.clientAddress)
    if (page) exchange.route = 'page'
    return page ?? notFound(exchange)
  }
}

/** What `Workspace.url` says (W14): slug of the organization and key of the workspace. */
const WORKSPACE_URL = /^\/(?!api\/|console\/|health\/|organizations\/)([a-z0-9-]+)\/([a-z][a-z0-9-]{1,47})$/

function wantsPage(exchange: Exchange): boolean {
  const reads = exchange.method === 'GET' || exchange.method === 'HEAD'
  return reads && (exchange.header('accept')?.includes('text/html') ?? false)
}

function readOnly(handler: () => Promise<Response> | Response): Handler {
  return ({ method }) => {
    if (method === 'GET' || method === 'HEAD') return handler()
    const errors = [
      { message: 'This address is read with GET.', extensions: { code: 'BAD_USER_INPUT', reason: 'METHOD' } },
    ]
    return json({ errors }, 405, { allow: 'GET, HEAD' })
  }
}

async function printMetrics({ registry }: Metrics): Promise<Response> {
  return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } })
}
