import { beforeAll, describe, expect, test } from 'vitest'
import { hashToken } from '../../../src/platform/secrets.ts'
import { useTestApp } from '../../kit/app.ts'
import { behindLock } from '../../kit/behind-lock.ts'
import { DAY } from '../../kit/clock.ts'
import { mailsTo, tokenIn, waitForMail } from '../../kit/mail.ts'
import { type Mutated, mutate } from '../../kit/mutate.ts'
import { createWorld, type Person, type Tenant, type World } from '../../kit/world.ts'

const app = useTestApp()
let world: World

beforeAll(() => {
  world = createWorld(app.current)
})

const send = (
  by: Person | null,
  name: string,
  input: object,
  fields?: string,
  ofError?: string,
): Promise<Mutated> => mutate(app.current, by?.token ?? null, name, { ...input }, fields, ofError)

let guests = 0
const freshEmail = ({ slug }: Tenant) => `guest${++guests}@${slug}.example.com`

interface Sent {
  id: string
  token: string
  email: string
}

interface Result {
  email: string
  outcome: string
  invite: { id: string; status: string; expiresAt: string } | null
}

async function invite(
  tenant: Tenant,
  invites: { email: string; role: string }[],
  { by = tenant.owner, scopeId = tenant.id }: { by?: Person; scopeId?: string } = {},
): Promise<Result[]> {
  const input = { scopeId, invites }
  const answer = await send(
    by,
    'createInvites',
    input,
    'results { email outcome message invite { id status expiresAt } }',
  )
  return (answer.result?.results ?? expect.fail(JSON.stringify(answer))) as Result[]
}

/** An invite whose mail has come. */
async function invited(
  tenant: Tenant,
  email: string,
  role = 'MEMBER',
  options: { by?: Person; scopeId?: string } = {},
): Promise<Sent> {
  const [result] = await invite(tenant, [{ email, role }], options)
  const mail = await waitForMail(app.current, result?.email ?? email)
  return { id: result?.invite?.id ?? '', email, token: tokenIn(mail) }
}

const accept = (by: Person | null, { token }: { token: string }) =>
  send(
    by,
    'acceptInvite',
    { token },
    'invite { id status } scope { name }',
    'InviteUnavailable { reason }',
  ).then((answer) => ({ ...answer, reason: answer.result?.reason ?? null }))

const decline = (by: Person | null, { token }: { token: string }) =>
  send(by, 'declineInvite', { token }, 'invite { status }', 'InviteUnavailable { reason }')

const preview = async (token: string) =>
  (
    await app.current.run<{ invite: { status: string; email: string } | null }>(
      'query ($token: String!) { invite(token: $token) { status email roleName inviterName } }',
      { token },
    )
  ).data.invite

const roleOf = async ({ organizationId }: Tenant, { userId }: Person) =>
  (
    await app.current.services.db.organizationMember.findFirst({
      where: { organizationId, userId },
      include: { role: true },
    })
  )?.role.key ?? null

const eventsOf = async ({ organizationId }: Tenant) =>
  (
    await app.current.services.db.event.findMany({ where: { organizationId }, orderBy: { sequence: 'asc' } })
  ).map(({ type }) => type)

