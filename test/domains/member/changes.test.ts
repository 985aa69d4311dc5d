import { beforeAll, describe, expect, test } from 'vitest'
import { appendEvents } from '../../../src/platform/events.ts'
import { type TestApp, useTestApp } from '../../kit/app.ts'
import { behindLock } from '../../kit/behind-lock.ts'
import { type Mutated, mutate } from '../../kit/mutate.ts'
import { createWorld, type Person, type Tenant, type World } from '../../kit/world.ts'

const app = useTestApp()
let world: World

beforeAll(() => {
  world = createWorld(app.current)
})

const send = (by: Person, name: string, input: object, fields?: string, ofError?: string): Promise<Mutated> =>
  mutate(app.current as TestApp, by.token, name, { ...input }, fields, ofError)

const MEMBER = 'member { source role { key } user { email } }'

const eventsOf = async ({ organizationId }: Tenant) =>
  (
    await app.current.services.db.event.findMany({ where: { organizationId }, orderBy: { sequence: 'asc' } })
  ).map(({ type, changes, workspaceId }) => ({ type, changes, workspaceId }))

const roleOf = async ({ organizationId }: Tenant, { userId }: Person) =>
  (
    await app.current.services.db.organizationMember.findFirst({
      where: { organizationId, userId },
      include: { role: true },
    })
  )?.role.key ?? null

describe('addMember', () => {
  test('M3 adds somebody once, by id or by address in any case, and appends one event', async () => {
    const tenant = await world.tenant()
    const { workspaceId, id: scopeId } = tenant.first
    const [one, other] = [await tenant.member(), await tenant.member()]
    const before = (await eventsOf(tenant)).length
    const byId = await send(
      tenant.owner,
      'addMember',
      { scopeId, userId: one.id, role: 'editor' },
      MEMBER,
      'AlreadyMember { role }',
    )
    expect(byId.result).toMatchObject({ member: { source: 'DIRECT', role: { key: 'WRITE' } } })
    const again = await send(
      tenant.owner,
      'addMember',
      { scopeId, userId: one.id, role: 'READ' },
      MEMBER,
      'AlreadyMember { role }',
    )
    expect(again.result).toMatchObject({ __typename: 'AlreadyMember', role: 'Workspace Editor' })
    const email = ` ${other.email.toUpperCase()} `
    const byEmail = await send(tenant.owner, 'addMember', { scopeId, email, role: 'READ' }, MEMBER)
    expect(byEmail.result).toMatchObject({ member: { user: { email: other.email } } })
    expect((await eventsOf(tenant)).slice(before)).toEqual([
      {
        type: 'member.added',
        workspaceId,
        changes: { userId: { after: one.userId }, role: { after: 'WRITE' } },
      },
      {
        type: 'member.added',
        workspaceId,
        changes: { userId: { after: other.userId }, role: { after: 'READ' } },
      },
    ])
  })

  test('M3 takes exactly one of id and address', async () => {
    const tenant = await world.tenant()
    for (const who of [{}, { userId: tenant.owner.id, email: tenant.owner.email }]) {
      const { result } = await send(tenant.owner, 'addMember', { scopeId: tenant.id, ...who, role: 'MEMBER' })
      expect(result).toMatchObject({ __typename: 'ValidationError', issues: [{ path: 'userId' }] })
    }
  })

  test('M3, lesson 9: does not tell whether a stranger has an account', async () => {
    const tenant = await world.tenant()
    const stranger = await world.person()
    // Both know each other from a third organization, whose plain members do not see who else is in there.
    const club = await world.tenant()
    const peer = await club.member()
    await club.grant(tenant.owner, { kind: 'Organization', id: club.organizationId }, 'MEMBER')
    const answers: unknown[] = []
    for (const email of [stranger.email, peer.email, 'nobody@example.com']) {
      const { result } = await send(tenant.owner, 'addMember', { scopeId: tenant.id, email, role: 'MEMBER' })
      answers.push({ ...result, message: String(result?.message).replace(email, '*') })
    }
    expect(answers).toEqual(
      Array(3).fill({ __typename: 'UserNotFound', message: expect.stringContaining('*') }),
    )
    const byId = await send(tenant.owner, 'addMember', {
      scopeId: tenant.id,
      userId: stranger.id,
      role: 'MEMBER',
    })
    expect(byId.kind).toBe('NOT_FOUND')
    expect(await roleOf(tenant, stranger)).toBeNull()
  })

  test('M3 a platform administrator finds everybody by address', async () => {
    const tenant = await world.tenant()
    const admin = await world.person({ platformAdmin: true })
    const stranger = await world.person()
    const { kind } = await send(admin, 'addMember', {
      scopeId: tenant.id,
      email: stranger.email,
      role: 'MEMBER',
    })
    expect(kind).toBe('AddMemberPayload')
  })

  test('M3 twenty parallel calls add one row: the others are told', async () => {
    const tenant = await world.tenant()
    const person = await tenant.member()
    const input = { scopeId: tenant.first.id, userId: person.id, role: 'READ' }
    const kinds = (
      await Promise.all(Array.from({ length: 20 }, () => send(tenant.owner, 'addMember', input)))
    ).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'AddMemberPayload')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'AlreadyMember')).toHaveLength(19)
  })
})

