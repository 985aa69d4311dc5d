import { beforeAll, describe, expect, test } from 'vitest'
import { inTransaction, type Tx } from '../../src/platform/db.ts'
import { appendEvents } from '../../src/platform/events.ts'
import { newId } from '../../src/platform/ids.ts'
import { openBeside, type TestApp, useTestApp } from '../kit/app.ts'
import { behindLock, locksWaitedFor } from '../kit/behind-lock.ts'
import { tokenIn, waitForMail } from '../kit/mail.ts'
import { mutate } from '../kit/mutate.ts'
import { createWorld, type Person, type Tenant, type World } from '../kit/world.ts'

const app = useTestApp()
let world: World

beforeAll(() => {
  world = createWorld(app.current)
})

const setRole = (
  by: Person,
  tenant: Tenant,
  person: Person,
  role: string,
  on: Pick<TestApp, 'run'> = app.current,
) =>
  mutate(
    on,
    by.token,
    'setMemberRole',
    { scopeId: tenant.first.id, userId: person.id, role },
    'member { role { key } user { email } }',
  )

const accept = (guest: Person, token: string, on: Pick<TestApp, 'run'> = app.current) =>
  mutate(
    on,
    guest.token,
    'acceptInvite',
    { token },
    'invite { status } scope { name }',
    'InviteUnavailable { reason }',
  )

async function inviteTo(tenant: Tenant, { email }: Person, by = tenant.owner): Promise<string> {
  await mutate(app.current, by.token, 'createInvites', {
    scopeId: tenant.first.id,
    invites: [{ email, role: 'WRITE' }],
  })
  return tokenIn(await waitForMail(app.current, email))
}

const tellLog = (tx: Tx, { organizationId, owner }: Tenant) =>
  appendEvents(tx, { viewer: owner, requestId: null }, [
    { organizationId, type: 'organization.updated', subject: { type: 'Organization', id: organizationId } },
  ])

const typesOf = async ({ organizationId }: Tenant, actorId: string) =>
  (
    await app.current.services.db.event.findMany({
      where: { organizationId, actorId },
      orderBy: { sequence: 'asc' },
    })
  ).map(({ type }) => type)

describe('lesson 27, rule 5: what is decided before the lock', () => {
  test('is written by one statement where nothing has changed since', async () => {
    const tenant = await world.tenant()
    const plain = await tenant.member()
    app.current.statements.length = 0
    const { result } = await setRole(tenant.owner, tenant, plain, 'READ')
    expect(result).toMatchObject({ member: { role: { key: 'READ' } } })
    expect(app.current.statements.filter((text) => /^(BEGIN|COMMIT)|enter_members/.test(text))).toEqual([])
  })

  test('is decided anew behind the lock where the log tells of a change, and done once', async () => {
    const tenant = await world.tenant()
    const plain = await tenant.member()
    app.current.statements.length = 0
    const [waited] = await behindLock(
      app.current,
      tenant,
      () => [setRole(tenant.owner, tenant, plain, 'WRITE')],
      (tx) => tellLog(tx, tenant),
    )
    expect(waited?.result).toMatchObject({ member: { role: { key: 'WRITE' } } })
    expect(app.current.statements.filter((text) => text.includes('enter_members'))).toHaveLength(1)
    expect(
      (await typesOf(tenant, tenant.owner.userId)).filter((type) => type === 'member.added'),
    ).toHaveLength(
      // The owner's own two, and the one that was given here.
      3,
    )
  })

  test('does not outlive the platform role of whoever decides', async () => {
    const tenant = await world.tenant()
    const plain = await tenant.member()
    // The platform keeps one.
    const [admin] = [await world.person({ platformAdmin: true }), await world.person({ platformAdmin: true })]
    const { db } = app.current.services
    const [waited] = await behindLock(
      app.current,
      tenant,
      () => [setRole(admin, tenant, plain, 'READ')],
      () => db.user.update({ where: { id: admin.userId }, data: { platformRole: 'USER' } }),
    )
    expect(waited?.kind).toBe('NOT_FOUND')
    expect(await db.workspaceMember.count({ where: { userId: plain.userId } })).toBe(0)
  })

  test('does not outlive the suspension of whoever answers for an invite', async () => {
    const tenant = await world.tenant()
    const [inviter, guest] = [await tenant.member('ADMIN'), await world.person()]
    const token = await inviteTo(tenant, guest, inviter)
    const { db } = app.current.services
    const [waited] = await behindLock(
      app.current,
      tenant,
      () => [accept(guest, token)],
      () => db.user.update({ where: { id: inviter.userId }, data: { suspendedAt: new Date() } }),
    )
    expect(waited?.result).toMatchObject({ __typename: 'InviteUnavailable', reason: 'WITHDRAWN' })
    expect(await typesOf(tenant, guest.userId)).toEqual([])
  })

  test('leaves nothing of itself where only a part of it could be written', async () => {
    const tenant = await world.tenant()
    const guest = await world.person()
    const token = await inviteTo(tenant, guest)
    const { db } = app.current.services
    const { organizationId } = tenant
    const role = await db.role.findFirstOrThrow({
      where: { organizationId, scope: 'ORGANIZATION', key: 'MEMBER' },
    })
    // Somebody makes a member of them meanwhile, which no lock of the workspace keeps.
    const [accepting] = await inTransaction(db, async (tx) => {
      const member = { id: newId(), organizationId, userId: guest.userId, roleId: role.id }
      await tx.organizationMember.create({ data: member })
      const called = accept(guest, token)
      await expect.poll(() => locksWaitedFor(db)).toBe(1)
      return [called]
    })
    expect((await accepting).result).toMatchObject({ invite: { status: 'ACCEPTED' } })
    expect(await typesOf(tenant, guest.userId)).toEqual(['invite.accepted', 'member.added'])
  })

  test('answers and tells the same as without the fast paths', async () => {
    const plain = await openBeside(app.current, { FAST_PATHS: false })
    try {
      const answers = async (on: Pick<TestApp, 'run'>) => {
        const tenant = await world.tenant()
        const [member, guest] = [await tenant.member(), await world.person()]
        const token = await inviteTo(tenant, guest)
        const calls = [
          await setRole(tenant.owner, tenant, member, 'viewer', on),
          await setRole(tenant.owner, tenant, member, 'WRITE', on),
          await setRole(tenant.owner, tenant, member, 'WRITE', on),
          await setRole(tenant.owner, tenant, member, 'nothing', on),
          await setRole(member, tenant, tenant.owner, 'READ', on),
          await accept(member, token, on),
          await accept(guest, token, on),
          await accept(guest, token, on),
          await accept(guest, 'nothing', on),
        ]
        const events = [
          ...(await typesOf(tenant, tenant.owner.userId)),
          ...(await typesOf(tenant, guest.userId)),
        ]
        const names = new Map([member, guest].map(({ email }, nth) => [email, `person-${nth}`]))
        const text = JSON.stringify({ calls, events })
        return [...names].reduce((all, [email, name]) => all.replaceAll(email, name), text)
      }
      expect(await answers(app.current)).toBe(await answers(plain))
    } finally {
      await plain.close()
    }
  })
})
