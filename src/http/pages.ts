import type { Auth } from '../domains/identity/auth.ts'
import type { IdentityCaller } from '../domains/identity/caller.ts'
import { CodedError } from '../platform/refusal.ts'
import type { Services } from '../platform/services.ts'
import { isOwnOrigin } from './guard.ts'
import { finishAcceptInvite, showAcceptInvite } from './pages/accept-invite.ts'
import { html, page } from './pages/frame.ts'
import { finishResetPassword, showResetPassword } from './pages/reset-password.ts'
import { finishVerifyEmail, showVerifyEmail } from './pages/verify-email.ts'

/** One page behind a link of a mail: opening it changes nothing, sending its form finishes the step. */
export interface MailPage {
  show(caller: IdentityCaller, query: URLSearchParams): Promise<Response>
  finish(caller: IdentityCaller, fields: URLSearchParams): Promise<Response>
}

const PAGES: Record<string, MailPage> = {
  '/accept-invite': { show: showAcceptInvite, finish: finishAcceptInvite },
  '/verify-email': { show: showVerifyEmail, finish: finishVerifyEmail },
  '/reset-password': { show: showResetPassword, finish: finishResetPassword },
}

/** Bytes of a form; a password and a token need far less. */
const MAX_FORM = 16_384

/**
 * The pages that the links of mails open, for people whose frontend has none of its own. They work without scripts.
 *
 * @returns what answers a request; null when its path is none of these pages
 */
export function createPages(services: Services & { auth: Auth }) {
  const base = new URL(services.env.PUBLIC_URL).pathname.replace(/\/$/, '')
  return async (
    request: Request,
    requestId: string,
    clientAddress: string | null,
  ): Promise<Response | null> => {
    const { pathname, searchParams } = new URL(request.url)
    const path = base && pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname
    const found = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined
    if (!found) return null
    const caller: IdentityCaller = { ...services, viewer: null, requestId, clientAddress, request }
    try {
      if (request.method === 'GET' || request.method === 'HEAD') return await found.show(caller, searchParams)
      if (request.method === 'POST') return await finish(found, caller, request)
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'RATE_LIMITED') throw error
      return problem(429, error.message, { 'retry-after': String(error.details.retryAfter) })
    }
    return problem(405, 'This page is opened with GET.', { allow: 'GET, HEAD, POST' })
  }
}

async function finish({ finish }: MailPage, caller: IdentityCaller, request: Request): Promise<Response> {
  if (isForeign(request, caller.env.PUBLIC_URL)) return problem(403, 'This form was sent from another site.')
  const isForm = request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')
  if (!isForm) return problem(415, 'This page takes a form.')
  const body = await request.text()
  if (body.length > MAX_FORM) return problem(413, 'This form is too large.')
  return await finish(caller, new URLSearchParams(body))
}

/** Browsers say where a form comes from by Sec-Fetch-Site; those that don't know it, by Origin. */
function isForeign({ headers }: Request, publicUrl: string): boolean {
  const [site, origin] = [headers.get('sec-fetch-site'), headers.get('origin')]
  if (site !== null) return site === 'cross-site'
  return origin !== null && !isOwnOrigin(origin, headers.get('host'), new URL(publicUrl).origin)
}

function problem(status: number, sentence: string, headers: Record<string, string> = {}): Response {
  const response = page({ title: 'That did not work', mood: 'bad', status, body: html`<p>${sentence}</p>` })
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}
