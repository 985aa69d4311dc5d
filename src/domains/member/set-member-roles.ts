import { z } from 'zod'
import type { Standing } from '../../access/access.ts'
import { type Caller, signedIn } from '../../access/caller.ts'
import { enterPermitted } from '../../access/enter.ts'
import { mayGrant, type ScopeRef } from '../../access/standing.ts'
import type { Role } from '../../generated/prisma/client.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { parseInput, refuseRepeated } from '../../platform/validation.ts'
import { RoleTooHigh } from '../role/errors.ts'
import { findRoles } from '../role/find-role.ts'
import { memberEvent } from '../role/member-event.ts'
import { LastOwner } from './errors.ts'
import { addGrants, type Grant, joinOrganization, roleScopeOf } from './grant-role.ts'
import { WRITE_MEMBERS } from './permission.ts'
import { knownPeople } from './refuse-stranger.ts'

const input = z.object({
  members: z
    .array(z.object({ userId: z.string(), role: z.string() }))
    .min(1, 'Name at least one person.')
    .max(100, 'At most 100 people can be named at once.'),
})

export type MemberRoleOutcome = 'ADDED' | 'CHANGED' | 'UNCHANGED' | 'REFUSED'

/** What became of one person. */
export interface MemberRoleResult {
  userId: string
  outcome: MemberRoleOutcome
  /** A sentence about the outcome. */
  message: string
  /** The row that the members' list shows for them; null where they were refused. */
  memberId: string | null
}

/** One person of the input, and what is to become of them. */
interface Item {
  userId: string
  role: Role
  present: Grant | undefined
  outcome: MemberRoleOutcome
  message: string
}

/**
 * Gives 1 to 100 people a role in a scope, each with an outcome of their own (M7): all that is allowed is done, in one
 * transaction and with a few statements. Who becomes an owner does so before somebody else stops being one.
 *
 * @throws {ValidationError} for a person who is named twice, and for an unknown role; then nothing is done
 */
export async function setMemberRoles(
  caller: Caller,
  {
    scope: target,
    ...fields
  }: { scope: { kind: 'Organization' | 'Workspace'; id: string } } & z.input<typeof input>,
): Promise<{ results: MemberRoleResult[] }> {
  const viewer = signedIn(caller)
  const { members } = parseInput(input, fields)
  refuseRepeated(
    'members',
    'userId',
    members.map(({ userId }) => userId),
  )
  const userIds = members.map(({ userId }) => userId)
  return inTransaction(caller.db, async (tx) => {
    const { scope, standing } = await enterPermitted(tx, viewer, target, WRITE_MEMBERS[target.kind])
    const roles = await findRoles(
      tx,
      scope.organizationId,
      roleScopeOf(scope),
      members.map(({ role }, index) => ({ named: role, path: `members.${index}.role` })),
    )
    const grants = await grantsOf(tx, scope, userIds)
    const known = await tx.user.findMany({
      where: { id: { in: userIds }, AND: [knownPeople(viewer, scope.organizationId)] },
      select: { id: true },
    })
    const isKnown = new Set(known.map(({ id }) => id))
    const items = members.map(({ userId }, index) =>
      plan(standing, userId, roles[index] as Role, grants.get(userId), isKnown.has(userId)),
    )
    if (scope.kind === 'Organization') await keepAnOwner(tx, scope, items)
    await appendEvents(tx, caller, await carryOut(tx, scope, items))
    return { results: await resultsOf(tx, scope, items) }
  })
}

async function grantsOf(tx: Tx, scope: ScopeRef, userIds: string[]): Promise<Map<string, Grant>> {
  const select = { id: true, userId: true, role: true } as const
  const rows =
    scope.kind === 'Organization'
      ? await tx.organizationMember.findMany({
          where: { organizationId: scope.id, userId: { in: userIds } },
          select,
        })
      : await tx.workspaceMember.findMany({
          where: { workspaceId: scope.id, userId: { in: userIds } },
          select,
        })
  return new Map(rows.map(({ userId, ...grant }) => [userId, grant]))
}

