import { builtInRoles, type Permission, permissionsOf, rankOf } from '../../src/access/permissions.ts'
import type { AccessLevel } from '../../src/generated/prisma/client.ts'
import type { Place } from './place.ts'
import type { Needs, ScopeName } from './sample-calls.ts'
import type { Person } from './world.ts'

/** Somebody who calls the API, by all that decides what they may. */
export interface Actor {
  title: string
  is: 'anonymous' | 'unverified' | 'platform administrator' | 'stranger' | 'member'
  /** The role in the organization of the place; null for who does not belong to it. */
  organizationRole: string | null
  /** The direct role on the workspace of the place. */
  workspaceRole: string | null
}

const actor = (
  title: string,
  is: Actor['is'],
  organizationRole: string | null,
  workspaceRole: string | null,
) => ({
  title,
  is,
  organizationRole,
  workspaceRole,
})

const keysOf = (scope: 'ORGANIZATION' | 'WORKSPACE') =>
  builtInRoles.filter((role) => role.scope === scope).map(({ key }) => key)

/** One of every kind: each role of each scope, and those without any. */
export const actors: Actor[] = [
  ...keysOf('WORKSPACE').map((key) => actor(`workspace ${key}`, 'member', 'MEMBER', key)),
  ...keysOf('ORGANIZATION').map((key) => actor(`organization ${key}`, 'member', key, null)),
  actor('platform ADMIN', 'platform administrator', null, null),
  actor('stranger', 'stranger', null, null),
  // The strongest roles, to show that without a verified address they open nothing.
  actor('unverified owner', 'unverified', 'OWNER', 'OWNER'),
  actor('anonymous', 'anonymous', null, null),
]

/** Makes the person; null for nobody. */
export async function becomeActor(
  { is, organizationRole, workspaceRole }: Actor,
  place: Place,
): Promise<Person | null> {
  const { world, tenant, workspace } = place
  if (is === 'anonymous') return null
  // The owner of another organization is the stranger who may most.
  if (is === 'stranger') return (await world.tenant()).owner
  const person = await world.person({
    verified: is !== 'unverified',
    platformAdmin: is === 'platform administrator',
  })
  if (organizationRole)
    await tenant.grant(person, { kind: 'Organization', id: tenant.organizationId }, organizationRole)
  if (workspaceRole)
    await tenant.grant(person, { kind: 'Workspace', id: workspace.workspaceId }, workspaceRole)
  return person
}

/** What the server must say to an actor; a permission is named where it is what is missing. */
export type Verdict =
  | 'ALLOW'
  | 'UNAUTHENTICATED'
  | 'ACCOUNT_NOT_VERIFIED'
  | 'NOT_FOUND'
  | `FORBIDDEN ${string}`

/** The verdict that follows from access.md and the permission matrix, without asking the server. */
export function predict(who: Actor, needs: Needs): Verdict {
  if (needs === 'anybody') return 'ALLOW'
  if (who.is === 'anonymous') return 'UNAUTHENTICATED'
  if (needs === 'a session') return 'ALLOW'
  const isOwned = typeof needs === 'object' && 'ownerWith' in needs
  if (isOwned && needs.ownerWith === 'a session') return 'NOT_FOUND'
  if (who.is === 'unverified') return 'ACCOUNT_NOT_VERIFIED'
  // No actor is the owner of the place.
  if (isOwned) return 'NOT_FOUND'
  if (needs === 'a verified address' || who.is === 'platform administrator') return 'ALLOW'
  if (needs === 'a platform administrator') return 'FORBIDDEN platform:admin'
  const held = heldOn(who, 'sees' in needs ? needs.sees : needs.on)
  if (!held) return 'NOT_FOUND'
  if ('sees' in needs) return !needs.holding || held.has(needs.holding) ? 'ALLOW' : 'NOT_FOUND'
  if ('level' in needs)
    return rankOf(levelOn(who, needs.on)) >= rankOf(needs.level)
      ? 'ALLOW'
      : `FORBIDDEN access level ${needs.level}`
  if (!held.has(needs.permission)) return `FORBIDDEN ${needs.permission}`
  return needs.also ? predict(who, needs.also) : 'ALLOW'
}

/** The permissions of an actor on a scope; null when they do not see it (access.md, rule 1). */
function heldOn({ organizationRole, workspaceRole }: Actor, on: ScopeName): ReadonlySet<Permission> | null {
  if (organizationRole === null) return null
  const inherited = builtIn('ORGANIZATION', organizationRole)
  if (on === 'organization') return permissionsOf(inherited)
  const direct = workspaceRole === null ? [] : [builtIn('WORKSPACE', workspaceRole)]
  const open = inherited.level === null ? direct : [...direct, inherited]
  return open.length > 0 ? new Set(open.flatMap((role) => [...permissionsOf(role)])) : null
}

/** How far an actor reaches on a scope (access.md, rule 1). */
function levelOn({ organizationRole, workspaceRole }: Actor, on: ScopeName): AccessLevel | null {
  const inherited = organizationRole && builtIn('ORGANIZATION', organizationRole).level
  const direct = on === 'workspace' && workspaceRole ? builtIn('WORKSPACE', workspaceRole).level : null
  return rankOf(direct) > rankOf(inherited || null) ? direct : inherited || null
}

function builtIn(scope: 'ORGANIZATION' | 'WORKSPACE', key: string) {
  const role = builtInRoles.find((one) => one.scope === scope && one.key === key)
  if (!role) throw new Error(`There is no built-in role ${scope} ${key}`)
  return { ...role, builtIn: true, permissions: [] }
}
