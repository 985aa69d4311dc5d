import { InviteLimitReached } from './errors.ts'
import type { Sender } from './send-invite.ts'

const HOUR = 60 * 60 * 1000

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
  if (sent > 0) await refuseTooManySent(sender, sent)
}

async function refuseTooManyOpen({ tx, caller, scope: { organizationId } }: Sender): Promise<void> {
  const most = caller.env.INVITES_PENDING
  // Whoever invites to a workspace shares the organization's lock with those who invite to another one.
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`atrium:invites:${organizationId}`}, 0))::text`
  const open = await tx.invite.count({
    where: { organizationId, state: 'PENDING', expiresAt: { gt: caller.clock.now() } },
  })
  if (open > most) throw new InviteLimitReached('PENDING', most, null)
}

async function refuseTooManySent({ tx, caller, inviter }: Sender, sent: number): Promise<void> {
  const most = caller.env.INVITES_PER_HOUR
  const now = caller.clock.now()
  const hourAgo = new Date(now.getTime() - HOUR)
  const [quota] = await tx.$queryRaw<{ started_at: Date; sent: number }[]>`
    INSERT INTO invite_quota AS quota (inviter_id, started_at, sent)
    VALUES (${inviter.userId}::uuid, ${now}::timestamptz, ${sent}::integer)
    ON CONFLICT (inviter_id) DO UPDATE SET
      started_at = CASE WHEN quota.started_at <= ${hourAgo}::timestamptz THEN excluded.started_at ELSE quota.started_at END,
      sent = CASE WHEN quota.started_at <= ${hourAgo}::timestamptz THEN 0 ELSE quota.sent END + excluded.sent
    RETURNING started_at, sent`
  if (quota && quota.sent > most)
    throw new InviteLimitReached('PER_HOUR', most, new Date(quota.started_at.getTime() + HOUR))
}
