import { Prisma } from '../../generated/prisma/client.ts'
import type { Db } from '../../platform/db.ts'
import { newId } from '../../platform/ids.ts'
import type { LogRow } from './message.ts'

/** A subscription that one process sends to, alone, until its lease ends. */
export interface Claim {
  id: string
  organizationId: string
  workspaceId: string
  url: string
  types: string[]
  sealedSecret: string
  previousSealedSecret: string | null
  rotationEndsAt: Date | null
  cursor: bigint
  failures: number
  firstFailedAt: Date | null
}

/** One request that was made. */
export interface Attempt {
  message: string
  type: string
  outcome: 'DELIVERED' | 'FAILED'
  status: number | null
  error: string | null
  durationMs: number
  at: Date
}

/** What a process has come to with a claim. */
export interface Progress {
  /** Where the claim has stood: somebody who replays moves it meanwhile, and then nothing here counts. */
  from: bigint
  cursor: bigint
  failures: number
  firstFailedAt: Date | null
  nextAttemptAt: Date | null
  /** Null gives the claim back. */
  leaseEndsAt: Date | null
}

const COLUMNS = Prisma.sql`id, organization_id AS "organizationId", workspace_id AS "workspaceId", url, types,
  sealed_secret AS "sealedSecret", previous_sealed_secret AS "previousSealedSecret",
  rotation_ends_at AS "rotationEndsAt", cursor, failures, first_failed_at AS "firstFailedAt"`

/**
 * Takes subscriptions that are due for this process: switched on, with events behind their cursor, not waiting, and nobody's
 * or of somebody whose lease has ended, because it was killed.
 *
 * @param organizationIds of these organizations alone; null for all
 */
export function claimDue(
  db: Db,
  { holder, now, leaseEndsAt, most }: { holder: string; now: Date; leaseEndsAt: Date; most: number },
  organizationIds: string[] | null,
): Promise<Claim[]> {
  const ofSome = organizationIds
    ? Prisma.sql`AND c.organization_id = ANY (${organizationIds}::uuid[])`
    : Prisma.empty
  return db.$queryRaw<Claim[]>`
    UPDATE event_subscription SET locked_by = ${holder}::uuid, lease_ends_at = ${leaseEndsAt}
    WHERE id IN (
      SELECT c.id FROM event_subscription c
      WHERE c.enabled AND (c.lease_ends_at IS NULL OR c.lease_ends_at <= ${now})
        AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= ${now}) ${ofSome}
        AND EXISTS (SELECT FROM event e WHERE e.workspace_id = c.workspace_id AND e.sequence > c.cursor)
      ORDER BY c.next_attempt_at NULLS FIRST, c.id LIMIT ${most} FOR UPDATE SKIP LOCKED)
    RETURNING ${COLUMNS}`
}

/** The next entries of the workspace's log, whatever their type. */
export function readBehind(db: Db, { workspaceId, cursor }: Claim, most: number): Promise<LogRow[]> {
  return db.$queryRaw<LogRow[]>`
    SELECT id, sequence, organization_id AS "organizationId", workspace_id AS "workspaceId", type,
           actor_id AS "actorId", subject_type AS "subjectType", subject_id AS "subjectId", changes,
           request_id AS "requestId", created_at AS "createdAt"
    FROM event WHERE workspace_id = ${workspaceId}::uuid AND sequence > ${cursor}
    ORDER BY sequence LIMIT ${most}`
}

/**
 * Stores what was done, in one statement.
 *
 * @returns the subscription as it is now; null when it is not this process's any more, was replayed, switched off or deleted
 */
export async function saveProgress(
  db: Pick<Db, '$queryRaw'>,
  claim: Claim,
  holder: string,
  progress: Progress,
  attempts: readonly Attempt[],
): Promise<Claim | null> {
  const rows = attempts.map(({ at, ...attempt }) => ({ id: newId(), ...attempt, at: at.toISOString() }))
  const [kept] = await db.$queryRaw<Claim[]>`
    WITH attempted AS (
      INSERT INTO delivery_attempt (id, organization_id, subscription_id, message, type, outcome, status, error,
                                    duration_ms, created_at)
      SELECT a.id, s.organization_id, s.id, a.message, a.type, a.outcome, a.status, a.error, a."durationMs", a.at
      FROM event_subscription s, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS a (id uuid, message uuid, type text,
        outcome delivery_outcome, status integer, error text, "durationMs" integer, at timestamptz(3))
      WHERE s.id = ${claim.id}::uuid
    )
    UPDATE event_subscription SET cursor = ${progress.cursor}, failures = ${progress.failures},
      first_failed_at = ${progress.firstFailedAt}, next_attempt_at = ${progress.nextAttemptAt},
      lease_ends_at = ${progress.leaseEndsAt},
      locked_by = CASE WHEN ${progress.leaseEndsAt}::timestamptz IS NULL THEN NULL ELSE ${holder}::uuid END
    WHERE id = ${claim.id}::uuid AND locked_by = ${holder}::uuid AND cursor = ${progress.from} AND enabled
    RETURNING ${COLUMNS}`
  return kept ?? null
}

/** Gives a claim back as it stands: somebody has changed the subscription meanwhile. */
export async function giveBack(db: Db, claim: Claim, holder: string): Promise<void> {
  await db.$executeRaw`
    UPDATE event_subscription SET locked_by = NULL, lease_ends_at = NULL
    WHERE id = ${claim.id}::uuid AND locked_by = ${holder}::uuid`
}
