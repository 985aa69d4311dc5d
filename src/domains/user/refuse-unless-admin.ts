import type { Viewer } from '../../access/viewer.ts'
import type { Tx } from '../../platform/db.ts'
import { forbidden } from '../../platform/refusal.ts'

/**
 * Asks again, within the transaction: the gate's answer may be older than a demotion. The lock makes a demotion wait.
 *
 * @throws {CodedError} FORBIDDEN
 */
export async function refuseUnlessAdmin(tx: Tx, { userId, platformRole }: Viewer): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT FROM "user" WHERE id = ${userId}::uuid AND platform_role = 'ADMIN' AND suspended_at IS NULL FOR SHARE`
  if (rows.length === 0 || platformRole !== 'ADMIN') throw forbidden('platform:admin')
}
