import { type Db, inTransaction } from '../../platform/db.ts'

const BATCH = 1_000

/**
 * Removes what is older than the retention from every log, the oldest first, in transactions of their own (E2). The hash of
 * the last entry that goes is kept as the anchor of those that stay, so that they can be verified still.
 *
 * @param before entries that were written before this instant go
 * @param batch entries of one transaction
 * @returns how many are gone
 */
export async function trimLogs(db: Db, before: Date, batch = BATCH): Promise<number> {
  const due = await db.$queryRaw<{ id: string }[]>`
    SELECT s.id FROM event_stream s
    JOIN event e ON e.stream_id = s.id AND e.sequence = s.anchor_sequence + 1
    WHERE e.created_at < ${before} ORDER BY s.id`
  let gone = 0
  for (const { id } of due) {
    for (let removed = batch; removed >= batch; gone += removed)
      removed = await trimOne(db, id, before, batch)
  }
  return gone
}

function trimOne(db: Db, streamId: string, before: Date, batch: number): Promise<number> {
  return inTransaction(db, async (tx) => {
    const moved = await tx.$executeRaw`
      UPDATE event_stream SET anchor_sequence = last.sequence, anchor_hash = last.hash
      FROM (
        SELECT sequence, hash FROM (
          SELECT sequence, hash, created_at FROM event WHERE stream_id = ${streamId}::uuid ORDER BY sequence LIMIT ${batch}
        ) AS oldest WHERE created_at < ${before} ORDER BY sequence DESC LIMIT 1
      ) AS last
      WHERE id = ${streamId}::uuid`
    if (moved === 0) return 0
    return tx.$executeRaw`
      DELETE FROM event e USING event_stream s
      WHERE s.id = ${streamId}::uuid AND e.stream_id = s.id AND e.sequence <= s.anchor_sequence`
  })
}
