import type { Caller } from '../../access/caller.ts'
import type { Tx } from '../../platform/db.ts'
import { InviteLimitReached } from './errors.ts'
import type { Sender } from './send-invite.ts'

const HOUR = 60 * 60 * 1000

/** How many days an invite can be accepted unless somebody says otherwise. */
export const DEFAULT_INVITE_DAYS = 7

/**
 * Keeps invites within the settings INVITES_PER_HOUR and INVITES_PENDING. It is asked after they were written, so what it
 * refuses is rolled back with them; both counts are locked until the transaction ends, so no two calls share the last place.
 *
 * @param written how many invites were opened, and how many mails they and the renewed ones cause
 * @throws {InviteLimitReached}
 */
export async function refuseTooMany(
  sender: Sender,
  { opened, sent }: { opened: number; sent: number },
): Promise<void> {
  if (opened > 0) await refuseTooManyOpen(sender)
  if (sent > 0) await countSent(sender.tx, sender.caller, sender.inviter.userId, sent)
}

async function refuseTooManyOpen({ tx, caller, scope: { organizationId } }: Sender): Promise<void> {
  const most = caller.env.INVITES_PENDING
  await lockOpenInvites(tx, organizationId)
  if ((await countOpen(tx, caller, organizationId)) > most)
    throw new InviteLimitReached('PENDING', most, null)
}

/** Whoever invites to a workspace shares the organization's lock with those who invite to another one. */
export async function lockOpenInvites(tx: Tx, organizationId: string): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`atrium:invites:${organizationId}`}, 0))::text`
}

const countOpen = (tx: Tx, { clock }: Caller, organizationId: string) =>
  tx.invite.count({ where: { organizationId, state: 'PENDING', expiresAt: { gt: clock.now() } } })

/**
 * Counts mails that invites cause, and locks the count until the transaction ends.
 *
 * @throws {InviteLimitReached} when these are too many for an hour
 */
export async function countSent(tx: Tx, caller: Caller, inviterId: string, sent: number): Promise<void> {
  const most = caller.env.INVITES_PER_HOUR
  const now = caller.clock.now()
  const hourAgo = new Date(now.getTime() - HOUR)
  const [quota] = await tx.$queryRaw<{ started_at: Date; sent: number }[]>`
    INSERT INTO invite_quota AS quota (inviter_id, started_at, sent)
    VALUES (${inviterId}::uuid, ${now}::timestamptz, ${sent}::integer)
    ON CONFLICT (inviter_id) DO UPDATE SET
      started_at = CASE WHEN quota.started_at <= ${hourAgo}::timestamptz THEN excluded.started_at ELSE quota.started_at END,
      sent = CASE WHEN quota.started_at <= ${hourAgo}::timestamptz THEN 0 ELSE quota.sent END + excluded.sent
    RETURNING started_at, sent`
  if (quota && quota.sent > most)
    throw new InviteLimitReached('PER_HOUR', most, new Date(quota.started_at.getTime() + HOUR))
}

/**
 * How many invites both limits leave room for.
 *
 * @param locked whether the person's count is locked, so that the answer stays true until the transaction ends
 * @returns and what to say when there is no more
 */
export async function inviteRoom(
  tx: Tx,
  caller: Caller,
  { organizationId, inviterId, locked }: { organizationId: string; inviterId: string; locked: boolean },
): Promise<{ open: number; sent: number; full: { open: string; sent: string } }> {
  const { INVITES_PENDING, INVITES_PER_HOUR } = caller.env
  if (locked) await tx.$queryRaw`SELECT FROM invite_quota WHERE inviter_id = ${inviterId}::uuid FOR UPDATE`
  const quota = await tx.inviteQuota.findUnique({ where: { inviterId } })
  const now = caller.clock.now().getTime()
  const startedAt = quota && quota.startedAt.getTime() > now - HOUR ? quota.startedAt.getTime() : now
  const sent = quota && startedAt !== now ? quota.sent : 0
  return {
    open: INVITES_PENDING - (await countOpen(tx, caller, organizationId)),
    sent: INVITES_PER_HOUR - sent,
    full: {
      open: new InviteLimitReached('PENDING', INVITES_PENDING, null).message,
      sent: new InviteLimitReached('PER_HOUR', INVITES_PER_HOUR, new Date(startedAt + HOUR)).message,
    },
  }
}
