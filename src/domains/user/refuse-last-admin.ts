import type { Tx } from '../../platform/db.ts'
import { LastPlatformAdmin } from './errors.ts'

/**
 * Asks the database's own rule now instead of at the end of the transaction (access.md, rule 4), so that the refusal has
 * its type. The lock is the one that the rule takes: the answer stays true.
 *
 * @throws {LastPlatformAdmin}
 */
export async function refuseLastAdmin(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('atrium:platform-admin'))`
  const left = await tx.user.findFirst({
    where: { platformRole: 'ADMIN', suspendedAt: null },
    select: { id: true },
  })
  if (!left) throw new LastPlatformAdmin()
}
