import { beforeAll, describe, expect, test } from 'vitest'
import { encodeId } from '../../src/graphql/ids.ts'
import { hashToken, newToken } from '../../src/platform/secrets.ts'
import { useTestApp } from '../kit/app.ts'
import { type Mutated, mutate } from '../kit/mutate.ts'
import { createWorld, type Person, type Tenant, type World } from '../kit/world.ts'

// Every path by which a role is given, changed or taken away, tried by everybody on every role. What rule 2 of access.md
// allows is written down here once more by hand, and compared with what the server does.

const app = useTestApp({ INVITES_PER_HOUR: '100000' }, { taught: true })
let world: World
let tenant: Tenant
/** Where actors and their subjects know each other from, so that a stranger's NOT_FOUND hides no refusal. */
let club: Tenant

type ScopeName = 'organization' | 'workspace'

/** A custom role of level ADMIN that lacks most of what an administrator may. */
const OFFICE = {
  organization: {
    scope: 'ORGANIZATION',
    key: 'OFFICE',
    name: 'Office',
    level: 'ADMIN',
    permissions: ['ORGANIZATION_MEMBERS', 'ORGANIZATION_ROLES', 'ORGANIZATION_INVITES', 'MEMBER_WRITE'],
  },
  workspace: {
    scope: 'WORKSPACE',
    key: 'OFFICE',
    name: 'Office',
    level: 'ADMIN',
    permissions: ['MEMBER_WRITE', 'INVITE_READ', 'INVITE_WRITE'],
  },
}

/** Which roles each actor may give and take away; null: they may not act on people here at all (rule 2). */
const MAY: Record<ScopeName, Record<string, string[] | null>> = {
  organization: {
    MEMBER: null,
    WORKSPACE_MANAGER: null,
    OFFICE: ['MEMBER', 'OFFICE'],
    ADMIN: ['MEMBER', 'WORKSPACE_MANAGER', 'OFFICE', 'ADMIN'],
    OWNER: ['MEMBER', 'WORKSPACE_MANAGER', 'OFFICE', 'ADMIN', 'OWNER'],
    PLATFORM_ADMIN: ['MEMBER', 'WORKSPACE_MANAGER', 'OFFICE', 'ADMIN', 'OWNER'],
  },
  workspace: {
    READ: null,
    WRITE: null,
    OFFICE: ['READ', 'OFFICE'],
    ADMIN: ['READ', 'WRITE', 'OFFICE', 'ADMIN'],
    OWNER: ['READ', 'WRITE', 'OFFICE', 'ADMIN', 'OWNER'],
    ORGANIZATION_ADMIN: ['READ', 'WRITE', 'OFFICE', 'ADMIN'],
    ORGANIZATION_OWNER: ['READ', 'WRITE', 'OFFICE', 'ADMIN', 'OWNER'],
    PLATFORM_ADMIN: ['READ', 'WRITE', 'OFFICE', 'ADMIN', 'OWNER'],
  },
}
const LOWEST = { organization: 'MEMBER', workspace: 'READ' }

const scopeId = (scope: ScopeName) => (scope === 'organization' ? tenant.id : tenant.first.id)

beforeAll(async () => {
  world = createWorld(app.current)
  tenant = await world.tenant()
  club = await world.tenant()
  for (const office of Object.values(OFFICE)) {
    const input = { organizationId: tenant.id, ...office }
    const { kind } = await mutate(app.current, tenant.owner.token, 'createRole', input)
    expect(kind).toBe('CreateRolePayload')
  }
})

/** Ids of roles, by organization, scope and key. */
const roleIds = new Map<string, string>()

async function roleId(organizationId: string, scope: ScopeName, key: string): Promise<string> {
  const named = `${organizationId} ${scope} ${key}`
  const kind = scope === 'organization' ? 'ORGANIZATION' : 'WORKSPACE'
  const id =
    roleIds.get(named) ??
    (await app.current.services.db.role.findFirstOrThrow({ where: { organizationId, scope: kind, key } })).id
  roleIds.set(named, id)
  return id
}

/** Puts somebody into an organization by its table: the paths of the API are what is tested, not what sets them up. */
async function join({ userId }: Person, organizationId: string, role: string): Promise<void> {
  await app.current.services.db.organizationMember.create({
    data: { organizationId, userId, roleId: await roleId(organizationId, 'organization', role) },
  })
}

/** Somebody whom everybody of the club knows. */
async function clubMember(platformAdmin = false): Promise<Person> {
  const person = await world.person({ platformAdmin })
  await join(person, club.organizationId, 'MEMBER')
  return person
}

