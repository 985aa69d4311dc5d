import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { notFound } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { html, page } from './pages/frame.ts'

/** Files of the build, by the end of their name. Anything else is no file of the console. */
const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const ASSETS = '/console/assets/'
/** Their names hold a hash of what they are. */
const FOR_EVER = 'public, max-age=31536000, immutable'

interface Asset {
  body: Buffer
  zipped: Buffer
  type: string
  etag: string
}

/**
 * Serves the console: one page for every address under `/console`, and the files that it loads.
 *
 * @param publicUrl PUBLIC_URL, which may have a path of its own
 * @param folder what Vite has built; `dist/console` of this package when absent
 */
export function createConsole(publicUrl: string, folder = consoleFolder()) {
  const assets = new Map<string, Promise<Asset | null>>()
  let template: Promise<string> | undefined
  const base = `${new URL(publicUrl).pathname.replace(/\/$/, '')}/console/`
  return async (exchange: Exchange): Promise<Response> => {
    const path = exchange.url.pathname
    if (!folder) return notBuilt()
    if (!path.startsWith(ASSETS)) {
      template ??= readFile(join(folder, 'index.html'), 'utf8')
      return shell(await template, base)
    }
    const name = path.slice(ASSETS.length)
    // No folders and nothing above: the build puts all of its files beside each other.
    if (name !== basename(name) || !Object.hasOwn(TYPES, extname(name))) return notFound(exchange)
    const known = assets.get(name) ?? load(join(folder, 'assets', name))
    const asset = await known
    if (!asset) return notFound(exchange)
    assets.set(name, known)
    return answer(asset, exchange)
  }
}

/** The page. Its nonce is for the few rules of style that the component library adds while it runs. */
function shell(template: string, base: string): Response {
  const nonce = randomBytes(16).toString('base64')
  const source = template.replaceAll('%NONCE%', nonce).replace('%BASE%', base)
  return new Response(source, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy(nonce) },
  })
}

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

async function load(file: string): Promise<Asset | null> {
  const body = await readFile(file).catch(() => null)
  if (!body) return null
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return { body, zipped: await promisify(gzip)(body), type: TYPES[extname(file)] ?? '', etag }
}

function answer({ body, zipped, type, etag }: Asset, exchange: Exchange): Response {
  const headers = { 'content-type': type, 'cache-control': FOR_EVER, etag, vary: 'accept-encoding' }
  if (exchange.header('if-none-match') === etag) return new Response(null, { status: 304, headers })
  const takesGzip = exchange.header('accept-encoding')?.includes('gzip') ?? false
  const bytes = new Uint8Array(takesGzip ? zipped : body)
  return new Response(bytes, { headers: takesGzip ? { ...headers, 'content-encoding': 'gzip' } : headers })
}

const notBuilt = (): Response =>
  page({
    title: 'The console is not built',
    mood: 'bad',
    status: 503,
    body: html`<p>Run <strong>npm run build</strong> where this service is started. The API works without it.</p>`,
  })

/** `dist/console` of this package, whether we run from src or from dist; null when there is none. */
function consoleFolder(): string | null {
  const here = dirname(fileURLToPath(import.meta.url))
  const candidates = [join(here, 'console'), join(here, '../../dist/console')]
  return candidates.find((folder) => existsSync(join(folder, 'index.html'))) ?? null
}
