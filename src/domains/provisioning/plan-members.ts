import type { Standing } from '../../access/access.ts'
import type { Permission } from '../../access/permissions.ts'
import { mayBeInvited, onlyAllowedDomains, type Policies } from '../../access/policies.ts'
import { mayGrant } from '../../access/standing.ts'
import type { Role } from '../../generated/prisma/client.ts'
import type { NewEvent } from '../../platform/events.ts'
import { forbidden } from '../../platform/refusal.ts'
import { RoleTooHigh } from '../role/errors.ts'
import { matchRole, rolesListed } from '../role/find-role.ts'
import type { Desired } from './desired.ts'
import { ItemRefused } from './item-refused.ts'
import { type OpenInvite, type PresentGrant, pair, type State } from './load-state.ts'
import type { Run } from './run.ts'

type Changes = NonNullable<NewEvent['changes']>

/** What becomes of the people of one workspace. */
export interface MemberPlan {
  added: { userId: string; role: Role }[]
  changed: { grant: PresentGrant; userId: string; role: Role }[]
  invited: { email: string; role: Role; open: OpenInvite | null }[]
  changes: Changes
}

/** How many invites there is room for: what a batch takes, the ones behind it do not have. */
export interface Room {
  open: number
  sent: number
  /** Why there is no more of it. */
  full: { open: string; sent: string }
}

/** The workspace that people are to belong to: null for one that does not exist yet. */
interface At {
  workspaceId: string | null
  standing: Standing
  policies: Policies
}

/**
 * Plans the members of one workspace by the rules of createInvites: members of the organization are added, everybody else is
 * invited, whether they have an account or not. A role that somebody has, or is invited to, stays as it is.
 *
 * @throws {ItemRefused} ROLE_UNKNOWN, EMAIL_NOT_ALLOWED
 * @throws {RoleTooHigh}
 * @throws {CodedError} FORBIDDEN
 */
export function planMembers(run: Run, state: State, wanted: Desired, at: At): MemberPlan {
  const plan: MemberPlan = { added: [], changed: [], invited: [], changes: {} }
  const { workspaceId, standing } = at
  for (const { email, role: named } of wanted.members ?? []) {
    const role = matchRole(run.roles, named) ?? unknownRole(run.roles, named)
    const person = state.people.get(email)
    const grant = person && workspaceId ? state.grants.get(pair(workspaceId, person.id)) : undefined
    if (grant?.role.id === role.id) continue
    const open = workspaceId ? state.invites.get(pair(workspaceId, email)) : undefined
    const isInvited = !person?.isMember && open?.roleId === role.id && open.expiresAt > run.now
    if (isInvited && !grant) continue
    const above = [role, grant?.role].find((touched) => touched && !mayGrant(standing, touched))
    if (above) throw new RoleTooHigh(above.name)
    if (grant && person) {
      need(standing, 'member:write')
      plan.changed.push({ grant, userId: person.id, role })
      plan.changes[`members.${email}`] = { before: grant.role.key, after: role.key }
      continue
    }
    if (!mayBeInvited(at.policies, email))
      throw new ItemRefused('EMAIL_NOT_ALLOWED', onlyAllowedDomains(at.policies))
    if (person?.isMember) {
      need(standing, 'member:write')
      plan.added.push({ userId: person.id, role })
      plan.changes[`members.${email}`] = { before: null, after: role.key }
    } else {
      need(standing, 'invite:write')
      plan.invited.push({ email, role, open: open ?? null })
      const before = open ? (run.roles.find(({ id }) => id === open.roleId)?.key ?? null) : null
      plan.changes[`invites.${email}`] = { before, after: role.key }
    }
  }
  return plan
}

function unknownRole(roles: Role[], named: string): never {
  throw new ItemRefused(
    'ROLE_UNKNOWN',
    `There is no workspace role "${named}". There is ${rolesListed(roles)}.`,
  )
}

function need(standing: Standing, permission: Permission): void {
  if (!standing.permissions.has(permission)) throw forbidden(permission)
}

/**
 * Takes the room that the invites of one item need, all of it or none.
 *
 * @throws {ItemRefused} INVITE_LIMIT
 */
export function takeRoom(room: Room, { invited }: MemberPlan): void {
  const opened = invited.filter(({ open }) => open === null).length
  const isFull = opened > room.open ? room.full.open : invited.length > room.sent ? room.full.sent : null
  if (invited.length > 0 && isFull) throw new ItemRefused('INVITE_LIMIT', isFull)
  room.open -= opened
  room.sent -= invited.length
}