describe('setMemberRole', () => {
  test('M4 answers the row that counts where an organization role reaches higher than the given one', async () => {
    const tenant = await world.tenant()
    const admin = await tenant.member('ADMIN')
    const input = { scopeId: tenant.first.id, userId: admin.id, role: 'READ' }
    const { result } = await send(tenant.owner, 'setMemberRole', input, MEMBER)
    expect(result).toMatchObject({ member: { source: 'ORGANIZATION', role: { key: 'ADMIN' } } })
  })

  test('M4 who lowers themselves is answered as who they are now', async () => {
    const tenant = await world.tenant()
    const admin = await tenant.member('ADMIN')
    const { result, errors } = await send(
      admin,
      'setMemberRole',
      { scopeId: tenant.id, userId: admin.id, role: 'MEMBER' },
      'member { role { key } } ',
    )
    expect(errors).toBeUndefined()
    expect(result).toMatchObject({
      member: { role: { key: 'MEMBER' } },
    })
  })
})

describe('leave', () => {
  test('M6, lesson 16: leaving an organization leaves its workspaces at once, with an event for each', async () => {
    const tenant = await world.tenant()
    const second = await tenant.workspace()
    const person = await tenant.grantee(tenant.first.workspaceId, 'WRITE')
    await tenant.grant(person, { kind: 'Workspace', id: second.workspaceId }, 'READ')
    const before = (await eventsOf(tenant)).length
    const { result } = await send(person, 'leave', { scopeId: tenant.id }, 'leftScopeId remainingAccess')
    expect(result).toMatchObject({ leftScopeId: tenant.id, remainingAccess: null })
    const events = (await eventsOf(tenant)).slice(before)
    expect(events.map(({ type }) => type)).toEqual(Array(3).fill('member.removed'))
    expect(new Set(events.map(({ workspaceId }) => workspaceId))).toEqual(
      new Set([tenant.first.workspaceId, second.workspaceId, null]),
    )
    // The same session, the next request: rule 5.
    const { errors } = await app.current.run(
      'query ($id: ID!) { workspace(id: $id) { id } }',
      { id: second.id },
      person.token,
    )
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    expect(await app.current.services.db.workspaceMember.count({ where: { userId: person.userId } })).toBe(0)
  })

  test('M6 on a workspace the organization role remains, and a role that is only inherited is not left there', async () => {
    const tenant = await world.tenant()
    const { id: scopeId } = tenant.first
    const left = await send(tenant.owner, 'leave', { scopeId }, 'remainingAccess')
    expect(left.result).toMatchObject({ __typename: 'LeavePayload', remainingAccess: 'OWNER' })
    expect((await send(tenant.owner, 'leave', { scopeId })).kind).toBe('NotAMember')
  })

  test('M6, M12 the last owner can not leave, and a stranger finds nothing to leave', async () => {
    const tenant = await world.tenant()
    expect((await send(tenant.owner, 'leave', { scopeId: tenant.id })).kind).toBe('LastOwner')
    expect(await roleOf(tenant, tenant.owner)).toBe('OWNER')
    expect((await send(await world.person(), 'leave', { scopeId: tenant.id })).kind).toBe('NOT_FOUND')
  })
})

