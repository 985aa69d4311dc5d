import { randomBytes } from 'node:crypto'
import { EXAMPLES, TOKEN_PLACEHOLDER } from './graphiql-examples.ts'

/** The only script of the page; what follows in it mentions more of them in strings. */
const SCRIPT = '<script>'
const HEADERS = JSON.stringify({ authorization: `Bearer ${TOKEN_PLACEHOLDER}` }, null, 2)

/**
 * The animation that brings in our tabs keeps them elsewhere for the first click, which is lost. The title beside the tabs
 * stays on its line.
 */
const STYLE =
  '<style>.graphiql-tab { transform: none !important } .graphiql-logo { white-space: nowrap; flex: none }</style>'

let page: Promise<[before: string, after: string]> | undefined

/** GraphiQL as one page that loads nothing from outside. */
export async function graphiqlPage(): Promise<Response> {
  page ??= renderPage()
  const [before, after] = await page
  const nonce = randomBytes(16).toString('base64')
  return new Response(`${before}<script nonce="${nonce}">${after}`, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy(nonce) },
  })
}

/** Loaded at the first visit: nine megabytes that a server without visitors never needs. */
async function renderPage(): Promise<[string, string]> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({
    title: 'Atrium · GraphiQL',
    defaultTabs: EXAMPLES.map(({ query }) => ({ query, headers: HEADERS })),
    defaultHeaders: HEADERS,
    defaultEditorToolsVisibility: 'headers',
    isHeadersEditorEnabled: true,
    credentials: 'same-origin',
    subscriptionsProtocol: 'SSE',
    inputValueDeprecation: true,
    schemaDescription: true,
  })
  const at = html.indexOf(SCRIPT, html.indexOf('<div id="root">'))
  if (at < 0) throw new Error('The GraphiQL page has changed its form: its script was not found.')
  return [html.slice(0, at).replace('</head>', () => `${STYLE}</head>`), html.slice(at + SCRIPT.length)]
}

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
