import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { removeMember } from '../../../src/domains/member/remove-member.ts'
import { hashToken } from '../../../src/platform/secrets.ts'
import { useTestApp } from '../../kit/app.ts'
import { DAY } from '../../kit/clock.ts'
import { tokenIn, waitForMail } from '../../kit/mail.ts'
import { createWorld, type Person, type Tenant } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)
const address = () => `${randomBytes(6).toString('hex')}@example.com`

interface Outcome {
  email: string
  outcome: string
  message: string
  invite: { id: string; status: string; role: { key: string } } | null
}

/** Invites people to the first workspace, or elsewhere. */
async function invite(
  tenant: Tenant,
  invites: { email: string; role: string }[],
  options: { as?: Person; scopeId?: string; expiresInDays?: number } = {},
) {
  const { as = tenant.owner, scopeId = tenant.first.id, ...more } = options
  const { data, errors } = await app.current.run<{
    createInvites: { results?: Outcome[]; issues?: { path: string; message: string }[] } | null
  }>(
    `mutation($input: CreateInvitesInput!) { createInvites(input: $input) {
      ... on CreateInvitesPayload { results { email outcome message invite { id status role { key } } } }
      ... on ValidationError { issues { path message } } } }`,
    { input: { scopeId, invites, ...more } },
    as.token,
  )
  return {
    results: data.createInvites?.results ?? [],
    issues: data.createInvites?.issues ?? [],
    code: errors?.[0]?.extensions.code,
  }
}

async function accept(token: string, person: Person) {
  const { data, errors } = await app.current.run<{ acceptInvite: Record<string, unknown> | null }>(
    `mutation { acceptInvite(input: { token: "${token}" }) { __typename
      ... on AcceptInvitePayload { invite { id status } scope { __typename id viewerAccess viewerRole { key } } }
      ... on InviteUnavailable { reason } ... on WrongAccount { email message } } }`,
    {},
    person.token,
  )
  expect(errors).toBeUndefined()
  return data.acceptInvite
}

async function preview(token: string) {
  const { data, errors } = await app.current.run<{ invite: Record<string, unknown> | null }>(
    `{ invite(token: "${token}") { email organizationName workspaceName roleName inviterName status expiresAt } }`,
  )
  return { seen: data.invite, code: errors?.[0]?.extensions.code }
}

const tokenFor = async (email: string, nth = 1) => tokenIn(await waitForMail(app.current, email, nth))

/** Somebody new with an open invite to the first workspace of a tenant. */
async function invited(
  role = 'READ',
  options: { verified?: boolean; as?: (tenant: Tenant) => Promise<Person> } = {},
) {
  const tenant = await world().tenant()
  const invitee = await world().person({ verified: options.verified ?? true })
  const inviter = (await options.as?.(tenant)) ?? tenant.owner
  const { results } = await invite(tenant, [{ email: invitee.email, role }], { as: inviter })
  return { tenant, invitee, inviter, inviteId: results[0]?.invite?.id, token: await tokenFor(invitee.email) }
}

