import type { BetterAuthPlugin, GenericEndpointContext } from 'better-auth'
import { APIError, createAuthEndpoint, formCsrfMiddleware, originCheck } from 'better-auth/api'
import { deleteSessionCookie, setSessionCookie } from 'better-auth/cookies'
import { z } from 'zod'
import { signedIn } from '../../access/caller.ts'
import { CodedError, Refusal } from '../../platform/refusal.ts'
import type { IdentityCaller } from './caller.ts'
import { changePassword } from './change-password.ts'
import { EmailTaken, InvalidCredentials, InvalidToken } from './errors.ts'
import { requestPasswordReset } from './request-password-reset.ts'
import { resendVerificationEmail } from './resend-verification-email.ts'
import { resetPassword } from './reset-password.ts'
import { signIn } from './sign-in.ts'
import { signOut } from './sign-out.ts'
import { signUp } from './sign-up.ts'
import { updateProfile } from './update-profile.ts'
import { verifyEmail } from './verify-email.ts'

/** Builds the caller of the use cases from one request. */
type CallerOf = (request: Request) => Promise<IdentityCaller>

const text = z.string()

/** What is left of Better Auth's routes; anything else under /api/auth does not exist. */
const OPEN_ROUTES: ReadonlySet<string> = new Set([
  '/ok',
  '/get-session',
  '/sign-up/email',
  '/sign-in/email',
  '/sign-out',
  '/verify-email',
  '/send-verification-email',
  '/request-password-reset',
  '/reset-password',
  '/change-password',
  '/update-user',
])

/**
 * A Better Auth plugin: endpoints of the names and shapes that Better Auth's client knows, which take the place of the
 * built-in ones and call our use cases. So a sign-up through them also gets its organization, and every write its event.
 */
export function authRoutes(callerOf: CallerOf) {
  return {
    id: 'atrium-routes',
    onRequest: async (request, context) => {
      const path = new URL(request.url).pathname.slice(new URL(context.baseURL).pathname.length)
      return OPEN_ROUTES.has(path) ? undefined : { response: new Response('Not Found', { status: 404 }) }
    },
    endpoints: {
      ...entranceRoutes(callerOf),
      ...mailRoutes(callerOf),
      ...accountRoutes(callerOf),
      ...cookieTools,
    },
  } satisfies BetterAuthPlugin
}

/** Signing up, in and out. */
const entranceRoutes = (callerOf: CallerOf) => ({
  signUpEmail: createAuthEndpoint(
    '/sign-up/email',
    {
      method: 'POST',
      use: [formCsrfMiddleware],
      body: z.object({
        name: text,
        email: text,
        password: text,
        organizationName: text.optional(),
        rememberMe: z.boolean().optional(),
      }),
    },
    (ctx) =>
      answer(async () => {
        const { name, email, password, organizationName, rememberMe } = ctx.body
        const caller = await callerIn(ctx, callerOf)
        const { token } = await signUp(caller, {
          email,
          password,
          fullName: name,
          organizationName,
          rememberMe,
        })
        return await signInBrowser(ctx, token, rememberMe)
      }),
  ),
  signInEmail: createAuthEndpoint(
    '/sign-in/email',
    {
      method: 'POST',
      use: [formCsrfMiddleware],
      body: z.object({ email: text, password: text, rememberMe: z.boolean().optional() }),
    },
    (ctx) =>
      answer(async () => {
        const { token } = await signIn(await callerIn(ctx, callerOf), ctx.body)
        return { redirect: false, ...(await signInBrowser(ctx, token, ctx.body.rememberMe)) }
      }),
  ),
  signOut: createAuthEndpoint('/sign-out', { method: 'POST', requireHeaders: true }, (ctx) =>
    answer(async () => {
      const caller = await callerIn(ctx, callerOf)
      if (caller.viewer) await signOut(caller)
      deleteSessionCookie(ctx)
      return { success: true }
    }),
  ),
})

