import { createEmailVerificationToken } from 'better-auth/api'
import { verifyJWT } from 'better-auth/crypto'
import type { Tx } from '../../platform/db.ts'
import { actionMail, enqueueMail } from '../../platform/mailer.ts'
import type { Services } from '../../platform/services.ts'

/** How long the link of a verification mail works. */
export const VERIFICATION_HOURS = 24

interface Addressee {
  userId: string
  email: string
  name: string
}

/** Has the mail sent that asks a person to confirm their address, after the transaction commits. */
export async function enqueueVerificationMail(
  tx: Tx,
  { env, secrets }: Services,
  person: Addressee,
): Promise<void> {
  const { userId, email, name } = person
  const token = await createEmailVerificationToken(
    secrets.authSecret,
    email,
    undefined,
    VERIFICATION_HOURS * 60 * 60,
    {
      userId,
    },
  )
  const mail = actionMail({
    to: email,
    subject: 'Confirm your e-mail address',
    intro: `Hello ${name}, please confirm that this is your e-mail address. Then your account is ready.`,
    action: { label: 'Confirm address', url: `${env.PUBLIC_URL}/verify-email?token=${token}` },
    outro: `The link works for ${VERIFICATION_HOURS} hours. If you did not sign up, you can ignore this mail.`,
  })
  await enqueueMail(tx, secrets, mail)
}

/**
 * Whom a verification token names: it is signed and not stored, so it can be followed twice.
 *
 * @returns null for a token that is forged or too old
 */
export async function readVerificationToken(
  { secrets }: Services,
  token: string,
): Promise<{ userId: string; email: string } | null> {
  const claims = await verifyJWT<{ userId?: unknown; email?: unknown; updateTo?: unknown }>(
    token,
    secrets.authSecret,
  )
  if (typeof claims?.userId !== 'string' || typeof claims.email !== 'string' || claims.updateTo) return null
  return { userId: claims.userId, email: claims.email }
}