describe('M11 lesson 12: an outcome for each address', () => {
  test('INVITED, ADDED, ALREADY_MEMBER, RESENT and REFUSED, in the order of the input', async () => {
    const tenant = await world().tenant()
    const [member, reader, admin] = [
      await tenant.member(),
      await tenant.grantee(tenant.first.workspaceId, 'READ'),
      await tenant.grantee(tenant.first.workspaceId, 'ADMIN'),
    ]
    const [email, elsewhere] = [address(), (await world().tenant()).owner.email]
    const wanted = [
      { email: ` ${email.toUpperCase()} `, role: 'editor' },
      { email: member.email, role: 'WRITE' },
      { email: reader.email, role: 'ADMIN' },
      { email: elsewhere, role: 'READ' },
      { email: address(), role: 'OWNER' },
    ]
    const { results } = await invite(tenant, wanted, { as: admin })
    expect(results.map((one) => [one.email, one.outcome, one.invite?.status ?? null])).toEqual([
      [email, 'INVITED', 'PENDING'],
      [member.email, 'ADDED', null],
      [reader.email, 'ALREADY_MEMBER', null],
      [elsewhere, 'INVITED', 'PENDING'],
      [wanted[4]?.email, 'REFUSED', null],
    ])
    expect(results.every(({ message }) => message.endsWith('.'))).toBe(true)
    const { data } = await app.current.run<{
      workspace: { members: { nodes: { user: { email: string }; role: { key: string } }[] } }
    }>(
      `{ workspace(id: "${tenant.first.id}") { members { nodes { user { email } role { key } } } } }`,
      {},
      tenant.owner.token,
    )
    const roles = Object.fromEntries(
      data.workspace.members.nodes.map(({ user, role }) => [user.email, role.key]),
    )
    expect(roles).toMatchObject({ [member.email]: 'WRITE', [reader.email]: 'READ' })
  })

  test('lesson 7: inviting again is RESENT: one invite, a new token and role and time, and the old link is void', async () => {
    const { tenant, invitee, inviteId, token } = await invited()
    const { results } = await invite(tenant, [{ email: invitee.email.toUpperCase(), role: 'WRITE' }], {
      expiresInDays: 30,
    })
    expect(results).toMatchObject([{ outcome: 'RESENT', invite: { id: inviteId, role: { key: 'WRITE' } } }])
    const renewed = await tokenFor(invitee.email, 2)
    expect(renewed).not.toBe(token)
    expect(await accept(token, invitee)).toMatchObject({ __typename: 'InviteUnavailable', reason: 'UNKNOWN' })
    expect(await accept(renewed, invitee)).toMatchObject({ scope: { viewerAccess: 'WRITE' } })
  })

  test('a bad address, a role that there is not, or a repeated address: then nobody is invited', async () => {
    const tenant = await world().tenant()
    const good = { email: address(), role: 'READ' }
    const cases: [{ email: string; role: string }[], string][] = [
      [[good, { email: 'nobody', role: 'READ' }], 'invites.1.email'],
      [[good, { email: address(), role: 'emperor' }], 'invites.1.role'],
      [[good, { email: address(), role: 'WORKSPACE_MANAGER' }], 'invites.1.role'],
      [[good, { ...good, email: good.email.toUpperCase() }], 'invites.1.email'],
      [[], 'invites'],
      [Array.from({ length: 101 }, () => ({ email: address(), role: 'READ' })), 'invites'],
    ]
    for (const [invites, path] of cases) {
      expect(
        (await invite(tenant, invites)).issues.map((issue) => issue.path),
        path,
      ).toEqual([path])
    }
    expect((await invite(tenant, [good], { expiresInDays: 31 })).issues[0]?.path).toBe('expiresInDays')
    expect(
      await app.current.services.db.invite.count({ where: { organizationId: tenant.organizationId } }),
    ).toBe(0)
  })

  test('lesson 12: somebody who has an account is invited like anybody, and told nothing about others', async () => {
    const tenant = await world().tenant()
    const known = await world().person({ verified: false })
    const { results } = await invite(
      tenant,
      [known.email, address()].map((email) => ({ email, role: 'READ' })),
    )
    expect(results.map(({ outcome }) => outcome)).toEqual(['INVITED', 'INVITED'])
  })
})

