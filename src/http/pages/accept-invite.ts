import type { Viewer } from '../../access/viewer.ts'
import { loadViewer } from '../../access/viewer.ts'
import type { IdentityCaller } from '../../domains/identity/caller.ts'
import { MAX_PASSWORD, MIN_PASSWORD } from '../../domains/identity/input.ts'
import { readSession } from '../../domains/identity/session.ts'
import { signIn } from '../../domains/identity/sign-in.ts'
import { signUpByInvite } from '../../domains/identity/sign-up-by-invite.ts'
import { acceptInvite } from '../../domains/invite/accept-invite.ts'
import { InviteUnavailable } from '../../domains/invite/errors.ts'
import { type InvitePreview, previewInvite } from '../../domains/invite/preview-invite.ts'
import { Refusal, ValidationError } from '../../platform/refusal.ts'
import { isSameEmail } from '../../platform/validation.ts'
import { form, type Html, html, page } from './frame.ts'

const ACTION = 'accept-invite'

/** What is wrong with a form that was sent, by field, and which of the two forms it was. */
interface Sent {
  issues: Record<string, string>
  isNew: boolean
}

const NOTHING_SENT: Sent = { issues: {}, isNew: false }

/** Shows who invites to what. Opening the link accepts nothing: mail scanners open links too. */
export async function showAcceptInvite(caller: IdentityCaller, query: URLSearchParams): Promise<Response> {
  return show(caller, query.get('token') ?? '')
}

/**
 * Accepts as whoever the form makes the visitor: the person who is signed in, somebody who signs in with a password, or
 * somebody new. The address is the invite's, so no form asks for it.
 */
export async function finishAcceptInvite(caller: IdentityCaller, fields: URLSearchParams): Promise<Response> {
  const token = fields.get('token') ?? ''
  const invite = await previewInvite(caller, token)
  if (!invite) return unavailable(new InviteUnavailable('UNKNOWN'))
  try {
    const entered = await enter(caller, invite, fields)
    if (!entered) return await show(caller, token)
    if (entered.viewer) await acceptInvite({ ...caller, viewer: entered.viewer }, token)
    return accepted(invite, entered.cookies)
  } catch (error) {
    if (error instanceof InviteUnavailable) return unavailable(error)
    const isNew = fields.has('fullName')
    if (error instanceof ValidationError) {
      const issues = Object.fromEntries(error.issues.map(({ path, message }) => [path, message]))
      return await show(caller, token, { issues, isNew })
    }
    if (error instanceof Refusal)
      return await show(caller, token, { issues: { password: error.message }, isNew })
    throw error
  }
}

/**
 * Signs the visitor in or up, as the form says. Somebody new has accepted by that, so that there is no viewer who still has
 * to; null when a session was expected and there is none.
 */
async function enter(
  caller: IdentityCaller,
  { email }: InvitePreview,
  fields: URLSearchParams,
): Promise<{ viewer: Viewer | null; cookies: string[] } | null> {
  const password = fields.get('password')
  if (password === null) {
    const viewer = await signedInAs(caller, email)
    return viewer && { viewer, cookies: [] }
  }
  const fullName = fields.get('fullName')
  if (fullName !== null) {
    const made = await signUpByInvite(caller, { token: fields.get('token') ?? '', password, fullName })
    return { viewer: null, cookies: await caller.auth.cookiesFor(made.token) }
  }
  const { userId, token } = await signIn(caller, { email, password })
  const viewer = await loadViewer(caller.db, userId)
  return viewer && { viewer, cookies: await caller.auth.cookiesFor(token) }
}

/** The person of the session cookie, if the invite is for their address. */
async function signedInAs(caller: IdentityCaller, email: string): Promise<Viewer | null> {
  if (!caller.request) return null
  const { viewer } = await readSession(caller, caller.auth, caller.request.headers)
  return viewer && isSameEmail(viewer.email, email) ? viewer : null
}

async function show(caller: IdentityCaller, token: string, sent = NOTHING_SENT): Promise<Response> {
  const invite = token ? await previewInvite(caller, token) : null
  if (!invite) return unavailable(new InviteUnavailable('UNKNOWN'))
  if (invite.status === 'ACCEPTED') return unavailable(new InviteUnavailable('USED'))
  if (invite.status !== 'PENDING') return unavailable(new InviteUnavailable(invite.status))
  const isSignedIn = (await signedInAs(caller, invite.email)) !== null
  return page({
    title: `Join ${nameOf(invite)}`,
    status: Object.keys(sent.issues).length > 0 ? 400 : 200,
    body: html`<p>${invite.inviterName ?? 'Somebody'} invites <strong>${invite.email}</strong> to ${placeOf(invite)} as ${invite.roleName}.</p>
${isSignedIn ? form({ action: ACTION, hidden: { token }, button: 'Accept the invite' }) : entrances(token, sent)}`,
  })
}

/** Whether the address has an account is not told: both ways are there. */
function entrances(token: string, { issues, isNew }: Sent): Html {
  const newPassword = isNew ? issues.password : undefined
  return html`<h2>I have an account</h2>
${form({
  action: ACTION,
  hidden: { token },
  fields: [
    {
      name: 'password',
      label: 'Password',
      type: 'password',
      autocomplete: 'current-password',
      issue: isNew ? undefined : issues.password,
    },
  ],
  button: 'Sign in and accept',
})}
<h2>I am new here</h2>
${form({
  action: ACTION,
  hidden: { token },
  fields: [
    {
      name: 'fullName',
      label: 'Your name',
      type: 'text',
      autocomplete: 'name',
      maxLength: 120,
      issue: issues.fullName,
    },
    {
      name: 'password',
      label: 'Choose a password',
      type: 'password',
      autocomplete: 'new-password',
      minLength: MIN_PASSWORD,
      maxLength: MAX_PASSWORD,
      issue: newPassword,
    },
  ],
  button: 'Sign up and accept',
})}`
}

const nameOf = ({ workspaceName, organizationName }: InvitePreview) => workspaceName ?? organizationName

const placeOf = ({ workspaceName, organizationName }: InvitePreview) =>
  workspaceName ? `${workspaceName} (${organizationName})` : organizationName

function accepted(invite: InvitePreview, cookies: string[]): Response {
  const response = page({
    title: `Welcome to ${nameOf(invite)}`,
    mood: 'good',
    body: html`<p>You are ${invite.roleName} of ${placeOf(invite)} now, and your address is confirmed.</p>
      <p><a href="console/">Open the console</a></p>`,
  })
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}

const unavailable = (problem: InviteUnavailable): Response =>
  page({
    title: 'This invite can not be accepted',
    mood: 'bad',
    status: 400,
    body: html`<p>${problem.message}</p>`,
  })
