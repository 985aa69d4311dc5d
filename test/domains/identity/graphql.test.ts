import { describe, expect, test } from 'vitest'
import { tokenIn } from '../../kit/mail.ts'
import { createWorld } from '../../kit/world.ts'
import { bearer, freshEmail, useIdentity } from './identity-kit.ts'

const kit = useIdentity()

interface Answer {
  data?: Record<string, unknown> | null
  errors?: { extensions: { code: string } }[]
}

/** Sends one operation over HTTP; `cookies` are those that the answer sets. */
async function ask(query: string, variables: Record<string, unknown>, token?: string) {
  const response = await kit.app.app.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? bearer(token) : {}) },
    body: JSON.stringify({ query, variables }),
  })
  return { ...((await response.json()) as Answer), cookies: response.headers.getSetCookie() }
}

const SIGN_UP = `mutation ($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on SignUpPayload {
      token
      user { id email fullName image emailVerified platformRole createdAt }
      organization { id name viewerRole { key } }
      workspace { id name viewerAccess }
    }
    ... on Error { message }
    ... on ValidationError { issues { path message } }
  }
}`

interface SignedUp {
  __typename: string
  token: string
  user: { id: string; email: string }
  organization: { id: string }
}

async function join(fullName = 'Ada Lovelace') {
  const email = freshEmail()
  const { data, cookies, errors } = await ask(SIGN_UP, {
    input: { email, password: 'correct horse', fullName },
  })
  expect(errors).toBeUndefined()
  return { ...(data?.signUp as SignedUp), email, cookies }
}

describe('signUp', () => {
  test('O17 answers person, organization and workspace as the new person sees them, and signs in', async () => {
    const { email, user, organization, token, cookies, ...rest } = await join()
    expect(user).toMatchObject({
      email,
      fullName: 'Ada Lovelace',
      emailVerified: false,
      platformRole: 'USER',
      image: null,
    })
    expect(organization).toMatchObject({ viewerRole: { key: 'OWNER' } })
    expect(rest).toMatchObject({ workspace: { viewerAccess: 'OWNER' } })
    expect(cookies[0]).toMatch(/^atrium\.session_token=.*HttpOnly; SameSite=Lax/)
    const { data } = await ask('{ viewer { user { id } } }', {}, token)
    expect(data).toEqual({ viewer: { user: { id: user.id } } })
  })

  test('answers refusals as union members', async () => {
    const { email } = await join()
    const input = { email: email.toUpperCase(), password: 'correct horse', fullName: 'Ada' }
    expect((await ask(SIGN_UP, { input })).data?.signUp).toMatchObject({ __typename: 'EmailTaken' })
    const invalid = await ask(SIGN_UP, { input: { ...input, email: 'x', password: 'short' } })
    expect(invalid.data?.signUp).toMatchObject({
      __typename: 'ValidationError',
      issues: [{ path: 'email' }, { path: 'password' }],
    })
  })
})

const SIGN_IN = `mutation ($input: SignInInput!) {
  signIn(input: $input) { __typename ... on SignInPayload { token user { email } } ... on Error { message } }
}`