describe('createInvites', () => {
  test('M11, lesson 12: each address has an outcome of its own', async () => {
    const tenant = await world.tenant()
    const { id: scopeId, workspaceId } = tenant.first
    const admin = await tenant.grantee(workspaceId, 'ADMIN')
    const [member, grantee] = [await tenant.member(), await tenant.grantee(workspaceId, 'READ')]
    const pending = await invited(tenant, freshEmail(tenant), 'READ', { scopeId })
    const outsider = await world.person()
    const invites = [
      { email: freshEmail(tenant), role: 'READ' },
      { email: outsider.email, role: 'READ' },
      { email: member.email, role: 'READ' },
      { email: pending.email, role: 'WRITE' },
      { email: grantee.email, role: 'WRITE' },
      { email: freshEmail(tenant), role: 'OWNER' },
    ]
    const results = await invite(tenant, invites, { by: admin, scopeId })
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'INVITED',
      'INVITED',
      'ADDED',
      'RESENT',
      'ALREADY_MEMBER',
      'REFUSED',
    ])
    expect(results.map(({ invite: open }) => open !== null)).toEqual([true, true, false, true, false, false])
  })

  test('M11 takes 1 to 100 addresses, each once, and lasts 1 to 30 days', async () => {
    const tenant = await world.tenant()
    const item = { email: freshEmail(tenant), role: 'MEMBER' }
    const wrong = [
      { invites: [] },
      { invites: Array.from({ length: 101 }, () => ({ ...item, email: freshEmail(tenant) })) },
      { invites: [item, { ...item, email: item.email.toUpperCase() }] },
      { invites: [{ ...item, email: 'nobody' }] },
      { invites: [item], expiresInDays: 31 },
      { invites: [item], expiresInDays: 0 },
    ]
    for (const input of wrong) {
      const { kind } = await send(tenant.owner, 'createInvites', { scopeId: tenant.id, ...input })
      expect(kind).toBe('ValidationError')
    }
  })

  test('lesson 6: a role that does not exist invites nobody, and names the ones that do', async () => {
    const tenant = await world.tenant()
    const invites = [
      { email: freshEmail(tenant), role: 'MEMBER' },
      { email: freshEmail(tenant), role: 'king' },
    ]
    const { result } = await send(tenant.owner, 'createInvites', { scopeId: tenant.id, invites })
    expect(result).toMatchObject({
      __typename: 'ValidationError',
      issues: [{ path: 'invites.1.role', message: expect.stringContaining('WORKSPACE_MANAGER') }],
    })
    const { organizationId } = tenant
    expect(await app.current.services.db.invite.count({ where: { organizationId } })).toBe(0)
  })

  test('lesson 7: inviting again renews token, role and time, and voids the old link', async () => {
    const tenant = await world.tenant()
    const first = await invited(tenant, freshEmail(tenant))
    const [again] = await invite(tenant, [{ email: first.email, role: 'ADMIN' }])
    expect(again).toMatchObject({ outcome: 'RESENT', invite: { id: first.id } })
    const second = tokenIn(await waitForMail(app.current, first.email, 2))
    expect(second).not.toBe(first.token)
    expect(await preview(first.token)).toBeNull()
    const person = await world.person({ email: first.email })
    expect((await accept(person, first)).reason).toBe('UNKNOWN')
    expect((await accept(person, { token: second })).kind).toBe('AcceptInvitePayload')
    expect(await roleOf(tenant, person)).toBe('ADMIN')
  })

  test('lesson 7: twenty parallel invites of one address open one', async () => {
    const tenant = await world.tenant()
    const email = freshEmail(tenant)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => invite(tenant, [{ email, role: 'MEMBER' }])),
    )
    expect(answers.filter(([one]) => one?.outcome === 'INVITED')).toHaveLength(1)
    expect(await app.current.services.db.invite.count({ where: { email } })).toBe(1)
  })

  test('lesson 8: addresses are one in any case, and in any spelling of their domain', async () => {
    const tenant = await world.tenant()
    const spellings: [string, string][] = [
      [`  Ada.${tenant.slug}@EXAMPLE.com `, `ada.${tenant.slug}@example.com`],
      [`u.${tenant.slug}@xn--mnchen-3ya.de`, `u.${tenant.slug}@münchen.de`],
      [`U.${tenant.slug}@MÜNCHEN.DE`, `u.${tenant.slug}@münchen.de`],
      [`cafe\u0301.${tenant.slug}@example.com`, `café.${tenant.slug}@example.com`],
      [`क.${tenant.slug}@उदाहरण.परीक्षा`, `क.${tenant.slug}@उदाहरण.परीक्षा`],
    ]
    for (const [given, kept] of spellings) {
      const [result] = await invite(tenant, [{ email: given, role: 'MEMBER' }])
      expect(result?.email).toBe(kept)
    }
    const [, , munich] = spellings
    const [again] = await invite(tenant, [{ email: munich?.[0] ?? '', role: 'MEMBER' }])
    expect(again?.outcome).toBe('RESENT')
    // Who signed up with one spelling accepts what was sent to another.
    const person = await world.person({ email: `u.${tenant.slug}@münchen.de` })
    const mails = await mailsTo(app.current, person.email)
    const token = tokenIn(await waitForMail(app.current, person.email, Math.max(3, mails.length)))
    expect((await accept(person, { token })).kind).toBe('AcceptInvitePayload')
  })

  test('lesson 10: the token is in the mail alone', async () => {
    const tenant = await world.tenant()
    const sent = await invited(tenant, freshEmail(tenant))
    const row = await app.current.services.db.invite.findFirstOrThrow({ where: { email: sent.email } })
    expect(JSON.stringify(row)).not.toContain(sent.token)
    expect(row.tokenHash).toMatch(/^[0-9a-f]{64}$/)
    const { organizationId } = tenant
    const events = await app.current.services.db.event.findMany({ where: { organizationId } })
    expect(
      JSON.stringify(events, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)),
    ).not.toContain(row.tokenHash)
    const answer = await app.current.run('{ __type(name: "Invite") { fields { name } } }')
    expect(JSON.stringify(answer)).not.toMatch(/token/i)
  })
})

