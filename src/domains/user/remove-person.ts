import type { Tx } from '../../platform/db.ts'
import { inTransaction, violates } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { invalidField } from '../../platform/refusal.ts'
import type { IdentityCaller } from '../identity/caller.ts'
import { endSessions } from '../identity/end-sessions.ts'
import { findGrant, grantRole } from '../member/grant-role.ts'
import { SoleOwner } from './errors.ts'
import { refuseLastAdmin } from './refuse-last-admin.ts'

/** Who goes, and who becomes the owner of what only they own. */
interface Departure {
  userId: string
  heirId?: string | null | undefined
}

const ATTEMPTS = 3
/** What the database says at the end of a transaction (M12); the driver leaves the name of the constraint out. */
const OWNERLESS = 'would have no owner'

/**
 * Deletes a person with their memberships, sessions and tokens, in one transaction. What they have made stays.
 *
 * @param allow runs first, in the transaction, and throws when this may not be done
 * @throws {SoleOwner} when organizations would have no owner who can act, and there is no heir (M12, lesson 2)
 * @throws {LastPlatformAdmin}
 * @throws {ValidationError} when the heir is nobody who can own an organization
 */
export async function removePerson(
  caller: IdentityCaller,
  departure: Departure,
  allow: (tx: Tx) => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(caller.db, async (tx) => {
        await allow(tx)
        await appendEvents(tx, caller, await remove(tx, departure))
      })
    } catch (error) {
      // They have made an organization meanwhile: now it is seen, and named.
      if (attempt < ATTEMPTS && violates(error, OWNERLESS)) continue
      throw error
    }
  }
}

async function remove(tx: Tx, { userId, heirId }: Departure): Promise<NewEvent[]> {
  await lockOrganizationsOf(tx, userId)
  const owned = await solelyOwned(tx, userId)
  if (owned.length > 0 && !heirId) throw new SoleOwner(owned)
  const inherited = heirId ? await inherit(tx, userId, heirId, owned) : []
  const memberships = await tx.organizationMember.findMany({ where: { userId }, include: { role: true } })
  const ended = await endSessions(tx, userId, null)
  await tx.verification.deleteMany({ where: { value: userId } })
  const { email, name, platformRole } = await tx.user.delete({ where: { id: userId } })
  if (platformRole === 'ADMIN') await refuseLastAdmin(tx)
  const left = memberships.map(
    ({ id, organizationId, role }): NewEvent => ({
      organizationId,
      type: 'member.removed',
      subject: { type: 'Member', id },
      changes: { userId: { before: userId }, role: { before: role.key } },
    }),
  )
  const deleted: NewEvent = {
    organizationId: null,
    type: 'user.deleted',
    subject: { type: 'User', id: userId },
    changes: { email: { before: email }, fullName: { before: name } },
  }
  return [...inherited, ...left, ...ended, deleted]
}

/** Deleted organizations too: they can be restored, and then need an owner. */
async function lockOrganizationsOf(tx: Tx, userId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT FROM organization WHERE id IN (SELECT organization_id FROM organization_member WHERE user_id = ${userId}::uuid)
    ORDER BY id FOR UPDATE`
}

/** The organizations that nobody else owns who can act: who is suspended can't. */
async function solelyOwned(tx: Tx, userId: string): Promise<{ id: string; name: string }[]> {
  const isOwner = { role: { level: 'OWNER' } } as const
  return tx.organization.findMany({
    where: {
      organizationMembers: {
        some: { userId, ...isOwner },
        none: { userId: { not: userId }, user: { suspendedAt: null }, ...isOwner },
      },
    },
    select: { id: true, name: true },
    orderBy: { id: 'asc' },
  })
}

async function inherit(
  tx: Tx,
  userId: string,
  heirId: string,
  organizations: readonly { id: string }[],
): Promise<NewEvent[]> {
  const heirs = await tx.$queryRaw<unknown[]>`
    SELECT FROM "user" WHERE id = ${heirId}::uuid AND suspended_at IS NULL FOR SHARE`
  if (heirs.length === 0 || heirId === userId)
    throw invalidField('transferOwnershipTo', 'This is nobody who can own an organization.')
  const events: NewEvent[] = []
  for (const { id } of organizations) {
    const owner = await tx.role.findUniqueOrThrow({
      where: { organizationId_scope_key: { organizationId: id, scope: 'ORGANIZATION', key: 'OWNER' } },
    })
    const scope = { kind: 'Organization', id, organizationId: id } as const
    const present = await findGrant(tx, scope, heirId)
    events.push(...(await grantRole(tx, scope, heirId, owner, present)))
  }
  return events
}
