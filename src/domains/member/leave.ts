import { type Caller, signedIn } from '../../access/caller.ts'
import { enterScope } from '../../access/enter.ts'
import type { AccessLevel } from '../../generated/prisma/client.ts'
import { inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { notFound } from '../../platform/refusal.ts'
import { NotAMember } from './errors.ts'
import { findGrant, remainingAccess, removeGrant } from './grant-role.ts'

/**
 * Gives up the caller's own role in a scope (M6). Who leaves an organization leaves its workspaces too.
 *
 * @returns what they may still do in this scope: on a workspace an organization role may remain
 * @throws {NotAMember} when they have no role of their own here
 * @throws {LastOwner} when an organization would lose its last owner (M12)
 */
export async function leave(
  caller: Caller,
  input: { scope: { kind: 'Organization' | 'Workspace'; id: string } },
): Promise<{ scope: typeof input.scope; remainingAccess: AccessLevel | null }> {
  const viewer = signedIn(caller)
  return inTransaction(caller.db, async (tx) => {
    const { scope, standing } = await enterScope(tx, viewer, input.scope)
    if (!standing) throw notFound()
    const grant = await findGrant(tx, scope, viewer.userId)
    if (!grant) throw new NotAMember()
    await appendEvents(tx, caller, await removeGrant(tx, scope, grant, viewer.userId))
    return { scope: input.scope, remainingAccess: await remainingAccess(tx, scope, viewer.userId) }
  })
}
