import { beforeAll, describe, expect, test } from 'vitest'
import type { Caller } from '../../src/access/caller.ts'
import { acceptInvite } from '../../src/domains/invite/accept-invite.ts'
import { setMemberRole } from '../../src/domains/member/set-member-role.ts'
import { createWorkspace } from '../../src/domains/workspace/create-workspace.ts'
import type { Tx } from '../../src/platform/db.ts'
import { appendEvents } from '../../src/platform/events.ts'
import { newId } from '../../src/platform/ids.ts'
import type { Ask } from '../../src/platform/reading/ask.ts'
import { openBeside, type TestApp, useTestApp } from '../kit/app.ts'
import { behindLock } from '../kit/behind-lock.ts'
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

/** Somebody for whom `change` happens between what they look at and what they write. */
async function changing(person: Person, change: () => PromiseLike<unknown>): Promise<Caller> {
  const caller = await person.caller()
  const { ask } = caller
  if (!ask) throw new Error('Nothing is decided before the lock')
  let isChanged = false
  const lookFirst: Ask = async (text, asked) => {
    const answer = await ask(text, asked)
    if (!isChanged) {
      isChanged = true
      await change()
    }
    return answer
  }
  return { ...caller, ask: lookFirst }
}

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

  test('is decided behind the lock where somebody holds it', async () => {
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
    const added = (await typesOf(tenant, tenant.owner.userId)).filter((type) => type === 'member.added')
    // The owner's own two, and the one that was given here.
    expect(added).toHaveLength(3)
  })

  test('is decided anew where the log has gone on since it was looked at', async () => {
    const tenant = await world.tenant()
    const member = await tenant.grantee(tenant.first.workspaceId, 'READ')
    const scope = { kind: 'Workspace', id: tenant.first.workspaceId } as const
    const { userId } = member
    const caller = await changing(tenant.owner, async () => {
      await setMemberRole(await tenant.owner.caller(), { scope, userId, role: 'WRITE' })
    })
    await setMemberRole(caller, { scope, userId, role: 'ADMIN' })
    const changed = await app.current.services.db.event.findMany({
      where: { organizationId: tenant.organizationId, type: 'member.role_changed' },
      orderBy: { sequence: 'asc' },
    })
    expect(changed.map(({ changes }) => changes)).toMatchObject([
      { role: { before: 'READ', after: 'WRITE' } },
      { role: { before: 'WRITE', after: 'ADMIN' } },
    ])
  })

  test('does not outlive the platform role of whoever decides', async () => {
    const tenant = await world.tenant()
    const plain = await tenant.member()
    // The platform keeps one.
    const [admin] = [await world.person({ platformAdmin: true }), await world.person({ platformAdmin: true })]
    const { db } = app.current.services
    const caller = await changing(admin, () =>
      db.user.update({ where: { id: admin.userId }, data: { platformRole: 'USER' } }),
    )
    const scope = { kind: 'Workspace', id: tenant.first.workspaceId } as const
    await expect(setMemberRole(caller, { scope, userId: plain.userId, role: 'READ' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await db.workspaceMember.count({ where: { userId: plain.userId } })).toBe(0)
  })

  test('does not outlive the suspension of whoever answers for an invite', async () => {
    const tenant = await world.tenant()
    const [inviter, guest] = [await tenant.member('ADMIN'), await world.person()]
    const token = await inviteTo(tenant, guest, inviter)
    const { db } = app.current.services
    const caller = await changing(guest, () =>
      db.user.update({ where: { id: inviter.userId }, data: { suspendedAt: new Date() } }),
    )
    await expect(acceptInvite(caller, token)).rejects.toMatchObject({ reason: 'WITHDRAWN' })
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
    // Somebody makes a member of them meanwhile, of which no log tells.
    const caller = await changing(guest, () =>
      db.organizationMember.create({
        data: { id: newId(), organizationId, userId: guest.userId, roleId: role.id },
      }),
    )
    await acceptInvite(caller, token)
    expect(await typesOf(tenant, guest.userId)).toEqual(['invite.accepted', 'member.added'])
    expect(await db.workspaceMember.count({ where: { userId: guest.userId } })).toBe(1)
  })

  test('makes no workspace for somebody who may not any more', async () => {
    const tenant = await world.tenant()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    const scope = { kind: 'Organization', id: tenant.organizationId } as const
    const caller = await changing(manager, async () => {
      await setMemberRole(await tenant.owner.caller(), { scope, userId: manager.userId, role: 'MEMBER' })
    })
    await expect(
      createWorkspace(caller, { name: 'Late', organizationId: tenant.organizationId }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const { organizationId } = tenant
    expect(await app.current.services.db.workspace.count({ where: { organizationId } })).toBe(1)
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