describe('setMemberRoles', () => {
  const RESULTS = 'results { userId outcome message member { role { key } } }'
  const outcomesOf = ({ result }: Mutated) =>
    ((result?.results ?? []) as { outcome: string }[]).map(({ outcome }) => outcome)

  test('M7 each person has their outcome, and what is allowed is done', async () => {
    const tenant = await world.tenant()
    const admin = await tenant.member('ADMIN')
    const [fresh, present, same, stranger] = [
      await tenant.member(),
      await tenant.grantee(tenant.first.workspaceId, 'READ'),
      await tenant.grantee(tenant.first.workspaceId, 'WRITE'),
      await world.person(),
    ]
    const members = [fresh, present, same, stranger, tenant.owner].map(({ id: userId }) => ({
      userId,
      role: 'WRITE',
    }))
    const before = (await eventsOf(tenant)).length
    const answer = await send(admin, 'setMemberRoles', { scopeId: tenant.first.id, members }, RESULTS)
    expect(outcomesOf(answer)).toEqual(['ADDED', 'CHANGED', 'UNCHANGED', 'REFUSED', 'REFUSED'])
    expect(answer.result).toMatchObject({
      results: [
        { userId: fresh.id, member: { role: { key: 'WRITE' } } },
        { member: { role: { key: 'WRITE' } } },
        { member: { role: { key: 'WRITE' } } },
        { member: null, message: 'There is nobody with this id that you can see.' },
        { member: null, message: expect.stringContaining('Workspace Owner') },
      ],
    })
    expect((await eventsOf(tenant)).slice(before).map(({ type }) => type)).toEqual([
      'member.added',
      'member.role_changed',
    ])
  })

  test('M7 takes 1 to 100 people, each once, and known roles', async () => {
    const tenant = await world.tenant()
    const { id: userId } = await tenant.member()
    const item = { userId, role: 'MEMBER' }
    const lists = [[], Array(101).fill(item), [item, item], [{ userId, role: 'king' }]]
    for (const members of lists) {
      const { kind } = await send(tenant.owner, 'setMemberRoles', { scopeId: tenant.id, members })
      expect(kind).toBe('ValidationError')
    }
  })

  test('M7 a hundred people cost as many statements as three', async () => {
    const tenant = await world.tenant()
    const costOf = async (count: number) => {
      const people = await Promise.all(Array.from({ length: count }, () => world.person()))
      const { organizationId } = tenant
      const { db } = app.current.services
      const role = await db.role.findFirstOrThrow({ where: { organizationId, key: 'MEMBER' } })
      const data = people.map(({ userId }) => ({ organizationId, userId, roleId: role.id }))
      await db.organizationMember.createMany({ data })
      const members = people.map(({ id: userId }) => ({ userId, role: 'READ' }))
      app.current.statements.length = 0
      const answer = await send(
        tenant.owner,
        'setMemberRoles',
        { scopeId: tenant.first.id, members },
        'results { outcome }',
      )
      expect(new Set(outcomesOf(answer))).toEqual(new Set(['ADDED']))
      return app.current.statements.length
    }
    // A document that was answered before takes the short way.
    await costOf(1)
    expect(await costOf(100)).toBe(await costOf(3))
  })

  test('M7, M12 ownership can be exchanged in one call, but not given up by all', async () => {
    const tenant = await world.tenant()
    const heir = await tenant.member()
    const step = (person: Person, role: string) => ({ userId: person.id, role })
    const exchange = await send(
      tenant.owner,
      'setMemberRoles',
      { scopeId: tenant.id, members: [step(tenant.owner, 'MEMBER'), step(heir, 'OWNER')] },
      RESULTS,
    )
    expect(outcomesOf(exchange)).toEqual(['CHANGED', 'CHANGED'])
    const plain = tenant.owner
    await send(heir, 'setMemberRole', { scopeId: tenant.id, userId: plain.id, role: 'OWNER' })
    const giveUp = await send(
      heir,
      'setMemberRoles',
      { scopeId: tenant.id, members: [step(heir, 'MEMBER'), step(plain, 'ADMIN')] },
      RESULTS,
    )
    expect(outcomesOf(giveUp)).toEqual(['CHANGED', 'REFUSED'])
    expect(await roleOf(tenant, plain)).toBe('OWNER')
  })
})