describe('acceptInvite', () => {
  test('M11, lesson 13: accepting twice answers the same, and joins once', async () => {
    const tenant = await world.tenant()
    const person = await world.person()
    const sent = await invited(tenant, person.email, 'READ', { scopeId: tenant.first.id })
    const answers = [await accept(person, sent), await accept(person, sent)]
    expect(answers.map(({ kind }) => kind)).toEqual(Array(2).fill('AcceptInvitePayload'))
    expect(answers[1]?.result).toMatchObject({ invite: { status: 'ACCEPTED' } })
    expect(await roleOf(tenant, person)).toBe('MEMBER')
    const joined = (await eventsOf(tenant)).filter((type) =>
      ['invite.accepted', 'member.added'].includes(type),
    )
    // The owner of organization and workspace, then the guest of both.
    expect(joined).toEqual([
      'member.added',
      'member.added',
      'invite.accepted',
      'member.added',
      'member.added',
    ])
  })

  test('lesson 13: who is signed in with another address is told which one is meant', async () => {
    const tenant = await world.tenant()
    const sent = await invited(tenant, freshEmail(tenant))
    const { result } = await send(
      await world.person(),
      'acceptInvite',
      { token: sent.token },
      '__typename',
      'WrongAccount { email }',
    )
    expect(result).toMatchObject({ __typename: 'WrongAccount', email: sent.email })
    expect(await preview(sent.token)).toMatchObject({ status: 'PENDING' })
  })

  test('lesson 9: the token verifies the address; without it, an unverified account sees no invite', async () => {
    const tenant = await world.tenant()
    const email = freshEmail(tenant)
    const sent = await invited(tenant, email)
    const squatter = await world.person({ email, verified: false })
    const { data, errors } = await app.current.run<{ viewer: { invites: unknown } }>(
      '{ viewer { invites { nodes { id scopeName } } } }',
      {},
      squatter.token,
    )
    expect(data.viewer.invites).toBeNull()
    expect(errors?.[0]?.extensions.code).toBe('ACCOUNT_NOT_VERIFIED')
    const node = await app.current.run('query ($id: ID!) { node(id: $id) { id } }', sent, squatter.token)
    expect(node.errors?.[0]?.extensions.code).toBe('ACCOUNT_NOT_VERIFIED')
    expect((await accept(squatter, sent)).kind).toBe('AcceptInvitePayload')
    const user = await app.current.services.db.user.findUniqueOrThrow({ where: { id: squatter.userId } })
    expect(user.emailVerified).toBe(true)
  })

  test('lesson 9, 11: a verified person finds their invites; administrators see them without the token', async () => {
    const tenant = await world.tenant()
    const person = await world.person()
    await invited(tenant, person.email)
    const own = await app.current.run<{ viewer: { invites: { nodes: object[] } } }>(
      '{ viewer { invites { nodes { scopeName status } } } }',
      {},
      person.token,
    )
    expect(own.data.viewer.invites.nodes).toMatchObject([{ status: 'PENDING' }])
    const list = 'query ($id: ID!) { organization(id: $id) { invites { nodes { email status } } } }'
    const seen = await app.current.run<{ organization: { invites: { nodes: object[] } } }>(
      list,
      { id: tenant.id },
      tenant.owner.token,
    )
    expect(seen.data.organization.invites.nodes).toEqual([{ email: person.email, status: 'PENDING' }])
    const plain = await tenant.member()
    const hidden = await app.current.run(list, { id: tenant.id }, plain.token)
    expect(hidden.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  test('lesson 4: an invite is worth what its inviter may give when it is accepted', async () => {
    const tenant = await world.tenant()
    const steps: [string, (inviter: Person) => Promise<unknown>][] = [
      [
        'demoted',
        (inviter) => tenant.grant(inviter, { kind: 'Organization', id: tenant.organizationId }, 'ADMIN'),
      ],
      [
        'demoted to nothing',
        (inviter) => tenant.grant(inviter, { kind: 'Organization', id: tenant.organizationId }, 'MEMBER'),
      ],
      [
        'removed',
        (inviter) => send(tenant.owner, 'removeMember', { scopeId: tenant.id, userId: inviter.id }),
      ],
      [
        'suspended',
        ({ userId: id }) =>
          app.current.services.db.user.update({ where: { id }, data: { suspendedAt: new Date() } }),
      ],
      ['deleted', ({ userId: id }) => app.current.services.db.user.delete({ where: { id } })],
    ]
    for (const [what, step] of steps) {
      const inviter = await tenant.member('OWNER')
      const guest = await world.person()
      const sent = await invited(tenant, guest.email, 'OWNER', { by: inviter })
      await step(inviter)
      expect((await accept(guest, sent)).reason, what).toBe('WITHDRAWN')
      expect(await roleOf(tenant, guest)).toBeNull()
      // Somebody else who answers for it makes it good again.
      expect((await send(tenant.owner, 'resendInvite', { id: sent.id })).kind).toBe('ResendInvitePayload')
      const token = tokenIn(await waitForMail(app.current, guest.email, 2))
      expect((await accept(guest, { token })).kind, what).toBe('AcceptInvitePayload')
    }
  })

  test('lesson 4: whoever answers for an invite by the time the lock is free is asked, not who did before', async () => {
    const tenant = await world.tenant()
    const [strong, weak] = [await tenant.member('OWNER'), await tenant.member()]
    const { db } = app.current.services
    for (const [before, after, expected] of [
      [strong, weak, 'WITHDRAWN'],
      [weak, strong, null],
    ] as const) {
      const guest = await world.person()
      const sent = await invited(tenant, guest.email, 'ADMIN', { by: strong })
      const answersFor = (by: Person) =>
        ({ where: { tokenHash: hashToken(sent.token) }, data: { invitedById: by.userId } }) as const
      await db.invite.update(answersFor(before))
      const [waited] = await behindLock(
        app.current,
        tenant,
        () => [accept(guest, sent)],
        (tx) => tx.invite.update(answersFor(after)),
      )
      expect(waited?.reason).toBe(expected)
    }
  })

  test('lesson 4, 6: a role that was raised since is not given by an inviter beneath it', async () => {
    const tenant = await world.tenant()
    const { id: scopeId, workspaceId } = tenant.first
    const role = { scope: 'WORKSPACE', name: 'Helper', level: 'READ', permissions: [] }
    const { result } = await send(
      tenant.owner,
      'createRole',
      { organizationId: tenant.id, ...role },
      'role { id }',
    )
    const { id } = (result?.role ?? {}) as { id: string }
    const inviter = await tenant.grantee(workspaceId, 'ADMIN')
    const guest = await world.person()
    const sent = await invited(tenant, guest.email, 'Helper', { by: inviter, scopeId })
    await send(tenant.owner, 'updateRole', { id, level: 'OWNER', permissions: ['WORKSPACE_DELETE'] })
    expect((await accept(guest, sent)).reason).toBe('WITHDRAWN')
    await send(tenant.owner, 'updateRole', { id, level: 'WRITE', permissions: ['RESOURCE_WRITE'] })
    expect((await accept(guest, sent)).kind).toBe('AcceptInvitePayload')
  })

  test('lesson 6: a role that was deleted since gives what its members got', async () => {
    const tenant = await world.tenant()
    const role = { scope: 'ORGANIZATION', name: 'Helper', level: 'WRITE', permissions: [] }
    const { result } = await send(
      tenant.owner,
      'createRole',
      { organizationId: tenant.id, ...role },
      'role { id }',
    )
    const guest = await world.person()
    const sent = await invited(tenant, guest.email, 'helper')
    const { id } = (result?.role ?? {}) as { id: string }
    await send(tenant.owner, 'deleteRole', { id, reassignTo: 'WORKSPACE_MANAGER' })
    expect((await accept(guest, sent)).kind).toBe('AcceptInvitePayload')
    expect(await roleOf(tenant, guest)).toBe('WORKSPACE_MANAGER')
  })

  test('M11 an invite into a workspace that is gone is void', async () => {
    const tenant = await world.tenant()
    const guest = await world.person()
    const workspace = await tenant.workspace()
    const sent = await invited(tenant, guest.email, 'READ', { scopeId: workspace.id })
    const { db } = app.current.services
    await db.workspace.update({ where: { id: workspace.workspaceId }, data: { deletedAt: new Date() } })
    expect((await accept(guest, sent)).reason).toBe('REVOKED')
    expect(await preview(sent.token)).toBeNull()
    expect((await send(tenant.owner, 'resendInvite', { id: sent.id })).kind).toBe('NOT_FOUND')
  })

  test('M11 of accept, decline and revoke at the same moment one wins, and the others say which', async () => {
    const tenant = await world.tenant()
    for (let round = 0; round < 8; round++) {
      const guest = await world.person()
      const sent = await invited(tenant, guest.email)
      const kinds = (
        await Promise.all([
          accept(guest, sent),
          decline(null, sent),
          send(tenant.owner, 'revokeInvite', { id: sent.id }),
        ])
      ).map(({ kind }) => kind)
      const won = kinds.filter((kind) => kind.endsWith('Payload'))
      expect(won, kinds.join()).toHaveLength(1)
      expect(kinds.filter((kind) => kind === 'InviteUnavailable')).toHaveLength(2)
      expect((await roleOf(tenant, guest)) !== null).toBe(won[0] === 'AcceptInvitePayload')
    }
  })
})

describe('resendInvite, revokeInvite, declineInvite', () => {
  test('M11 resending an expired invite opens it again, and does not touch settled ones', async () => {
    const tenant = await world.tenant()
    const guest = await world.person()
    const sent = await invited(tenant, guest.email)
    app.current.clock.advance(8 * DAY)
    // Sessions of the test last longer than the invite.
    expect((await accept(guest, sent)).reason).toBe('EXPIRED')
    expect(await preview(sent.token)).toMatchObject({ status: 'EXPIRED' })
    const { result } = await send(
      tenant.owner,
      'resendInvite',
      { id: sent.id, expiresInDays: 1 },
      'invite { status }',
    )
    expect(result).toMatchObject({ invite: { status: 'PENDING' } })
    const token = tokenIn(await waitForMail(app.current, guest.email, 2))
    expect((await accept(guest, { token })).kind).toBe('AcceptInvitePayload')
    const answer = await send(
      tenant.owner,
      'resendInvite',
      { id: sent.id },
      '__typename',
      'InviteUnavailable { reason }',
    )
    expect(answer.result).toMatchObject({ reason: 'USED' })
  })

  test('M11 resending to somebody who is a member by now is told', async () => {
    const tenant = await world.tenant()
    const guest = await world.person()
    const sent = await invited(tenant, guest.email)
    await tenant.grant(guest, { kind: 'Organization', id: tenant.organizationId }, 'ADMIN')
    expect((await send(tenant.owner, 'resendInvite', { id: sent.id })).kind).toBe('AlreadyMember')
  })

  test('M11 a revoked invite is void, and inviting again opens another one', async () => {
    const tenant = await world.tenant()
    const guest = await world.person()
    const sent = await invited(tenant, guest.email)
    const revoke = () => send(tenant.owner, 'revokeInvite', { id: sent.id }, 'invite { status }')
    expect((await revoke()).result).toMatchObject({ invite: { status: 'REVOKED' } })
    expect((await revoke()).kind).toBe('RevokeInvitePayload')
    expect((await eventsOf(tenant)).filter((type) => type === 'invite.revoked')).toHaveLength(1)
    expect((await accept(guest, sent)).reason).toBe('REVOKED')
    const [again] = await invite(tenant, [{ email: guest.email, role: 'MEMBER' }])
    expect(again?.outcome).toBe('INVITED')
  })

  test('M11 the holder of a token declines without an account, once', async () => {
    const tenant = await world.tenant()
    const sent = await invited(tenant, freshEmail(tenant))
    expect((await decline(null, sent)).result).toMatchObject({ invite: { status: 'DECLINED' } })
    expect((await decline(null, sent)).kind).toBe('DeclineInvitePayload')
    expect((await eventsOf(tenant)).filter((type) => type === 'invite.declined')).toHaveLength(1)
    expect((await send(tenant.owner, 'revokeInvite', { id: sent.id })).kind).toBe('InviteUnavailable')
    expect((await decline(null, { token: 'unknown' })).kind).toBe('InviteUnavailable')
  })

  test('rule 6, M11 who may not manage an invite does not find it, not even whom it is for', async () => {
    const tenant = await world.tenant()
    const guest = await world.person()
    const sent = await invited(tenant, guest.email, 'READ', { scopeId: tenant.first.id })
    const people = [
      guest,
      await tenant.grantee(tenant.first.workspaceId, 'WRITE'),
      (await world.tenant()).owner,
    ]
    for (const person of people) {
      for (const name of ['resendInvite', 'revokeInvite'])
        expect((await send(person, name, { id: sent.id })).kind).toBe('NOT_FOUND')
    }
  })

  test('P13 invites are listed by status', async () => {
    const tenant = await world.tenant()
    const [revoked] = await invite(tenant, [
      { email: freshEmail(tenant), role: 'MEMBER' },
      { email: freshEmail(tenant), role: 'MEMBER' },
    ])
    await send(tenant.owner, 'revokeInvite', { id: revoked?.invite?.id })
    const counts = async () => {
      const fields = ['PENDING', 'EXPIRED', 'REVOKED', 'ACCEPTED']
        .map((status) => `${status}: invites(status: ${status}) { totalCount }`)
        .join(' ')
      const { data } = await app.current.run<{ organization: Record<string, { totalCount: number }> }>(
        `query ($id: ID!) { organization(id: $id) { ${fields} } }`,
        { id: tenant.id },
        tenant.owner.token,
      )
      return Object.fromEntries(
        Object.entries(data.organization).map(([status, { totalCount }]) => [status, totalCount]),
      )
    }
    expect(await counts()).toEqual({ PENDING: 1, EXPIRED: 0, REVOKED: 1, ACCEPTED: 0 })
    app.current.clock.advance(8 * DAY)
    expect(await counts()).toEqual({ PENDING: 0, EXPIRED: 1, REVOKED: 1, ACCEPTED: 0 })
  })
})
