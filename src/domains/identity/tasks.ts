import { inTransaction, type Tx } from '../../platform/db.ts'
import type { JobTasks } from '../../platform/jobs.ts'
import { actionMail, enqueueMail } from '../../platform/mailer.ts'
import { newToken } from '../../platform/secrets.ts'
import type { Services } from '../../platform/services.ts'
import type { Auth } from './auth.ts'
import { RESET_MINUTES, resetIdentifier } from './reset-password.ts'
import { enqueueVerificationMail } from './verification-mail.ts'

declare module '../../platform/jobs.ts' {
  interface JobPayloads {
    /** The sealed address that somebody asked a reset for; it may have no account. */
    'send-password-reset': { sealed: string }
    /** The sealed address that somebody asked a verification mail for; it may have no account. */
    'send-verification': { sealed: string }
  }
}

interface IdentityServices extends Services {
  auth: Auth
}

/** The background tasks of identity. */
export function identityTasks(
  services: IdentityServices,
): JobTasks<'send-password-reset' | 'send-verification'> {
  const { db, secrets } = services
  return {
    'send-password-reset': ({ sealed }) =>
      inTransaction(db, (tx) => sendReset(tx, services, secrets.open(sealed))),
    'send-verification': ({ sealed }) =>
      inTransaction(db, async (tx) => {
        const user = await findActive(tx, secrets.open(sealed))
        if (user && !user.emailVerified)
          await enqueueVerificationMail(tx, services, { ...user, userId: user.id })
      }),
  }
}

async function sendReset(
  tx: Tx,
  { auth, clock, env, secrets }: IdentityServices,
  email: string,
): Promise<void> {
  const user = await findActive(tx, email)
  if (!user) return
  const token = newToken()
  const { internalAdapter } = await auth.$context
  await internalAdapter.createVerificationValue({
    identifier: resetIdentifier(token),
    value: user.id,
    expiresAt: new Date(clock.now().getTime() + RESET_MINUTES * 60_000),
  })
  const mail = actionMail({
    to: user.email,
    subject: 'Choose a new password',
    intro: `Hello ${user.name}, somebody asked for a new password for your account. If it was you, choose one here.`,
    action: { label: 'Choose a new password', url: `${env.PUBLIC_URL}/reset-password?token=${token}` },
    outro: `The link works once, for ${RESET_MINUTES} minutes. If it was not you, ignore this mail: nothing changes.`,
  })
  await enqueueMail(tx, secrets, mail)
}

const findActive = (tx: Tx, email: string) =>
  tx.user.findFirst({
    where: { email, suspendedAt: null },
    select: { id: true, email: true, name: true, emailVerified: true },
  })