describe('transferOwnership', () => {
  test('M13 makes a member the owner and the caller an administrator, at once', async () => {
    const tenant = await world.tenant()
    const heir = await tenant.member()
    const { result } = await send(
      tenant.owner,
      'transferOwnership',
      { organizationId: tenant.id, userId: heir.id },
      'organization { slug viewerRole { key } } member { role { key } user { id } }',
    )
    expect(result).toMatchObject({
      organization: { slug: tenant.slug, viewerRole: { key: 'ADMIN' } },
      member: { role: { key: 'OWNER' }, user: { id: heir.id } },
    })
    expect(await roleOf(tenant, tenant.owner)).toBe('ADMIN')
    expect((await eventsOf(tenant)).slice(-2).map(({ changes }) => changes)).toEqual([
      { userId: { after: heir.userId }, role: { before: 'MEMBER', after: 'OWNER' } },
      { userId: { after: tenant.owner.userId }, role: { before: 'OWNER', after: 'ADMIN' } },
    ])
  })

  test('M13 only an owner transfers, only to a member, and not to themselves', async () => {
    const tenant = await world.tenant()
    const admin = await tenant.member('ADMIN')
    const to = (by: Person, { id: userId }: Person) =>
      send(by, 'transferOwnership', { organizationId: tenant.id, userId })
    expect((await to(admin, admin)).kind).toBe('FORBIDDEN')
    expect((await to(tenant.owner, tenant.owner)).kind).toBe('ValidationError')
    expect((await to(tenant.owner, await world.person())).kind).toBe('NOT_FOUND')
    const platformAdmin = await world.person({ platformAdmin: true })
    expect((await to(platformAdmin, admin)).kind).toBe('TransferOwnershipPayload')
    expect(await roleOf(tenant, tenant.owner)).toBe('OWNER')
    expect(await roleOf(tenant, platformAdmin)).toBeNull()
  })
})

describe('behind the lock', () => {
  test('rule 5: who is demoted while their call waits is refused, though the gate had let them pass', async () => {
    const tenant = await world.tenant()
    const admin = await tenant.member('ADMIN')
    const plain = await tenant.member()
    const { db } = app.current.services
    const member = await db.role.findFirstOrThrow({
      where: { organizationId: tenant.organizationId, scope: 'ORGANIZATION', key: 'MEMBER' },
    })
    const input = { scopeId: tenant.id, userId: plain.id }
    const waited = await behindLock(
      app.current,
      tenant,
      () => [
        send(admin, 'removeMember', input),
        send(admin, 'setMemberRole', { ...input, role: 'WORKSPACE_MANAGER' }),
        send(admin, 'setMemberRoles', {
          scopeId: tenant.id,
          members: [{ userId: plain.id, role: 'MEMBER' }],
        }),
        send(admin, 'createInvites', {
          scopeId: tenant.id,
          invites: [{ email: 'late@example.com', role: 'MEMBER' }],
        }),
        send(admin, 'createWorkspace', { organizationId: tenant.id, name: 'Late' }),
        // Without a role on workspaces this one is not even there.
        send(admin, 'updateWorkspace', { id: tenant.first.id, name: 'Late' }),
      ],
      async (tx) => {
        await tx.organizationMember.updateMany({
          where: { organizationId: tenant.organizationId, userId: admin.userId },
          data: { roleId: member.id },
        })
        await appendEvents(tx, { viewer: tenant.owner, requestId: null }, [
          {
            organizationId: tenant.organizationId,
            type: 'member.role_changed',
            subject: { type: 'Member', id: admin.userId },
          },
        ])
      },
    )
    expect(waited.map(({ kind }) => kind)).toEqual([...Array(5).fill('FORBIDDEN'), 'NOT_FOUND'])
    expect(await roleOf(tenant, plain)).toBe('MEMBER')
  })
})