describe('lessons 10 and 11: who sees what of an invite', () => {
  test('the token is in the mail alone: not in the database, the lists, the log or the jobs', async () => {
    const { tenant, token, inviteId } = await invited()
    const { db } = app.current.services
    const rows = await db.$queryRaw<{ found: number }[]>`
      SELECT ((SELECT count(*) FROM invite i WHERE i::text LIKE '%' || ${token} || '%')
        + (SELECT count(*) FROM event e WHERE e::text LIKE '%' || ${token} || '%' OR e::text LIKE '%' || ${hashToken(token)} || '%')
        + (SELECT count(*) FROM graphile_worker._private_jobs j WHERE j::text LIKE '%' || ${token} || '%'))::int AS found`
    expect(rows).toEqual([{ found: 0 }])
    expect(await db.invite.count({ where: { tokenHash: hashToken(token) } })).toBe(1)
    const { data } = await app.current.run(
      `{ workspace(id: "${tenant.first.id}") { invites { nodes { id email status role { key } scopeName invitedBy { id } } } } node(id: "${inviteId}") { ... on Invite { status } } }`,
      {},
      tenant.owner.token,
    )
    expect(data).toMatchObject({
      workspace: { invites: { nodes: [{ id: inviteId, status: 'PENDING', scopeName: 'General' }] } },
      node: { status: 'PENDING' },
    })
    expect(JSON.stringify(data)).not.toContain(token)
    // Without SMTP the mail itself is a file, and the line that tells of it has its link (api.md).
    const lines = app.current.logs.filter((line) => line.includes(token))
    expect(lines.filter((line) => !('file' in JSON.parse(line)))).toEqual([])
  })

  test('who holds the token sees what it offers, without signing in; nothing for any other token', async () => {
    const { tenant, invitee, token } = await invited('editor')
    const { name } = await app.current.services.db.organization.findUniqueOrThrow({
      where: { id: tenant.organizationId },
    })
    expect((await preview(token)).seen).toMatchObject({
      email: invitee.email,
      organizationName: name,
      workspaceName: 'General',
      roleName: 'Workspace Editor',
      inviterName: tenant.owner.fullName,
      status: 'PENDING',
    })
    expect(await preview(`${token}x`)).toEqual({ seen: null, code: 'NOT_FOUND' })
    await app.current.services.db.workspace.update({
      where: { id: tenant.first.workspaceId },
      data: { deletedAt: new Date() },
    })
    expect(await preview(token)).toEqual({ seen: null, code: 'NOT_FOUND' })
  })

  test('lesson 9: the invitee sees it in their own list once their address is verified, and not before', async () => {
    const { invitee, inviteId } = await invited()
    const mine = (token: string) =>
      app.current.run('{ viewer { invites { nodes { id scope { id } scopeName } } } }', {}, token)
    expect((await mine(invitee.token)).data).toEqual({
      viewer: { invites: { nodes: [{ id: inviteId, scope: null, scopeName: 'General' }] } },
    })
    const unverified = await invited('READ', { verified: false })
    const refused = await mine(unverified.invitee.token)
    expect(refused.data).toEqual({ viewer: { invites: null } })
    expect(refused.errors?.[0]?.extensions.code).toBe('ACCOUNT_NOT_VERIFIED')
  })
})

