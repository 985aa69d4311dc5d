import type { IdentityCaller } from './caller.ts'

const DAY = 24 * 60 * 60 * 1000

/**
 * Signs a person in, in the caller's open transaction. The event is the caller's to append.
 *
 * @param rememberMe false: for a day only, in a browser until it is closed
 */
export async function openSession(
  { auth, clock, env, request }: IdentityCaller,
  userId: string,
  rememberMe: boolean,
): Promise<{ id: string; token: string }> {
  const { internalAdapter } = await auth.$context
  const now = clock.now()
  const lifetime = rememberMe ? env.SESSION_DAYS * DAY : DAY
  const userAgent = request?.headers.get('user-agent')?.slice(0, 400) ?? null
  const times = { createdAt: now, updatedAt: now, expiresAt: new Date(now.getTime() + lifetime) }
  const { id, token } = await internalAdapter.createSession(
    userId,
    !rememberMe,
    { userAgent, ipAddress: null, ...times },
    true,
  )
  return { id, token }
}