/** Somebody who holds this role in the scope. */
async function holder(scope: ScopeName, role: string): Promise<Person> {
  const person = await clubMember(role === 'PLATFORM_ADMIN')
  const { organizationId, first } = tenant
  const [, ofOrganization] = /^ORGANIZATION_(.+)$/.exec(role) ?? []
  if (ofOrganization) await join(person, organizationId, ofOrganization)
  else if (role !== 'PLATFORM_ADMIN') {
    await join(person, organizationId, scope === 'organization' ? role : 'MEMBER')
    if (scope === 'workspace')
      await app.current.services.db.workspaceMember.create({
        data: {
          organizationId,
          workspaceId: first.workspaceId,
          userId: person.userId,
          roleId: await roleId(organizationId, 'workspace', role),
        },
      })
  }
  return person
}

async function heldBy(scope: ScopeName, { userId }: Person): Promise<string | null> {
  const { db } = app.current.services
  const { organizationId, first } = tenant
  const grant =
    scope === 'organization'
      ? await db.organizationMember.findFirst({ where: { organizationId, userId }, include: { role: true } })
      : await db.workspaceMember.findFirst({
          where: { workspaceId: first.workspaceId, userId },
          include: { role: true },
        })
  return grant?.role.key ?? null
}

type Attempt = 'done' | 'refused' | 'forbidden'

/** What became of an attempt, with all forms of a refusal under one name. */
function attempted({ kind, result, errors }: Mutated): Attempt {
  if (kind === 'FORBIDDEN') return 'forbidden'
  if (kind === 'RoleTooHigh') return 'refused'
  if (kind === 'InviteUnavailable' && result?.reason === 'WITHDRAWN') return 'refused'
  const [first] = (result?.results ?? []) as { outcome: string }[]
  if (first) return first.outcome === 'REFUSED' ? 'refused' : 'done'
  if (kind.endsWith('Payload')) return 'done'
  return expect.fail(`${kind}: ${JSON.stringify(errors ?? result)}`)
}

const send = (by: Person, name: string, input: object, fields?: string, ofError?: string) =>
  mutate(app.current, by.token, name, { ...input }, fields, ofError)

/** Makes the token of an open invite known: the real one is in the mail alone. */
async function tokenFor(email: string): Promise<string> {
  const token = newToken()
  await app.current.services.db.invite.updateMany({
    where: { email, state: 'PENDING' },
    data: { tokenHash: hashToken(token) },
  })
  return token
}

interface Path {
  /** Tries to give, change or take away `role` as `actor`, and tells what came of it. */
  run(scope: ScopeName, actor: Person, role: string, actorRole: string): Promise<Attempt>
  /** Paths that ask nothing of the actor's request when it comes to it: who may not is refused then. */
  late?: true
}

const PATHS: Record<string, Path> = {
  addMember: {
    run: async (scope, actor, role) => {
      const person = await clubMember()
      const answer = attempted(
        await send(actor, 'addMember', { scopeId: scopeId(scope), userId: person.id, role }),
      )
      expect(await heldBy(scope, person)).toBe(answer === 'done' ? role : null)
      return answer
    },
  },
  'setMemberRole up': {
    run: async (scope, actor, role) => {
      const person = await holder(scope, LOWEST[scope])
      const answer = attempted(
        await send(actor, 'setMemberRole', { scopeId: scopeId(scope), userId: person.id, role }),
      )
      expect(await heldBy(scope, person)).toBe(answer === 'done' ? role : LOWEST[scope])
      return answer
    },
  },
  'setMemberRole down': {
    run: async (scope, actor, role) => {
      const person = await holder(scope, role)
      const input = { scopeId: scopeId(scope), userId: person.id, role: LOWEST[scope] }
      const answer = attempted(await send(actor, 'setMemberRole', input))
      expect(await heldBy(scope, person)).toBe(answer === 'done' ? LOWEST[scope] : role)
      return answer
    },
  },
  'setMemberRole of oneself': {
    run: async (scope, actor, role) => {
      const before = await heldBy(scope, actor)
      const input = { scopeId: scopeId(scope), userId: actor.id, role }
      const answer = attempted(await send(actor, 'setMemberRole', input))
      expect(await heldBy(scope, actor)).toBe(answer === 'done' ? role : before)
      return answer
    },
  },
  'setMemberRoles up': {
    run: async (scope, actor, role) => {
      const person = await holder(scope, LOWEST[scope])
      const input = { scopeId: scopeId(scope), members: [{ userId: person.id, role }] }
      const answer = attempted(await send(actor, 'setMemberRoles', input, 'results { outcome }'))
      expect(await heldBy(scope, person)).toBe(answer === 'done' ? role : LOWEST[scope])
      return answer
    },
  },
  'setMemberRoles down': {
    run: async (scope, actor, role) => {
      const person = await holder(scope, role)
      const input = { scopeId: scopeId(scope), members: [{ userId: person.id, role: LOWEST[scope] }] }
      const answer = attempted(await send(actor, 'setMemberRoles', input, 'results { outcome }'))
      expect(await heldBy(scope, person)).toBe(answer === 'done' ? LOWEST[scope] : role)
      return answer
    },
  },
  removeMember: {
    run: async (scope, actor, role) => {
      const person = await holder(scope, role)
      const answer = attempted(
        await send(actor, 'removeMember', { scopeId: scopeId(scope), userId: person.id }),
      )
      expect(await heldBy(scope, person)).toBe(answer === 'done' ? null : role)
      return answer
    },
  },
  createInvites: {
    run: async (scope, actor, role) => {
      const { email } = await world.person()
      const input = { scopeId: scopeId(scope), invites: [{ email, role }] }
      const answer = attempted(await send(actor, 'createInvites', input, 'results { outcome }'))
      expect(await app.current.services.db.invite.count({ where: { email } })).toBe(answer === 'done' ? 1 : 0)
      return answer
    },
  },
  'acceptInvite after the inviter became this actor': {
    late: true,
    run: async (scope, actor, role, actorRole) => {
      const inviter = await holder('organization', 'OWNER')
      const guest = await world.person()
      const input = { scopeId: scopeId(scope), invites: [{ email: guest.email, role }] }
      await send(inviter, 'createInvites', input)
      const token = await tokenFor(guest.email)
      await becomes(inviter, scope, actor, actorRole)
      const answer = attempted(
        await send(guest, 'acceptInvite', { token }, '__typename', 'InviteUnavailable { reason }'),
      )
      expect(await heldBy(scope, guest)).toBe(answer === 'done' ? role : null)
      return answer
    },
  },
}

