import { isAuthenticated, isInPerson, isPublic } from '../../access/rules.ts'
import { loadViewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import type { ObjectFields } from '../../graphql/builder.ts'
import { errorType } from '../../graphql/errors.ts'
import { encodeId } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { InviteUnavailableType } from '../invite/mutations.ts'
import { asScope, Scope } from '../member/scope.ts'
import { changePassword } from './change-password.ts'
import { EmailTaken, InvalidCredentials, InvalidToken } from './errors.ts'
import { requestPasswordReset } from './request-password-reset.ts'
import { resendVerificationEmail } from './resend-verification-email.ts'
import { resetPassword } from './reset-password.ts'
import { signIn } from './sign-in.ts'
import { signOut } from './sign-out.ts'
import { signUp } from './sign-up.ts'
import { signUpByInvite } from './sign-up-by-invite.ts'
import { User } from './types.ts'
import { updateProfile } from './update-profile.ts'
import { verifyEmail } from './verify-email.ts'

export const EmailTakenType = errorType(EmailTaken, {
  description: 'The e-mail address has an account already.',
})

export const InvalidCredentialsType = errorType(InvalidCredentials, {
  description: 'E-mail address and password do not belong together. An unknown address gets the same answer.',
})

const InvalidTokenType = errorType(InvalidToken, {
  description: 'The token of a mail is wrong, used or too old. Ask for a new one.',
})

const emailDescription = 'An e-mail address, in any case.'
const tokenDescription = 'The token in the link of the mail.'
const newPasswordDescription = '8 to 128 characters.'

/** The payload field with the person of a `userId`. */
export const userOf = (t: ObjectFields<{ userId: string }>, description: string) =>
  t.prismaField({
    type: User,
    description,
    resolve: (query, { userId }, _args, { db }) =>
      db.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
  })

const sessionToken = (t: ObjectFields<{ token: string }>) =>
  t.exposeString('token', {
    description:
      'The session\'s token, shown this once: send it as "Authorization: Bearer <token>". A browser has it as a cookie too.',
  })

/** From here on the request is this person's: what the payload selects, and the mutations after it, are asked as them. */
async function signInRequest(
  context: Context,
  { userId, sessionId, token }: { userId: string; sessionId: string; token: string },
): Promise<void> {
  const viewer = await loadViewer(context.db, userId)
  context.viewer = viewer && { ...viewer, sessionId }
  appendCookies(context, await context.auth.cookiesFor(token))
}

/** Has the answer set these cookies. */
export function appendCookies({ responseHeaders }: Context, cookies: string[]): void {
  for (const cookie of cookies) responseHeaders.append('set-cookie', cookie)
}

defineMutation({
  name: 'signUp',
  description:
    'Makes an account with an organization and a first workspace, signs in, and sends a mail that asks to verify the address. Whoever has an invite signs up with signUpByInvite, without an organization of their own.',
  gate: isPublic,
  input: (t) => ({
    email: t.string({ required: true, description: emailDescription }),
    password: t.string({ required: true, description: newPasswordDescription }),
    fullName: t.string({ required: true, description: '1 to 120 characters.' }),
    organizationName: t.string({
      description: '1 to 120 characters. Without it the organization is named after the person.',
    }),
  }),
  resolve: async (context, input) => {
    const made = await signUp(context, input)
    await signInRequest(context, made)
    return made
  },
  payload: {
    description: 'The new account, signed in.',
    fields: (t) => ({
      user: userOf(t, 'The new person.'),
      organization: t.prismaField({
        type: 'Organization',
        description: 'Their organization.',
        resolve: (query, { organizationId }, _args, { db }) =>
          db.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
      }),
      workspace: t.prismaField({
        type: 'Workspace',
        description: 'Its first workspace.',
        resolve: (query, { workspaceId }, _args, { db }) =>
          db.workspace.findUniqueOrThrow({ ...query, where: { id: workspaceId } }),
      }),
      token: sessionToken(t),
    }),
  },
  errors: [EmailTakenType],
})

defineMutation({
  name: 'signUpByInvite',
  description:
    'Makes an account for the address that an invite is for, accepts the invite, and signs in. The person gets no organization of their own; createOrganization makes one whenever they want it. The token of the mail verifies the address.',
  gate: isPublic,
  input: (t) => ({
    token: t.string({ required: true, description: tokenDescription }),
    password: t.string({ required: true, description: newPasswordDescription }),
    fullName: t.string({ required: true, description: '1 to 120 characters.' }),
  }),
  resolve: async (context, input) => {
    const made = await signUpByInvite(context, input)
    await signInRequest(context, made)
    return made
  },
  payload: {
    description: 'The new account, signed in, with the role of the invite.',
    fields: (t) => ({
      user: userOf(t, 'The new person.'),
      scope: t.field({
        type: Scope,
        description: 'Where the person has the role.',
        resolve: ({ organizationId, workspaceId }) =>
          workspaceId
            ? asScope('Workspace', { id: workspaceId })
            : asScope('Organization', { id: organizationId }),
      }),
      token: sessionToken(t),
    }),
  },
  errors: [InviteUnavailableType, EmailTakenType],
})

defineMutation({
  name: 'signIn',
  description: 'Signs in with e-mail address and password.',
  gate: isPublic,
  input: (t) => ({
    email: t.string({ required: true, description: emailDescription }),
    password: t.string({ required: true, description: 'The password.' }),
  }),
  resolve: async (context, input) => {
    const session = await signIn(context, input)
    await signInRequest(context, session)
    return session
  },
  payload: {
    description: 'The new session.',
    fields: (t) => ({ user: userOf(t, 'Who is signed in now.'), token: sessionToken(t) }),
  },
  errors: [InvalidCredentialsType],
})

defineMutation({
  name: 'signOut',
  description: 'Ends the session of this request. Its token and cookie are worthless from then on.',
  gate: isAuthenticated,
  resolve: async (context) => {
    const ended = await signOut(context)
    context.viewer = null
    appendCookies(context, await context.auth.cookiesForSignOut())
    return ended
  },
  payload: {
    description: 'The session that was ended.',
    fields: (t) => ({
      endedSessionId: t.id({
        nullable: true,
        description: 'Id of the session; null when the request was not made with one.',
        resolve: ({ endedSessionId }) => endedSessionId && encodeId('Session', endedSessionId),
      }),
    }),
  },
  errors: [],
})

defineMutation({
  name: 'verifyEmail',
  description:
    'Confirms an e-mail address with the token of the mail that went there. Doing so twice is no error.',
  gate: isPublic,
  input: (t) => ({ token: t.string({ required: true, description: tokenDescription }) }),
  resolve: (context, input) => verifyEmail(context, input),
  payload: {
    description: 'The verified account.',
    fields: (t) => ({ user: userOf(t, 'Whose address it is.') }),
  },
  errors: [InvalidTokenType],
})

defineMutation({
  name: 'resendVerificationEmail',
  description:
    'Sends the verification mail once more, if the address has an account that is not verified. The answer does not tell.',
  gate: isPublic,
  input: (t) => ({
    email: t.string({ description: `${emailDescription} Without it: the address of whoever is signed in.` }),
  }),
  resolve: (context, input) => resendVerificationEmail(context, input),
  payload: {
    description: 'The request is noted.',
    fields: (t) => ({ email: t.exposeString('email', { description: 'The address as it was understood.' }) }),
  },
  errors: [],
})

defineMutation({
  name: 'requestPasswordReset',
  description:
    'Sends a link to choose a new password, if the address has an account. The answer does not tell.',
  gate: isPublic,
  input: (t) => ({ email: t.string({ required: true, description: emailDescription }) }),
  resolve: (context, input) => requestPasswordReset(context, input),
  payload: {
    description: 'The request is noted.',
    fields: (t) => ({ email: t.exposeString('email', { description: 'The address as it was understood.' }) }),
  },
  errors: [],
})

defineMutation({
  name: 'resetPassword',
  description:
    'Sets a new password with the token of a reset mail, once. Ends all sessions; the address counts as verified from then on.',
  gate: isPublic,
  input: (t) => ({
    token: t.string({ required: true, description: tokenDescription }),
    newPassword: t.string({ required: true, description: newPasswordDescription }),
  }),
  resolve: (context, input) => resetPassword(context, input),
  payload: {
    description: 'The account with its new password. Nobody is signed in by this.',
    fields: (t) => ({ user: userOf(t, 'Whose password it is.') }),
  },
  errors: [InvalidTokenType],
})

defineMutation({
  name: 'changePassword',
  description:
    "Changes the viewer's password, and ends their other sessions and their access tokens. Not by an access token.",
  gate: isInPerson,
  input: (t) => ({
    currentPassword: t.string({ required: true, description: 'The password until now.' }),
    newPassword: t.string({ required: true, description: newPasswordDescription }),
  }),
  resolve: (context, input) => changePassword(context, input),
  payload: {
    description: 'The account with its new password.',
    fields: (t) => ({ user: userOf(t, 'The viewer.') }),
  },
  errors: [InvalidCredentialsType],
})

defineMutation({
  name: 'updateProfile',
  description: 'Changes what others see of the viewer. An absent field is kept. Not by an access token.',
  gate: isInPerson,
  input: (t) => ({
    fullName: t.string({ description: '1 to 120 characters.' }),
    image: t.string({
      description: 'Address of a picture, http or https, up to 2000 characters; null removes it.',
    }),
  }),
  resolve: (context, input) => updateProfile(context, input),
  payload: {
    description: 'The changed person.',
    fields: (t) => ({ user: userOf(t, 'The viewer.') }),
  },
  errors: [],
})
