import type { InviteState } from '../../generated/prisma/client.ts'

/** What an invite is for people: its state, and whether its time is over. */
export type InviteStatus = InviteState | 'EXPIRED'

/** @param now an invite that is still open then is pending */
export function inviteStatus(invite: { state: InviteState; expiresAt: Date }, now: Date): InviteStatus {
  return invite.state === 'PENDING' && invite.expiresAt <= now ? 'EXPIRED' : invite.state
}

/** Every status and what it means, for the schema. */
export const INVITE_STATUSES: Record<InviteStatus, { description: string }> = {
  PENDING: { description: 'It can be accepted.' },
  ACCEPTED: { description: 'It was accepted.' },
  DECLINED: { description: 'The person has declined.' },
  REVOKED: { description: 'It was taken back.' },
  EXPIRED: { description: 'Its time is over; inviting again renews it.' },
}
