import { z } from 'zod'
import type { Caller } from '../../access/caller.ts'
import { type Policies, policiesOf } from '../../access/policies.ts'
import type { ScopeRef } from '../../access/standing.ts'
import type { Invite, Role } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { hashToken, newToken } from '../../platform/secrets.ts'
import { DEFAULT_INVITE_DAYS } from './invite-limits.ts'
import { enqueueInviteMail } from './invite-mail.ts'

/** How many days an invite can be accepted. */
export const lifetimeField = z
  .number()
  .int()
  .min(1, 'An invite lasts at least 1 day.')
  .max(30, 'An invite lasts at most 30 days.')
  .nullish()

/** Who sends invites, and what those have in common. */
export interface Sender {
  tx: Tx
  caller: Caller
  scope: ScopeRef
  inviter: { userId: string; name: string }
  names: { scopeName: string; organizationName: string }
  policies: Policies
  expiresAt: Date
}

/** @param days how long the invites last; absent, 7 */
export async function senderOf(
  tx: Tx,
  caller: Caller,
  inviter: { userId: string; name: string },
  scope: ScopeRef,
  days: number | null | undefined,
): Promise<Sender> {
  const { workspaces, ...organization } = await tx.organization.findUniqueOrThrow({
    where: { id: scope.organizationId },
    select: {
      name: true,
      settings: true,
      workspaces: { where: { id: scope.id }, select: { name: true, settings: true } },
    },
  })
  return {
    tx,
    caller,
    scope,
    inviter,
    names: {
      organizationName: organization.name,
      scopeName: workspaces[0]?.name ?? organization.name,
    },
    policies: policiesOf(organization.settings, workspaces[0]?.settings),
    expiresAt: new Date(caller.clock.now().getTime() + (days ?? DEFAULT_INVITE_DAYS) * 86_400_000),
  }
}

/** Opens an invite, or renews the one that is open for this address: a new token, role and time (lesson 7). */
export async function openInvite(
  sender: Sender,
  email: string,
  role: Role,
): Promise<{ invite: Invite; renewed: boolean }> {
  const { tx, scope } = sender
  const { organizationId } = scope
  const workspaceId = scope.kind === 'Workspace' ? scope.id : null
  const open = await tx.invite.findFirst({
    where: { organizationId, workspaceId, email, state: 'PENDING' },
    select: { id: true },
  })
  const { token, data } = fresh(sender, role)
  const invite = open
    ? await tx.invite.update({ where: { id: open.id }, data })
    : await tx.invite.create({
        data: { ...data, id: newId(), organizationId, workspaceId, email, roleScope: role.scope },
      })
  await mail(sender, invite, role, token)
  return { invite, renewed: open !== null }
}

/** Gives an open invite a new token, time and inviter, and has its mail sent: the old link is void. */
export async function renewInvite(sender: Sender, id: string, role: Role): Promise<Invite> {
  const { token, data } = fresh(sender, role)
  const invite = await sender.tx.invite.update({ where: { id }, data })
  await mail(sender, invite, role, token)
  return invite
}

function fresh({ inviter, expiresAt }: Sender, role: Role) {
  const token = newToken()
  return {
    token,
    data: { roleId: role.id, tokenHash: hashToken(token), invitedById: inviter.userId, expiresAt },
  }
}

const mail = ({ tx, caller, names, inviter }: Sender, invite: Invite, role: Role, token: string) =>
  enqueueInviteMail(tx, caller, {
    ...names,
    inviteId: invite.id,
    email: invite.email,
    token,
    expiresAt: invite.expiresAt,
    roleName: role.name,
    inviterName: inviter.name,
  })

/** The event of an invite that was sent or sent again. */
export function inviteEvent(scope: ScopeRef, invite: Invite, role: Role, renewed: boolean): NewEvent {
  return {
    organizationId: scope.organizationId,
    workspaceId: invite.workspaceId,
    type: renewed ? 'invite.resent' : 'invite.created',
    subject: { type: 'Invite', id: invite.id },
    changes: {
      email: { after: invite.email },
      role: { after: role.key },
      expiresAt: { after: invite.expiresAt },
    },
  }
}