test('signIn and signOut set and clear the cookie, and the token works in between', async () => {
  const { email } = await join()
  const { data, cookies } = await ask(SIGN_IN, { input: { email, password: 'correct horse' } })
  const { token } = (data?.signIn ?? {}) as { token: string }
  expect(data?.signIn).toMatchObject({ user: { email } })
  expect(cookies).toHaveLength(1)
  const out = await ask('mutation { signOut { ... on SignOutPayload { endedSessionId } } }', {}, token)
  expect(out.data?.signOut).toEqual({ endedSessionId: expect.any(String) })
  expect(out.cookies.join()).toContain('Max-Age=0')
  const after = await ask('{ viewer { user { id } } }', {}, token)
  expect(after.data).toEqual({ viewer: null })
  expect(after.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

test('after signOut the rest of the document is asked as nobody', async () => {
  const { token } = await join()
  const source = `mutation { signOut { __typename } updateProfile(input: { fullName: "Mallory" }) { __typename } }`
  const { data, errors } = await ask(source, {}, token)
  expect(data).toEqual({ signOut: { __typename: 'SignOutPayload' }, updateProfile: null })
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

test('signIn refuses with one text', async () => {
  const { email } = await join()
  const wrong = await ask(SIGN_IN, { input: { email, password: 'wrong horse' } })
  const unknown = await ask(SIGN_IN, { input: { email: freshEmail(), password: 'wrong horse' } })
  expect(wrong.data).toEqual(unknown.data)
  expect(wrong.data?.signIn).toMatchObject({ __typename: 'InvalidCredentials' })
  expect(wrong.cookies).toEqual([])
})

test('T2 verifyEmail takes the token of the mail; the person is named, their address is not', async () => {
  const { email } = await join()
  const source = `mutation ($token: String!) { verifyEmail(input: { token: $token }) {
    __typename ... on VerifyEmailPayload { user { emailVerified email } } } }`
  const { data } = await ask(source, { token: tokenIn(await kit.mailTo(email)) })
  expect(data?.verifyEmail).toEqual({
    __typename: 'VerifyEmailPayload',
    user: { emailVerified: true, email: null },
  })
  const refused = await ask(source, { token: 'rubbish' })
  expect(refused.data?.verifyEmail).toEqual({ __typename: 'InvalidToken' })
})

test('the whole way of a forgotten password', async () => {
  const { email, token: session } = await join()
  const request = `mutation ($email: String!) { requestPasswordReset(input: { email: $email }) {
    ... on RequestPasswordResetPayload { email } } }`
  expect((await ask(request, { email })).data?.requestPasswordReset).toEqual({ email })
  const token = tokenIn(await kit.mailTo(email, /new password/))
  const reset = `mutation ($token: String!) { resetPassword(input: { token: $token, newPassword: "battery staple" }) { __typename } }`
  expect((await ask(reset, { token })).data?.resetPassword).toEqual({ __typename: 'ResetPasswordPayload' })
  expect((await ask(reset, { token })).data?.resetPassword).toEqual({ __typename: 'InvalidToken' })
  expect((await ask('{ viewer { user { id } } }', {}, session)).data).toEqual({ viewer: null })
})

test('changePassword and updateProfile', async () => {
  const { token } = await join()
  const source = `mutation { 
    changePassword(input: { currentPassword: "correct horse", newPassword: "battery staple" }) { __typename }
    wrong: changePassword(input: { currentPassword: "correct horse", newPassword: "battery staple" }) { __typename }
    updateProfile(input: { fullName: "Ada King" }) { ... on UpdateProfilePayload { user { fullName } } }
    resendVerificationEmail(input: {}) { __typename }
  }`
  const { data, errors } = await ask(source, {}, token)
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    changePassword: { __typename: 'ChangePasswordPayload' },
    wrong: { __typename: 'InvalidCredentials' },
    updateProfile: { user: { fullName: 'Ada King' } },
    resendVerificationEmail: { __typename: 'ResendVerificationEmailPayload' },
  })
})

describe('User', () => {
  const NODE = 'query ($id: ID!) { node(id: $id) { ... on User { email fullName } } }'

  test('is found by themselves and by whoever shares an organization, by nobody else', async () => {
    const world = createWorld(kit.app)
    const { owner, member } = await world.tenant()
    const colleague = await member()
    const stranger = await world.person()
    for (const person of [owner, colleague]) {
      const { data } = await ask(NODE, { id: owner.id }, person.token)
      expect(data?.node).toEqual({ email: owner.email, fullName: owner.fullName })
    }
    const refused = await ask(NODE, { id: owner.id }, stranger.token)
    expect(refused.data?.node ?? null).toBeNull()
    expect(refused.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  })

  test('who has left is still named, without the address', async () => {
    const { db } = kit.app.services
    const tenant = await createWorld(kit.app).tenant()
    const creator = await tenant.member()
    const { workspaceId: id } = tenant.first
    await db.workspace.update({
      where: { id },
      data: { createdById: creator.userId, updatedById: tenant.owner.userId },
    })
    const query =
      'query ($id: ID!) { workspace(id: $id) { createdBy { fullName email } updatedBy { email } } }'
    const seen = async () => (await ask(query, { id: tenant.first.id }, tenant.owner.token)).data?.workspace
    const updatedBy = { email: tenant.owner.email }
    expect(await seen()).toEqual({
      createdBy: { fullName: creator.fullName, email: creator.email },
      updatedBy,
    })
    await db.organizationMember.deleteMany({ where: { userId: creator.userId } })
    expect(await seen()).toEqual({ createdBy: { fullName: creator.fullName, email: null }, updatedBy })
  })
})
