import type { Caller } from '../../access/caller.ts'
import type { Tx } from '../../platform/db.ts'
import { actionMail, enqueueMail, type Mail } from '../../platform/mailer.ts'

export interface InviteMail {
  inviteId: string
  email: string
  token: string
  scopeName: string
  organizationName: string
  roleName: string
  inviterName: string
  expiresAt: Date
}

/** The key of the job with the mail of an invite. */
export const inviteMailKey = (inviteId: string): string => `invite:${inviteId}`

/**
 * Queues the mail of an invite in the transaction of the invite; it leaves after the commit. The token is in it alone. An
 * older mail of the same invite that still waits does not leave any more.
 */
export function enqueueInviteMail(tx: Tx, { env, secrets }: Caller, invite: InviteMail): Promise<void> {
  const { scopeName, organizationName, inviterName } = invite
  const where = scopeName === organizationName ? scopeName : `${scopeName} (${organizationName})`
  return enqueueMail(
    tx,
    secrets,
    actionMail({
      to: invite.email,
      subject: `${inviterName} invites you to ${scopeName}`,
      intro: `${inviterName} invites you to join ${where} as ${invite.roleName}.`,
      action: { label: 'Accept the invite', url: `${env.PUBLIC_URL}/accept-invite?token=${invite.token}` },
      outro: `The link works until ${invite.expiresAt.toISOString().slice(0, 10)}. If you do not expect this invite, you can ignore this mail.`,
    }),
    { key: inviteMailKey(invite.inviteId) },
  )
}

/** All invites that one person got at once. */
export interface InviteRound {
  email: string
  organizationName: string
  inviterName: string
  expiresAt: Date
  invites: readonly { scopeName: string; roleName: string; token: string }[]
}

/** One mail for all invites of a round, with a link for each. */
export function inviteRoundMail({ env }: Pick<Caller, 'env'>, round: InviteRound): Mail {
  const { email, organizationName, inviterName, expiresAt, invites } = round
  const links = invites.map(({ scopeName, roleName, token }) => ({
    label: invites.length === 1 ? 'Accept the invite' : `Accept the invite to ${scopeName} as ${roleName}`,
    url: `${env.PUBLIC_URL}/accept-invite?token=${token}`,
  }))
  const [action, ...others] = links
  if (!action) throw new Error('A round has at least one invite')
  const names = invites.map(({ scopeName, roleName }) => `${scopeName} as ${roleName}`)
  const where = invites.length === 1 ? names[0] : `${invites.length} workspaces: ${names.join(', ')}`
  return actionMail({
    to: email,
    subject:
      invites.length === 1
        ? `${inviterName} invites you to ${invites[0]?.scopeName}`
        : `${inviterName} invites you to ${organizationName}`,
    intro: `${inviterName} (${organizationName}) invites you to join ${where}.`,
    action,
    others,
    outro: `The link works until ${expiresAt.toISOString().slice(0, 10)}. If you do not expect this, you can ignore this mail.`,
  })
}
