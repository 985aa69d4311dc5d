import type { Caller } from '../../access/caller.ts'
import { lockScope, type ScopeRef, scopeOfInvite } from '../../access/standing.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import { CodedError, missing } from '../../platform/refusal.ts'
import { hashToken } from '../../platform/secrets.ts'
import { InviteUnavailable } from './errors.ts'

export type FoundInvite = Prisma.InviteGetPayload<{ include: { role: true } }>

/**
 * The invite of a token, before anything is locked.
 *
 * @throws {InviteUnavailable} UNKNOWN
 */
export async function findInvite({ db }: Caller, token: string): Promise<FoundInvite> {
  const invite = await db.invite.findFirst({
    where: { tokenHash: hashToken(token), organization: { deletedAt: null } },
    include: { role: true },
  })
  if (!invite) throw new InviteUnavailable('UNKNOWN')
  return invite
}

/**
 * The lock of where an invite leads to, for whoever holds its token: a scope that was deleted meanwhile takes its invites
 * with it.
 *
 * @throws {InviteUnavailable} REVOKED
 */
export async function orRevoked<Locked>(locking: Promise<Locked>): Promise<Locked> {
  try {
    return await locking
  } catch (error) {
    if (error instanceof CodedError && error.code === 'NOT_FOUND') throw new InviteUnavailable('REVOKED')
    throw error
  }
}

/**
 * An invite behind the lock of its scope, for whoever manages it there.
 *
 * @throws {CodedError} NOT_FOUND when it is absent or its scope is deleted
 */
export async function lockInvite(tx: Tx, id: string): Promise<{ invite: FoundInvite; scope: ScopeRef }> {
  const found = await tx.invite.findUnique({
    where: { id },
    select: { organizationId: true, workspaceId: true },
  })
  if (!found) return missing()
  const scope = await lockScope(tx, scopeOfInvite(found))
  const invite = await tx.invite.findUnique({ where: { id }, include: { role: true } })
  return { invite: invite ?? missing(), scope }
}

/** @throws {InviteUnavailable} when the invite can't be accepted or declined any more */
export function refuseClosed(invite: Pick<FoundInvite, 'state' | 'expiresAt'>, now: Date): void {
  refuseSettled(invite)
  if (invite.expiresAt <= now) throw new InviteUnavailable('EXPIRED')
}

/** @throws {InviteUnavailable} when the invite was accepted, declined or revoked */
export function refuseSettled({ state }: Pick<FoundInvite, 'state'>): void {
  if (state === 'ACCEPTED') throw new InviteUnavailable('USED')
  if (state !== 'PENDING') throw new InviteUnavailable(state)
}