/** The steps that a mail asks for. */
const mailRoutes = (callerOf: CallerOf) => ({
  verifyEmail: createAuthEndpoint(
    '/verify-email',
    {
      method: 'GET',
      query: z.object({ token: text, callbackURL: text.optional() }),
      use: [originCheck((ctx) => ctx.query?.callbackURL ?? '')],
    },
    (ctx) =>
      answer(async () => {
        await verifyEmail(await callerIn(ctx, callerOf), { token: ctx.query.token })
        if (ctx.query.callbackURL) throw ctx.redirect(ctx.query.callbackURL)
        return { status: true, user: null }
      }),
  ),
  sendVerificationEmail: createAuthEndpoint(
    '/send-verification-email',
    { method: 'POST', body: z.object({ email: text }) },
    (ctx) =>
      answer(async () => {
        await resendVerificationEmail(await callerIn(ctx, callerOf), { email: ctx.body.email })
        return { status: true }
      }),
  ),
  requestPasswordReset: createAuthEndpoint(
    '/request-password-reset',
    { method: 'POST', body: z.object({ email: text }) },
    (ctx) =>
      answer(async () => {
        await requestPasswordReset(await callerIn(ctx, callerOf), { email: ctx.body.email })
        return { status: true, message: 'If this address has an account, a mail with a link is on its way.' }
      }),
  ),
  resetPassword: createAuthEndpoint(
    '/reset-password',
    { method: 'POST', body: z.object({ newPassword: text, token: text }) },
    (ctx) =>
      answer(async () => {
        await resetPassword(await callerIn(ctx, callerOf), ctx.body)
        return { status: true }
      }),
  ),
})

/** What a signed-in person changes about themselves. */
const accountRoutes = (callerOf: CallerOf) => ({
  changePassword: createAuthEndpoint(
    '/change-password',
    { method: 'POST', body: z.object({ newPassword: text, currentPassword: text }), requireHeaders: true },
    (ctx) =>
      answer(async () => {
        const caller = await callerIn(ctx, callerOf)
        await changePassword(caller, ctx.body)
        return { token: null, user: await ctx.context.internalAdapter.findUserById(signedIn(caller).userId) }
      }),
  ),
  updateUser: createAuthEndpoint(
    '/update-user',
    {
      method: 'POST',
      body: z.object({ name: text.optional(), image: text.nullable().optional() }),
      requireHeaders: true,
    },
    (ctx) =>
      answer(async () => {
        const { name: fullName, image } = ctx.body
        await updateProfile(await callerIn(ctx, callerOf), { fullName, image })
        return { status: true }
      }),
  ),
})

/** Better Auth's own handling of its cookies, for requests that come through GraphQL. They have no route. */
const cookieTools = {
  readSessionToken: createAuthEndpoint.serverOnly({ method: 'GET', requireHeaders: true }, async (ctx) => {
    const { name } = ctx.context.authCookies.sessionToken
    const token = await ctx.getSignedCookie(name, ctx.context.secret)
    return { token: token || null }
  }),
  setSessionCookie: createAuthEndpoint.serverOnly(
    { method: 'POST', body: z.object({ token: text }) },
    async (ctx) => {
      await signInBrowser(ctx, ctx.body.token)
    },
  ),
  clearSessionCookie: createAuthEndpoint.serverOnly({ method: 'POST' }, async (ctx) => {
    deleteSessionCookie(ctx)
  }),
}

async function signInBrowser(ctx: GenericEndpointContext, token: string, rememberMe = true) {
  const found = await ctx.context.internalAdapter.findSession(token)
  if (!found) throw new APIError('UNAUTHORIZED')
  await setSessionCookie(ctx, found, !rememberMe)
  return { token, user: found.user }
}

function callerIn(ctx: GenericEndpointContext, callerOf: CallerOf): Promise<IdentityCaller> {
  // The bearer plugin writes its finding into `ctx.headers`; the request keeps what the client sent.
  if (!ctx.request) throw new APIError('BAD_REQUEST')
  return callerOf(ctx.request)
}

/** Better Auth's codes for our refusals, so that its client understands them. */
const CODES = [
  [EmailTaken, 'UNPROCESSABLE_ENTITY', 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL'],
  [InvalidCredentials, 'UNAUTHORIZED', 'INVALID_EMAIL_OR_PASSWORD'],
  [InvalidToken, 'BAD_REQUEST', 'INVALID_TOKEN'],
  [Refusal, 'BAD_REQUEST', 'VALIDATION_ERROR'],
] as const

async function answer<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CodedError) throw codedError(error)
    const known = CODES.find(([kind]) => error instanceof kind)
    if (!known || !(error instanceof Error)) throw error
    const [, status, code] = known
    throw new APIError(status, { code, message: error.message })
  }
}

function codedError({ code, message, details }: CodedError): APIError {
  if (code === 'RATE_LIMITED')
    return new APIError(
      'TOO_MANY_REQUESTS',
      { code: 'TOO_MANY_REQUESTS', message },
      { 'retry-after': String(details.retryAfter) },
    )
  const status = code === 'UNAUTHENTICATED' ? 'UNAUTHORIZED' : 'FORBIDDEN'
  return new APIError(status, { code: status, message })
}