/** Gives somebody who was an owner the roles of an actor instead. */
async function becomes(person: Person, scope: ScopeName, actor: Person, actorRole: string): Promise<void> {
  const { db } = app.current.services
  const { organizationId, first } = tenant
  if (actorRole === 'PLATFORM_ADMIN') {
    await db.organizationMember.deleteMany({ where: { organizationId, userId: person.userId } })
    await db.user.update({ where: { id: person.userId }, data: { platformRole: 'ADMIN' } })
    return
  }
  const ofOrganization = await db.organizationMember.findFirstOrThrow({
    where: { organizationId, userId: actor.userId },
  })
  await db.organizationMember.updateMany({
    where: { organizationId, userId: person.userId },
    data: { roleId: ofOrganization.roleId },
  })
  if (scope === 'organization') return
  const onWorkspace = await db.workspaceMember.findFirst({
    where: { workspaceId: first.workspaceId, userId: actor.userId },
  })
  if (onWorkspace)
    await db.workspaceMember.create({
      data: {
        organizationId,
        workspaceId: first.workspaceId,
        userId: person.userId,
        roleId: onWorkspace.roleId,
      },
    })
}

/** What rule 2 says: nothing for who may not act on people; else what is not above the actor. */
function predicted(scope: ScopeName, actorRole: string, role: string, late: boolean): Attempt {
  const may = MAY[scope][actorRole]
  if (!may) return late ? 'refused' : 'forbidden'
  return may.includes(role) ? 'done' : 'refused'
}

describe.each(['organization', 'workspace'] as const)('rule 2, lesson 4: on the %s', (scope) => {
  test.each(Object.keys(PATHS))(
    '%s',
    async (name) => {
      const path = PATHS[name] as Path
      const roles = MAY[scope].PLATFORM_ADMIN ?? []
      const outcomes: Record<string, Attempt> = {}
      const expected: Record<string, Attempt> = {}
      for (const actorRole of Object.keys(MAY[scope])) {
        for (const role of roles) {
          // Who changes themselves is somebody else afterwards, so each attempt has an actor of its own.
          const actor = await holder(scope, actorRole)
          if (name.endsWith('oneself') && !(await heldBy(scope, actor))) continue
          const attempt = `${actorRole} with ${role}`
          outcomes[attempt] = await path.run(scope, actor, role, actorRole)
          expected[attempt] = predicted(scope, actorRole, role, path.late === true)
        }
      }
      expect(outcomes).toEqual(expected)
    },
    120_000,
  )
})

