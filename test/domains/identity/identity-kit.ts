import { randomBytes } from 'node:crypto'
import { beforeAll } from 'vitest'
import { loadViewer } from '../../../src/access/viewer.ts'
import type { IdentityCaller } from '../../../src/domains/identity/caller.ts'
import { readSession, type SessionReading } from '../../../src/domains/identity/session.ts'
import { signUp } from '../../../src/domains/identity/sign-up.ts'
import { type TestApp, useTestApp } from '../../kit/app.ts'
import { mailsTo, type SentMail } from '../../kit/mail.ts'

export const PASSWORD = 'correct horse'

export interface Joined {
  email: string
  userId: string
  organizationId: string
  workspaceId: string
  token: string
}

/** What the tests of identity do over and over, on the service of their file. */
export interface IdentityKit {
  readonly app: TestApp
  /** A caller that nobody is signed in on, or that this user is. */
  callerOf(userId?: string): Promise<IdentityCaller>
  /** A caller with the session of this token. */
  callerWith(token: string): Promise<IdentityCaller>
  /** Somebody new, signed up through the use case. */
  join(): Promise<Joined>
  read(headers: Record<string, string>): Promise<SessionReading>
  /** The newest mail to an address with such a subject, once it is there. */
  mailTo(address: string, subject?: RegExp): Promise<SentMail>
  mailsTo(address: string): Promise<SentMail[]>
  /** Resolves when no job is left. */
  settle(): Promise<unknown>
  /** The types of a person's events, oldest first. */
  eventsOf(userId: string): Promise<string[]>
}

export function useIdentity(settings: Record<string, string> = {}): IdentityKit {
  const holder = useTestApp({ PUBLIC_URL: 'http://atrium.test', ...settings })
  const kit: IdentityKit = {
    get app() {
      return holder.current
    },
    callerOf: async (userId) => {
      const { services, auth } = kit.app
      const viewer = userId ? await loadViewer(services.db, userId) : null
      return { ...services, auth, viewer, requestId: 'test-request' }
    },
    callerWith: async (token) => ({
      ...(await kit.callerOf()),
      viewer: (await kit.read(bearer(token))).viewer,
    }),
    join: async () => {
      const email = freshEmail()
      return {
        email,
        ...(await signUp(await kit.callerOf(), { email, password: PASSWORD, fullName: 'Ada' })),
      }
    },
    read: (headers) => readSession(kit.app.services, kit.app.auth, new Headers(headers)),
    mailTo: (address, subject = /./) =>
      until(async () =>
        (await mailsTo(kit.app, address)).filter((mail) => subject.test(mail.subject)).at(-1),
      ),
    mailsTo: (address) => mailsTo(kit.app, address),
    settle: () =>
      until(async () => {
        const left = await kit.app.services.db.$queryRaw<
          unknown[]
        >`SELECT id FROM graphile_worker._private_jobs LIMIT 1`
        return left.length === 0
      }),
    eventsOf: async (actorId) => {
      const events = await kit.app.services.db.event.findMany({
        where: { actorId },
        orderBy: { sequence: 'asc' },
      })
      return events.map(({ type }) => type)
    },
  }
  // The first request loads what is loaded lazily; a test of timing would see it.
  beforeAll(() => kit.read({}))
  return kit
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

/** Asks until the answer is truthy. */
export async function until<T>(ask: () => Promise<T>, timeout = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeout
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > deadline) throw new Error('Nothing came in time')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** An address that no other test has. */
export const freshEmail = (name = 'ada'): string => `${name}-${randomBytes(5).toString('hex')}@example.com`
