import { Prisma } from '../../generated/prisma/client.ts'
import { type Db, inTransaction } from '../../platform/db.ts'
import { appendEvents, type EventOrigin } from '../../platform/events.ts'

/** Rows that one transaction of a purge deletes at most. */
const BATCH = 1_000

/** One table whose rows belong to an organization. */
interface TenantTable {
  /** As SQL takes it. */
  table: string
  /** Tables of which this one has to be empty first. */
  children: string[]
}

/**
 * Deletes a deleted organization whose time has come for good, in many small transactions (lesson 17). From the first one
 * on it can not be restored; whenever it is called again it goes on where the last call has stopped. The slug is free
 * when the last row, the organization's own, is gone. Its events stay.
 *
 * @param now the instant up to which `purgeAt` has passed
 * @param batch rows of one transaction
 * @returns whether it is purged by this call: not when it was restored, or another process was faster
 */
export async function purgeDueOrganization(
  caller: { db: Db } & EventOrigin,
  organizationId: string,
  now: Date,
  batch = BATCH,
): Promise<boolean> {
  const { count } = await caller.db.organization.updateMany({
    where: { id: organizationId, deletedAt: { not: null }, purgeAt: { lte: now }, purgeStartedAt: null },
    data: { purgeStartedAt: now },
  })
  const begun = await caller.db.organization.findUnique({
    where: { id: organizationId },
    select: { purgeStartedAt: true },
  })
  if (count === 0 && !begun?.purgeStartedAt) return false
  for (const table of childrenFirst(await tenantTables(caller.db))) {
    while ((await deleteSome(caller.db, table, organizationId, batch)) >= batch);
  }
  return removeOrganization(caller, organizationId)
}

/** Asks the catalogue, so that a table that is added later is emptied too, without being named anywhere. */
function tenantTables(db: Db): Promise<TenantTable[]> {
  return db.$queryRaw`
    SELECT format('%I', t.relname) AS "table", coalesce(array_agg(DISTINCT format('%I', child.relname))
             FILTER (WHERE child.oid <> t.oid), '{}') AS children
    FROM pg_constraint tenant
    JOIN pg_class t ON t.oid = tenant.conrelid
    LEFT JOIN pg_constraint reference ON reference.confrelid = t.oid AND reference.contype = 'f'
    LEFT JOIN pg_class child ON child.oid = reference.conrelid
    WHERE tenant.contype = 'f' AND tenant.confrelid = 'organization'::regclass
    GROUP BY t.relname
    ORDER BY t.relname`
}

/** Whatever refers to a row leaves before the row, so that no foreign key cascades through more than a batch. */
function childrenFirst(tables: TenantTable[]): string[] {
  const byName = new Map(tables.map((table) => [table.table, table]))
  const ordered = new Set<string>()
  const visit = (name: string, above: readonly string[]) => {
    if (ordered.has(name) || above.includes(name)) return
    for (const child of byName.get(name)?.children ?? []) visit(child, [...above, name])
    if (byName.has(name)) ordered.add(name)
  }
  for (const { table } of tables) visit(table, [])
  return [...ordered]
}

function deleteSome(db: Db, table: string, organizationId: string, batch: number): Promise<number> {
  return inTransaction(
    db,
    (tx) => tx.$executeRaw`
      DELETE FROM ${Prisma.raw(table)} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ${Prisma.raw(table)} WHERE organization_id = ${organizationId}::uuid
        LIMIT ${batch} FOR UPDATE SKIP LOCKED))`,
  )
}

async function removeOrganization(
  caller: { db: Db } & EventOrigin,
  organizationId: string,
): Promise<boolean> {
  return inTransaction(caller.db, async (tx) => {
    const [gone] = await tx.$queryRaw<{ slug: string; name: string }[]>`
      DELETE FROM organization WHERE id = ${organizationId}::uuid AND purge_started_at IS NOT NULL
      RETURNING slug, name`
    if (!gone) return false
    await appendEvents(tx, caller, [
      {
        organizationId,
        type: 'organization.purged',
        subject: { type: 'Organization', id: organizationId },
        changes: { slug: { before: gone.slug }, name: { before: gone.name } },
      },
    ])
    return true
  })
}
