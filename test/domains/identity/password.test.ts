import { describe, expect, test } from 'vitest'
import { changePassword } from '../../../src/domains/identity/change-password.ts'
import { requestPasswordReset } from '../../../src/domains/identity/request-password-reset.ts'
import { resetPassword } from '../../../src/domains/identity/reset-password.ts'
import { signIn } from '../../../src/domains/identity/sign-in.ts'
import { updateProfile } from '../../../src/domains/identity/update-profile.ts'
import { tokenIn } from '../../kit/mail.ts'
import { bearer, freshEmail, PASSWORD, useIdentity } from './identity-kit.ts'

const password = PASSWORD
const other = 'battery staple'

const kit = useIdentity()

const join = () => kit.join()
const viewerOf = async (token: string) => (await kit.read(bearer(token))).viewer
const resetToken = async (email: string) => {
  await requestPasswordReset(await kit.callerOf(), { email })
  return tokenIn(await kit.mailTo(email, /new password/))
}
const eventsOf = (userId: string) => kit.eventsOf(userId)

describe('resetPassword', () => {
  test('sets the password once, ends all sessions and verifies the address', async () => {
    const { email, token: session, userId } = await join()
    const token = await resetToken(email)
    const caller = await kit.callerOf()
    await resetPassword(caller, { token, newPassword: other })

    expect(await viewerOf(session)).toBeNull()
    await expect(signIn(caller, { email, password })).rejects.toMatchObject({ name: 'InvalidCredentials' })
    const { token: fresh } = await signIn(caller, { email, password: other })
    expect(await viewerOf(fresh)).toMatchObject({ emailVerified: true })
    await expect(resetPassword(caller, { token, newPassword: 'a third one' })).rejects.toMatchObject({
      name: 'InvalidToken',
    })
    expect(await eventsOf(userId)).toEqual(
      expect.arrayContaining(['user.password_reset', 'user.email_verified', 'session.ended']),
    )
  })

  test('of two uses of one token at the same moment, one wins', async () => {
    const { email } = await join()
    const token = await resetToken(email)
    const caller = await kit.callerOf()
    const both = await Promise.allSettled([
      resetPassword(caller, { token, newPassword: 'first choice' }),
      resetPassword(caller, { token, newPassword: 'second choice' }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('a used link makes the older ones worthless too', async () => {
    const { email } = await join()
    const first = await resetToken(email)
    await kit.settle()
    await requestPasswordReset(await kit.callerOf(), { email })
    await kit.settle()
    const mails = (await kit.mailsTo(email)).filter(({ subject }) => /new password/.test(subject))
    const second = mails.map(tokenIn).find((token) => token !== first) ?? ''
    await resetPassword(await kit.callerOf(), { token: second, newPassword: other })
    await expect(
      resetPassword(await kit.callerOf(), { token: first, newPassword: other }),
    ).rejects.toMatchObject({
      name: 'InvalidToken',
    })
  })

  test('a password that breaks the limits leaves the token usable', async () => {
    const { email } = await join()
    const token = await resetToken(email)
    const caller = await kit.callerOf()
    await expect(resetPassword(caller, { token, newPassword: 'short' })).rejects.toMatchObject({
      name: 'ValidationError',
    })
    await resetPassword(caller, { token, newPassword: other })
  })

  test('works for an hour', async () => {
    const { email } = await join()
    const token = await resetToken(email)
    kit.app.clock.advance(61 * 60_000)
    try {
      await expect(resetPassword(await kit.callerOf(), { token, newPassword: other })).rejects.toMatchObject({
        name: 'InvalidToken',
      })
    } finally {
      kit.app.clock.advance(-61 * 60_000)
    }
  })

  test('keeps only the hash of the token', async () => {
    const { email } = await join()
    const token = await resetToken(email)
    const rows = await kit.app.services.db.$queryRawUnsafe(
      "SELECT count(*)::int AS found FROM verification WHERE identifier LIKE '%' || $1 || '%' OR value LIKE '%' || $1 || '%'",
      token,
    )
    expect(rows).toEqual([{ found: 0 }])
  })
})

describe('requestPasswordReset', () => {
  test('does the same for an unknown address, and sends nothing there', async () => {
    const { email } = await join()
    const ask = async (address: string) => {
      // A job of the mail before would count as a statement of this request.
      await kit.settle()
      const before = kit.app.statements.length
      const answer = await requestPasswordReset(await kit.callerOf(), { email: address })
      return {
        answer,
        statements: kit.app.statements.slice(before).filter((sql) => /add_job/.test(sql)).length,
      }
    }
    const unknown = freshEmail()
    expect(await ask(email)).toEqual({ answer: { email }, statements: 1 })
    expect(await ask(unknown)).toEqual({ answer: { email: unknown }, statements: 1 })
    await kit.settle()
    expect(await kit.mailsTo(unknown)).toEqual([])
  })
})

describe('changePassword', () => {
  test('ends the other sessions and keeps this one', async () => {
    const { email, token, userId } = await join()
    const elsewhere = await signIn(await kit.callerOf(), { email, password })
    const caller = { ...(await kit.callerOf()), viewer: await viewerOf(token) }
    await changePassword(caller, { currentPassword: password, newPassword: other })
    expect(await viewerOf(token)).not.toBeNull()
    expect(await viewerOf(elsewhere.token)).toBeNull()
    await signIn(await kit.callerOf(), { email, password: other })
    expect(await eventsOf(userId)).toEqual(expect.arrayContaining(['user.password_changed', 'session.ended']))
  })

  test('refuses a wrong current password and changes nothing', async () => {
    const { email, token, userId } = await join()
    const caller = { ...(await kit.callerOf()), viewer: await viewerOf(token) }
    const before = await eventsOf(userId)
    const refused = changePassword(caller, { currentPassword: 'wrong horse', newPassword: other })
    await expect(refused).rejects.toMatchObject({ name: 'InvalidCredentials' })
    await signIn(await kit.callerOf(), { email, password })
    expect((await eventsOf(userId)).slice(before.length)).toEqual(['session.created'])
  })

  test('a sign-in with the old password does not outlive the change', async () => {
    const { email, token } = await join()
    const caller = { ...(await kit.callerOf()), viewer: await viewerOf(token) }
    const signIns = Array.from({ length: 6 }, async () => signIn(await kit.callerOf(), { email, password }))
    const [, ...outcomes] = await Promise.allSettled([
      changePassword(caller, { currentPassword: password, newPassword: other }),
      ...signIns,
    ])
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') expect(await viewerOf(outcome.value.token)).toBeNull()
    }
  })
})

describe('updateProfile', () => {
  test('changes what is given, keeps the rest, and writes an event only for a change', async () => {
    const { token, userId } = await join()
    const caller = { ...(await kit.callerOf()), viewer: await viewerOf(token) }
    await updateProfile(caller, { fullName: ' Ada King ', image: 'https://example.com/ada.png' })
    await updateProfile(caller, { fullName: 'Ada King' })
    await updateProfile(caller, { image: null })
    const user = await kit.app.services.db.user.findUniqueOrThrow({ where: { id: userId } })
    expect(user).toMatchObject({ name: 'Ada King', image: null })
    const events = await kit.app.services.db.event.findMany({
      where: { actorId: userId, type: 'user.profile_updated' },
    })
    expect(events).toHaveLength(2)
    expect(events[0]?.changes).toEqual({
      fullName: { before: 'Ada', after: 'Ada King' },
      image: { before: null, after: 'https://example.com/ada.png' },
    })
    await expect(updateProfile(caller, { image: 'javascript:alert(1)' })).rejects.toMatchObject({
      name: 'ValidationError',
    })
  })
})
