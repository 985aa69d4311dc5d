import type { IdentityCaller } from '../../domains/identity/caller.ts'
import { InvalidToken } from '../../domains/identity/errors.ts'
import { MAX_PASSWORD, MIN_PASSWORD } from '../../domains/identity/input.ts'
import { requestPasswordReset } from '../../domains/identity/request-password-reset.ts'
import { findResetTarget, RESET_MINUTES, resetPassword } from '../../domains/identity/reset-password.ts'
import { ValidationError } from '../../platform/refusal.ts'
import { form, html, page } from './frame.ts'

const ACTION = 'reset-password'

/** The form for a new password, or, without a good token, the form to ask for a link. */
export async function showResetPassword(caller: IdentityCaller, query: URLSearchParams): Promise<Response> {
  const token = query.get('token') ?? ''
  if (!token) return askForLink()
  return (await findResetTarget(caller, token)) === null ? linkExpired() : choosePassword(token)
}

/** The new password, or the request for a link. */
export async function finishResetPassword(
  caller: IdentityCaller,
  fields: URLSearchParams,
): Promise<Response> {
  const email = fields.get('email')
  if (email !== null) return await sendLink(caller, email)
  const token = fields.get('token') ?? ''
  const [password, repeated] = [fields.get('password') ?? '', fields.get('repeated') ?? '']
  if (password !== repeated) return choosePassword(token, { repeated: 'This is not the same password.' })
  try {
    await resetPassword(caller, { token, newPassword: password })
  } catch (error) {
    if (error instanceof ValidationError) return choosePassword(token, { password: error.message })
    if (error instanceof InvalidToken) return linkExpired()
    throw error
  }
  return page({
    title: 'Your password is changed',
    mood: 'good',
    body: html`<p>Sign in with the new one. Wherever you were signed in before, you are signed out now.</p>`,
  })
}

function choosePassword(token: string, issues: { password?: string; repeated?: string } = {}): Response {
  const common = {
    type: 'password',
    autocomplete: 'new-password',
    minLength: MIN_PASSWORD,
    maxLength: MAX_PASSWORD,
  } as const
  return page({
    title: 'Choose a new password',
    status: Object.keys(issues).length > 0 ? 400 : 200,
    body: html`<p>It has at least ${String(MIN_PASSWORD)} characters.</p>
${form({
  action: ACTION,
  hidden: { token },
  fields: [
    { ...common, name: 'password', label: 'New password', issue: issues.password },
    { ...common, name: 'repeated', label: 'Once more', issue: issues.repeated },
  ],
  button: 'Change password',
})}`,
  })
}

async function sendLink(caller: IdentityCaller, email: string): Promise<Response> {
  try {
    await requestPasswordReset(caller, { email })
  } catch (error) {
    if (error instanceof ValidationError) return askForLink(error.message)
    throw error
  }
  return page({
    title: 'Look into your mailbox',
    body: html`<p>If there is an account with this address, a link to choose a new password is on its way.</p>
<p class="soft">It may take a minute. Look into the spam folder too.</p>`,
  })
}

const addressForm = (issue?: string) =>
  form({
    action: ACTION,
    fields: [{ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'email', issue }],
    button: 'Send a link',
  })

const askForLink = (issue?: string): Response =>
  page({
    title: 'Forgot your password?',
    status: issue ? 400 : 200,
    body: html`<p>Enter your address to get a link with which you choose a new one.</p>
${addressForm(issue)}`,
  })

const linkExpired = (): Response =>
  page({
    title: 'This link is no longer valid',
    mood: 'bad',
    status: 400,
    body: html`<p>A link works once, and for ${String(RESET_MINUTES)} minutes. Enter your address to get a new one.</p>
${addressForm()}`,
  })
