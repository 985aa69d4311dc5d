import { createEmailVerificationToken } from 'better-auth/api'
import { expect, test } from 'vitest'
import { resendVerificationEmail } from '../../../src/domains/identity/resend-verification-email.ts'
import { verifyEmail } from '../../../src/domains/identity/verify-email.ts'
import { tokenIn } from '../../kit/mail.ts'
import { freshEmail, useIdentity } from './identity-kit.ts'

const kit = useIdentity()

const join = () => kit.join()
const isVerified = async (id: string) =>
  (await kit.app.services.db.user.findUniqueOrThrow({ where: { id } })).emailVerified

test('T2 confirms the address with the token of the mail, twice without harm', async () => {
  const { email, userId } = await join()
  const mail = await kit.mailTo(email, /Confirm/)
  expect(mail.text).toContain('http://atrium.test/verify-email?token=')
  expect(await isVerified(userId)).toBe(false)
  const caller = await kit.callerOf()
  expect(await verifyEmail(caller, { token: tokenIn(mail) })).toEqual({ userId })
  expect(await verifyEmail(caller, { token: tokenIn(mail) })).toEqual({ userId })
  expect(await isVerified(userId)).toBe(true)
  const events = await kit.app.services.db.event.findMany({
    where: { actorId: userId, type: 'user.email_verified' },
  })
  expect(events).toHaveLength(1)
})

test('refuses forged, expired and foreign tokens', async () => {
  const { email, userId } = await join()
  const stranger = await join()
  const { authSecret } = kit.app.services.secrets
  const tokens = [
    'rubbish',
    await createEmailVerificationToken(`${authSecret}x`, email, undefined, 3600, { userId }),
    await createEmailVerificationToken(authSecret, email, undefined, -10, { userId }),
    await createEmailVerificationToken(authSecret, email, undefined, 3600, { userId: stranger.userId }),
    await createEmailVerificationToken(authSecret, email, undefined, 3600),
    await createEmailVerificationToken(authSecret, email, 'new@example.com', 3600, { userId }),
  ]
  for (const token of tokens) {
    await expect(verifyEmail(await kit.callerOf(), { token })).rejects.toMatchObject({ name: 'InvalidToken' })
  }
  expect(await isVerified(userId)).toBe(false)
})

test('sends the mail again while the address is not verified, and to nobody else', async () => {
  const { email, userId } = await join()
  const unknown = freshEmail()
  const caller = await kit.callerOf()
  await resendVerificationEmail(await kit.callerOf(userId))
  await resendVerificationEmail(caller, { email: unknown })
  await kit.settle()
  expect(await kit.mailsTo(email)).toHaveLength(2)
  expect(await kit.mailsTo(unknown)).toHaveLength(0)
  await verifyEmail(caller, { token: tokenIn(await kit.mailTo(email)) })
  await resendVerificationEmail(caller, { email })
  await kit.settle()
  expect(await kit.mailsTo(email)).toHaveLength(2)
  await expect(resendVerificationEmail(caller)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
})
