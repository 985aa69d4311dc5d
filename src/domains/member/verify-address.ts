import type { Env } from '../../env.ts'
import { type Db, inTransaction, type SqlTx } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'

/**
 * Notes that a person reads the mail of their address (T2). If it is the address of the setting ADMIN_EMAIL, they become
 * a platform administrator (T3).
 *
 * @param email which address that was, where theirs may have changed meanwhile
 * @returns the events to append; none when the address was verified before
 */
export async function verifyAddress(tx: SqlTx, env: Env, id: string, email?: string): Promise<NewEvent[]> {
  const rows = await tx.$queryRaw<unknown[]>`
    UPDATE "user" SET email_verified = true, updated_at = clock_timestamp()
    WHERE id = ${id}::uuid AND NOT email_verified AND email = coalesce(${email ?? null}::citext, email)
    RETURNING id`
  if (rows.length === 0) return []
  const verified: NewEvent = {
    organizationId: null,
    type: 'user.email_verified',
    subject: { type: 'User', id },
    changes: { emailVerified: { before: false, after: true } },
  }
  return [verified, ...(await promote(tx, env.ADMIN_EMAIL))]
}

/** At the start: whoever has the address of ADMIN_EMAIL, and has verified it, is a platform administrator (T3). */
export async function promoteConfiguredAdmin(db: Db, { ADMIN_EMAIL: email }: Env): Promise<void> {
  if (!email) return
  await inTransaction(db, async (tx) => {
    await appendEvents(tx, { viewer: null, requestId: null }, await promote(tx, email))
  })
}

/**
 * Makes the person with a verified address a platform administrator.
 *
 * @returns the events to append; none when there is nobody to promote
 */
export async function promote(tx: SqlTx, email: string | undefined): Promise<NewEvent[]> {
  if (!email) return []
  const promoted = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "user" SET platform_role = 'ADMIN', updated_at = clock_timestamp()
    WHERE email = ${email}::citext AND email_verified AND suspended_at IS NULL AND platform_role = 'USER'
    RETURNING id`
  return promoted.map(({ id }) => ({
    organizationId: null,
    type: 'user.updated',
    subject: { type: 'User', id },
    changes: { platformRole: { before: 'USER', after: 'ADMIN' } },
  }))
}
