import type { Caller } from '../../access/caller.ts'
import { limit } from '../../access/limit.ts'
import { hashToken } from '../../platform/secrets.ts'
import { type InviteStatus, inviteStatus } from './invite-status.ts'

/** What the holder of a token may know before they sign in (lesson 11). */
export interface InvitePreview {
  email: string
  organizationName: string
  workspaceName: string | null
  roleName: string
  inviterName: string | null
  status: InviteStatus
  expiresAt: Date
}

/**
 * @returns null for a token that nothing belongs to
 * @throws {CodedError} RATE_LIMITED
 */
export async function previewInvite(caller: Caller, token: string): Promise<InvitePreview | null> {
  await limit(caller, 'invite', token)
  const { db, clock } = caller
  const invite = await db.invite.findFirst({
    where: {
      tokenHash: hashToken(token),
      organization: { deletedAt: null },
      NOT: { workspace: { deletedAt: { not: null } } },
    },
    select: {
      email: true,
      state: true,
      expiresAt: true,
      organization: { select: { name: true } },
      workspace: { select: { name: true } },
      role: { select: { name: true } },
      invitedBy: { select: { name: true } },
    },
    relationLoadStrategy: 'join',
  })
  return (
    invite && {
      email: invite.email,
      organizationName: invite.organization.name,
      workspaceName: invite.workspace?.name ?? null,
      roleName: invite.role.name,
      inviterName: invite.invitedBy?.name ?? null,
      status: inviteStatus(invite, clock.now()),
      expiresAt: invite.expiresAt,
    }
  )
}
