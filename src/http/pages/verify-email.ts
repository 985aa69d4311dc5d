import type { IdentityCaller } from '../../domains/identity/caller.ts'
import { InvalidToken } from '../../domains/identity/errors.ts'
import { resendVerificationEmail } from '../../domains/identity/resend-verification-email.ts'
import { readVerificationToken, VERIFICATION_HOURS } from '../../domains/identity/verification-mail.ts'
import { verifyEmail } from '../../domains/identity/verify-email.ts'
import { ValidationError } from '../../platform/refusal.ts'
import { form, html, page } from './frame.ts'

const ACTION = 'verify-email'

/** Opening the link changes nothing: mail scanners open links too. The button on this page confirms the address. */
export async function showVerifyEmail(caller: IdentityCaller, query: URLSearchParams): Promise<Response> {
  const token = query.get('token') ?? ''
  const named = token && (await readVerificationToken(caller, token))
  if (!named) return token ? linkExpired() : askForAddress()
  return page({
    title: 'Confirm your e-mail address',
    body: html`<p>Is <strong>${named.email}</strong> your address?</p>
${form({ action: ACTION, hidden: { token }, button: 'Confirm address' })}`,
  })
}

/** The button, or the request for a new link. */
export async function finishVerifyEmail(caller: IdentityCaller, fields: URLSearchParams): Promise<Response> {
  const email = fields.get('email')
  if (email !== null) return await sendNewLink(caller, email)
  try {
    await verifyEmail(caller, { token: fields.get('token') ?? '' })
  } catch (error) {
    if (error instanceof InvalidToken) return linkExpired()
    throw error
  }
  return page({
    title: 'Your address is confirmed',
    mood: 'good',
    body: html`<p>Your account is ready. You can close this page and go back to where you signed up.</p>`,
  })
}

async function sendNewLink(caller: IdentityCaller, email: string): Promise<Response> {
  try {
    await resendVerificationEmail(caller, { email })
  } catch (error) {
    if (error instanceof ValidationError) return askForAddress(error.message)
    throw error
  }
  return page({
    title: 'Look into your mailbox',
    body: html`<p>If there is an account with this address that is not confirmed yet, a new link is on its way.</p>
<p class="soft">It may take a minute. Look into the spam folder too.</p>`,
  })
}

const addressForm = (issue?: string) =>
  form({
    action: ACTION,
    fields: [{ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'email', issue }],
    button: 'Send a link',
  })

const askForAddress = (issue?: string): Response =>
  page({
    title: 'Confirm your e-mail address',
    status: issue ? 400 : 200,
    body: html`<p>Enter your address to get a link with which you confirm it.</p>
${addressForm(issue)}`,
  })

const linkExpired = (): Response =>
  page({
    title: 'This link is no longer valid',
    mood: 'bad',
    status: 400,
    body: html`<p>It may be older than ${String(VERIFICATION_HOURS)} hours, or incomplete. Enter your address to get a new one.</p>
${addressForm()}`,
  })
