import type { Tx } from '../../platform/db.ts'

/**
 * Lets new subscriptions hear of what comes behind their own beginning (T10). Call it behind `appendEvents`: the head of the
 * log belongs to the transaction until the commit.
 */
export async function startAtHead(tx: Tx, organizationId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.$executeRaw`
    UPDATE event_subscription SET cursor = (SELECT last_sequence FROM event_stream WHERE id = ${organizationId}::uuid)
    WHERE organization_id = ${organizationId}::uuid AND id = ANY(${[...ids]}::uuid[])`
}
