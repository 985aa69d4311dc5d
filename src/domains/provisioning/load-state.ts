import type { Standing } from '../../access/access.ts'
import type { Role, User, Workspace, WorkspacePreferences } from '../../generated/prisma/client.ts'
import { canonicalEmail } from '../../platform/validation.ts'
import type { Desired } from './desired.ts'
import type { Run } from './run.ts'

export type Existing = Workspace & { preferences: WorkspacePreferences | null }

/** Somebody with an account, and whether they belong to the organization. */
export interface KnownPerson extends Pick<User, 'id' | 'email'> {
  isMember: boolean
}

export interface PresentGrant {
  id: string
  role: Role
}

export interface OpenInvite {
  id: string
  roleId: string
  expiresAt: Date
}

/** All that the plan of a batch depends on, as it is now. */
export interface State {
  workspaces: ReadonlyMap<string, Existing>
  /** The requester's standing on those; null where they do not see it. */
  standings: ReadonlyMap<string, Standing | null>
  people: ReadonlyMap<string, KnownPerson>
  /** By {@link pair} of workspace and person. */
  grants: ReadonlyMap<string, PresentGrant>
  /** By {@link pair} of workspace and address. */
  invites: ReadonlyMap<string, OpenInvite>
}

export const pair = (one: string, other: string): string => `${one} ${other}`

const spelled = (email: string) => canonicalEmail(email) ?? email

/**
 * Reads the state of a batch with the same few statements whatever its size.
 *
 * @param lock keeps the workspaces as they are until the transaction ends; the organization is locked already
 */
export async function loadState(run: Run, wanted: readonly Desired[], lock: boolean): Promise<State> {
  const { tx, organization, access } = run
  const keys = wanted.map(({ key }) => key)
  const emails = [...new Set(wanted.flatMap(({ members }) => (members ?? []).map(({ email }) => email)))]
  if (lock) {
    // In the order of their ids, so that two runs over the same workspaces wait for each other only once.
    await tx.$queryRaw`
      SELECT FROM workspace WHERE organization_id = ${organization.id}::uuid AND key = ANY(${keys}::text[])
      ORDER BY id FOR NO KEY UPDATE`
  }
  const rows = await tx.workspace.findMany({
    where: { organizationId: organization.id, key: { in: keys } },
    include: { preferences: true },
    relationLoadStrategy: 'join',
  })
  const ids = rows.map(({ id }) => id)
  const standings = await Promise.all(ids.map(async (id) => [id, await access.onWorkspace(id)] as const))
  const people = emails.length > 0 ? await findPeople(run, emails) : []
  const isAsked = ids.length > 0 && emails.length > 0
  const grants = isAsked
    ? await tx.workspaceMember.findMany({
        where: { workspaceId: { in: ids }, userId: { in: people.map(({ id }) => id) } },
        select: { id: true, workspaceId: true, userId: true, roleId: true },
      })
    : []
  const invites = isAsked
    ? await tx.invite.findMany({
        where: {
          organizationId: organization.id,
          workspaceId: { in: ids },
          email: { in: emails },
          state: 'PENDING',
        },
        select: { id: true, workspaceId: true, email: true, roleId: true, expiresAt: true },
      })
    : []
  const roles = new Map(run.roles.map((role) => [role.id, role]))
  return {
    workspaces: new Map(rows.map((row) => [row.key, row])),
    standings: new Map(standings),
    people: new Map(people.map((person) => [spelled(person.email), person])),
    grants: new Map(
      grants.flatMap(({ id, workspaceId, userId, roleId }) => {
        const role = roles.get(roleId)
        return role ? [[pair(workspaceId, userId), { id, role }] as const] : []
      }),
    ),
    invites: new Map(
      invites.map(({ workspaceId, email, ...invite }) => [pair(workspaceId ?? '', spelled(email)), invite]),
    ),
  }
}

async function findPeople({ tx, organization }: Run, emails: string[]): Promise<KnownPerson[]> {
  const rows = await tx.user.findMany({
    where: { email: { in: emails } },
    select: {
      id: true,
      email: true,
      memberships: { where: { organizationId: organization.id }, select: { id: true } },
    },
    relationLoadStrategy: 'join',
  })
  return rows.map(({ id, email, memberships }) => ({ id, email, isMember: memberships.length > 0 }))
}