describe('rule 2, 3, lesson 4: roles', () => {
  const LEVELS = ['READ', 'WRITE', 'ADMIN', 'OWNER']
  /** The highest level of a workspace role that each actor may create, edit and delete; null: none. */
  const HIGHEST: Record<string, string | null> = {
    MEMBER: null,
    WORKSPACE_MANAGER: null,
    OFFICE: 'ADMIN',
    ADMIN: 'ADMIN',
    OWNER: 'OWNER',
    PLATFORM_ADMIN: 'OWNER',
  }
  const allowed = (actorRole: string, level: string): Attempt => {
    const highest = HIGHEST[actorRole]
    if (!highest) return 'forbidden'
    return LEVELS.indexOf(level) <= LEVELS.indexOf(highest) ? 'done' : 'refused'
  }

  let names = 0
  const fields = (level: string, permissions: string[] = []) => ({
    organizationId: tenant.id,
    scope: 'WORKSPACE',
    name: `Role ${++names}`,
    level,
    permissions,
  })
  const create = (by: Person, level: string, permissions: string[] = []) =>
    send(by, 'createRole', fields(level, permissions), 'role { id key }')
  const created = async (level: string, permissions: string[] = []) =>
    (await create(tenant.owner, level, permissions)).result?.role as { id: string; key: string }
  const roleRow = (id: string) => {
    const [, row = ''] = Buffer.from(id, 'base64url').toString().split(':')
    return app.current.services.db.role.findUnique({ where: { id: row } })
  }

  const ways: Record<string, (actor: Person, level: string) => Promise<Attempt>> = {
    createRole: async (actor, level) => attempted(await create(actor, level)),
    'updateRole of a role of this level': async (actor, level) => {
      const { id } = await created(level)
      return attempted(await send(actor, 'updateRole', { id, description: 'changed' }))
    },
    'updateRole of a low role up to this level': async (actor, level) => {
      const { id } = await created('READ')
      const answer = attempted(await send(actor, 'updateRole', { id, level }))
      expect((await roleRow(id))?.level).toBe(answer === 'done' ? level : 'READ')
      return answer
    },
    'deleteRole of a role of this level': async (actor, level) => {
      const { id } = await created(level)
      const answer = attempted(await send(actor, 'deleteRole', { id, reassignTo: 'READ' }))
      expect((await roleRow(id)) === null).toBe(answer === 'done')
      return answer
    },
    'deleteRole of a low role, reassigned to one of this level': async (actor, level) => {
      const { id, key } = await created('READ')
      const { key: instead } = await created(level)
      const person = await holder('workspace', key)
      const answer = attempted(await send(actor, 'deleteRole', { id, reassignTo: instead }))
      expect(await heldBy('workspace', person)).toBe(answer === 'done' ? instead : key)
      return answer
    },
  }

  test.each(Object.keys(ways))('%s', async (name) => {
    const outcomes: Record<string, Attempt> = {}
    const expected: Record<string, Attempt> = {}
    for (const actorRole of Object.keys(HIGHEST)) {
      const actor = await holder('organization', actorRole)
      for (const level of LEVELS) {
        outcomes[`${actorRole} with ${level}`] = (await ways[name]?.(actor, level)) ?? 'refused'
        expected[`${actorRole} with ${level}`] = allowed(actorRole, level)
      }
    }
    expect(outcomes).toEqual(expected)
  })

  test('a permission that the actor lacks is as far above them as a level', async () => {
    const office = await holder('organization', 'OFFICE')
    const admin = await holder('organization', 'ADMIN')
    expect(attempted(await create(office, 'ADMIN', ['MEMBER_WRITE']))).toBe('done')
    expect(attempted(await create(office, 'WRITE', ['RESOURCE_WRITE']))).toBe('refused')
    expect(attempted(await create(admin, 'WRITE', ['RESOURCE_WRITE']))).toBe('done')
    const { id } = await created('READ')
    const widen = { id, level: 'WRITE', permissions: ['RESOURCE_WRITE'] }
    expect(attempted(await send(office, 'updateRole', widen))).toBe('refused')
  })

  test('transferOwnership is for owners alone (M13)', async () => {
    for (const actorRole of Object.keys(MAY.organization)) {
      const actor = await holder('organization', actorRole)
      const heir = await holder('organization', 'MEMBER')
      const input = { organizationId: tenant.id, userId: heir.id }
      const answer = attempted(await send(actor, 'transferOwnership', input))
      const mayTransfer = ['OWNER', 'PLATFORM_ADMIN'].includes(actorRole)
      expect(answer, actorRole).toBe(mayTransfer ? 'done' : 'forbidden')
      expect(await heldBy('organization', heir)).toBe(mayTransfer ? 'OWNER' : 'MEMBER')
    }
  })

  test('resendInvite and revokeInvite touch no invite to a higher role', async () => {
    const admin = await holder('organization', 'ADMIN')
    const { email } = await world.person()
    await send(tenant.owner, 'createInvites', { scopeId: tenant.id, invites: [{ email, role: 'OWNER' }] })
    const { id } = await app.current.services.db.invite.findFirstOrThrow({ where: { email } })
    for (const name of ['resendInvite', 'revokeInvite'])
      expect(attempted(await send(admin, name, { id: encodeId('Invite', id) }))).toBe('refused')
  })
})