describe('M11 accepting', () => {
  test('T2 lesson 9: gives the role, and verifies the address that the token came to', async () => {
    const { tenant, invitee, inviteId, token } = await invited('WRITE', { verified: false })
    expect(await accept(token, invitee)).toEqual({
      __typename: 'AcceptInvitePayload',
      invite: { id: inviteId, status: 'ACCEPTED' },
      scope: {
        __typename: 'Workspace',
        id: tenant.first.id,
        viewerAccess: 'WRITE',
        viewerRole: { key: 'WRITE' },
      },
    })
    const { data } = await app.current.run(
      `{ viewer { user { emailVerified } organizations { nodes { id viewerRole { key } } } } }`,
      {},
      invitee.token,
    )
    expect(data).toEqual({
      viewer: {
        user: { emailVerified: true },
        organizations: { nodes: [{ id: tenant.id, viewerRole: { key: 'MEMBER' } }] },
      },
    })
    expect((await preview(token)).seen).toMatchObject({ status: 'ACCEPTED' })
  })

  test('lesson 13: once more is answered like the first time; by another account it says which one is meant', async () => {
    const { invitee, token } = await invited()
    const other = await world().person()
    const wrong = await accept(token, other)
    expect(wrong).toMatchObject({ __typename: 'WrongAccount', email: invitee.email })
    expect(wrong?.message).toContain(invitee.email)
    const first = await accept(token, invitee)
    expect(first).toMatchObject({ __typename: 'AcceptInvitePayload' })
    expect(await accept(token, invitee)).toEqual(first)
    const both = await invited()
    const answers = await Promise.all([accept(both.token, both.invitee), accept(both.token, both.invitee)])
    expect(answers.map((answer) => answer?.__typename)).toEqual([
      'AcceptInvitePayload',
      'AcceptInvitePayload',
    ])
    expect(
      await app.current.services.db.event.count({
        where: { organizationId: both.tenant.organizationId, type: 'invite.accepted' },
      }),
    ).toBe(1)
  })

  test('lesson 8: an address in another case is the same one', async () => {
    const tenant = await world().tenant()
    const email = address()
    const invitee = await world().person({
      email: `${email.slice(0, 1).toUpperCase()}${email.slice(1, 6).toUpperCase()}${email.slice(6)}`,
    })
    await invite(tenant, [{ email: email.toUpperCase(), role: 'READ' }])
    expect(await accept(await tokenFor(email), invitee)).toMatchObject({ __typename: 'AcceptInvitePayload' })
  })

  test('lesson 4: void when the inviter may not give the role any more: demoted, or gone', async () => {
    const demoted = await invited('ADMIN', {
      as: (tenant) => tenant.grantee(tenant.first.workspaceId, 'ADMIN'),
    })
    await demoted.tenant.grant(
      demoted.inviter,
      { kind: 'Workspace', id: demoted.tenant.first.workspaceId },
      'WRITE',
    )
    expect(await accept(demoted.token, demoted.invitee)).toMatchObject({
      __typename: 'InviteUnavailable',
      reason: 'WITHDRAWN',
    })
    const gone = await invited('READ', { as: (tenant) => tenant.member('ADMIN') })
    const scope = { kind: 'Organization', id: gone.tenant.organizationId } as const
    await removeMember(await gone.tenant.owner.caller(), { scope, userId: gone.inviter.userId })
    expect(await accept(gone.token, gone.invitee)).toMatchObject({ reason: 'WITHDRAWN' })
    // Somebody else invites again: then it counts.
    await invite(gone.tenant, [{ email: gone.invitee.email, role: 'READ' }])
    expect(await accept(await tokenFor(gone.invitee.email, 2), gone.invitee)).toMatchObject({
      __typename: 'AcceptInvitePayload',
    })
  })

  test('nobody is lowered by an invite, and everybody may be raised', async () => {
    const { tenant, invitee, token } = await invited('READ')
    await tenant.grant(invitee, { kind: 'Workspace', id: tenant.first.workspaceId }, 'ADMIN')
    expect(await accept(token, invitee)).toMatchObject({ scope: { viewerAccess: 'ADMIN' } })
    const raised = await invited('WRITE')
    await raised.tenant.grant(
      raised.invitee,
      { kind: 'Workspace', id: raised.tenant.first.workspaceId },
      'READ',
    )
    expect(await accept(raised.token, raised.invitee)).toMatchObject({ scope: { viewerAccess: 'WRITE' } })
  })

  test('an invite to the organization itself', async () => {
    const tenant = await world().tenant()
    const invitee = await world().person()
    const { results } = await invite(tenant, [{ email: invitee.email, role: 'manager' }], {
      scopeId: tenant.id,
    })
    expect(results[0]).toMatchObject({ outcome: 'INVITED', invite: { role: { key: 'WORKSPACE_MANAGER' } } })
    expect(await accept(await tokenFor(invitee.email), invitee)).toMatchObject({
      scope: { __typename: 'Organization', id: tenant.id, viewerAccess: null },
    })
  })

  test('a deleted workspace takes its invites with it', async () => {
    const { tenant, invitee, token } = await invited()
    await app.current.services.db.workspace.update({
      where: { id: tenant.first.workspaceId },
      data: { deletedAt: new Date() },
    })
    expect(await accept(token, invitee)).toMatchObject({ __typename: 'InviteUnavailable', reason: 'REVOKED' })
  })

  // Last of this file: it moves the clock for whatever follows.
  test('an invite lasts 7 days, or as many as were given, and then it has expired', async () => {
    const [week, long] = [await invited(), await world().person()]
    await invite(week.tenant, [{ email: long.email, role: 'READ' }], { expiresInDays: 30 })
    const longToken = await tokenFor(long.email)
    app.current.clock.advance(7 * DAY - 60_000)
    expect((await preview(week.token)).seen).toMatchObject({ status: 'PENDING' })
    app.current.clock.advance(120_000)
    expect((await preview(week.token)).seen).toMatchObject({ status: 'EXPIRED' })
    expect(await accept(week.token, week.invitee)).toMatchObject({
      __typename: 'InviteUnavailable',
      reason: 'EXPIRED',
    })
    const { data } = await app.current.run('{ viewer { invites { totalCount } } }', {}, week.invitee.token)
    expect(data).toEqual({ viewer: { invites: { totalCount: 0 } } })
    expect(await accept(longToken, long)).toMatchObject({ __typename: 'AcceptInvitePayload' })
    const again = await invite(week.tenant, [{ email: week.invitee.email, role: 'READ' }])
    expect(again.results).toMatchObject([
      { outcome: 'RESENT', invite: { id: week.inviteId, status: 'PENDING' } },
    ])
    expect(await accept(await tokenFor(week.invitee.email, 2), week.invitee)).toMatchObject({
      __typename: 'AcceptInvitePayload',
    })
  })
})