/** What is to become of one person, by the same rules as in setMemberRole. */
function plan(
  standing: Standing,
  userId: string,
  role: Role,
  present: Grant | undefined,
  isKnown: boolean,
): Item {
  const item = (outcome: MemberRoleOutcome, message: string) => ({ userId, role, present, outcome, message })
  if (!isKnown) return item('REFUSED', 'There is nobody with this id that you can see.')
  const above = [role, present?.role].find((touched) => touched && !mayGrant(standing, touched))
  if (above) return item('REFUSED', new RoleTooHigh(above.name).message)
  if (!present) return item('ADDED', `They have the role ${role.name} now.`)
  if (present.role.id === role.id) return item('UNCHANGED', `They had the role ${role.name} already.`)
  return item('CHANGED', `They have the role ${role.name} instead of ${present.role.name} now.`)
}

/** Refuses as many of those who would stop being an owner as it takes for one to remain (M12): the last of the list. */
async function keepAnOwner(tx: Tx, { id }: ScopeRef, items: Item[]): Promise<void> {
  const becoming = items.filter(
    ({ outcome, role }) => (outcome === 'ADDED' || outcome === 'CHANGED') && role.level === 'OWNER',
  )
  const leaving = items.filter(
    ({ outcome, role, present }) =>
      outcome === 'CHANGED' && present?.role.level === 'OWNER' && role.level !== 'OWNER',
  )
  if (leaving.length === 0 || becoming.length > 0) return
  const owners = await tx.organizationMember.count({
    where: { organizationId: id, role: { level: 'OWNER' } },
  })
  const last = owners > leaving.length ? undefined : leaving.at(-1)
  if (last) Object.assign(last, { outcome: 'REFUSED', message: new LastOwner().message })
}

/** Writes what the items say, with one statement for all who are new and one for each role that others change to. */
async function carryOut(tx: Tx, scope: ScopeRef, items: Item[]): Promise<NewEvent[]> {
  const added = items.filter(({ outcome }) => outcome === 'ADDED').map((item) => ({ ...item, id: newId() }))
  const changed = items.filter(({ outcome }) => outcome === 'CHANGED')
  const joined =
    scope.kind === 'Workspace'
      ? await joinOrganization(
          tx,
          scope.organizationId,
          added.map(({ userId }) => userId),
        )
      : []
  await addGrants(tx, scope, added)
  for (const role of new Set(changed.map((item) => item.role))) {
    const ids = changed.flatMap((item) => (item.role === role && item.present ? [item.present.id] : []))
    const change = { where: { id: { in: ids } }, data: { roleId: role.id } }
    await (scope.kind === 'Workspace'
      ? tx.workspaceMember.updateMany(change)
      : tx.organizationMember.updateMany(change))
  }
  return [
    ...joined,
    ...added.map(({ id, userId, role }) => memberEvent('member.added', scope, id, userId, null, role)),
    ...changed.flatMap(({ present, userId, role }) =>
      present ? [memberEvent('member.role_changed', scope, present.id, userId, present.role, role)] : [],
    ),
  ]
}

async function resultsOf(tx: Tx, scope: ScopeRef, items: Item[]): Promise<MemberRoleResult[]> {
  const { organizationId } = scope
  const list = scope.kind === 'Organization' ? { ofOrganizationId: scope.id } : { workspaceId: scope.id }
  const userIds = items.filter(({ outcome }) => outcome !== 'REFUSED').map(({ userId }) => userId)
  const rows = await tx.member.findMany({
    where: { organizationId, userId: { in: userIds }, ...list },
    select: { id: true, userId: true },
  })
  const idOf = new Map(rows.map(({ id, userId }) => [userId, id]))
  return items.map(({ userId, outcome, message }) => ({
    userId,
    outcome,
    message,
    memberId: outcome === 'REFUSED' ? null : (idOf.get(userId) ?? null),
  }))
}
