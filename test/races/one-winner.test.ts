import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { mailsTo, tokenIn, waitForMail } from '../kit/mail.ts'
import type { Person, Tenant } from '../kit/world.ts'
import { type Call, type Outcome, tally, times, useRaces } from './race-kit.ts'

const races = useRaces()
const fresh = (name: string) => `${name}-${randomBytes(4).toString('hex')}`

const distinct = (values: unknown[]): number => new Set(values).size

/** The field `name` of every payload. */
const fieldOf = (outcomes: Outcome[], name: string) =>
  outcomes.flatMap(({ result }) => (result?.[name] ? [result[name] as Record<string, string>] : []))

describe('W3, lesson 14: workspace keys', () => {
  const create = (tenant: Tenant, by: Person, fields: Record<string, unknown>): Call => ({
    mutation: 'createWorkspace',
    input: { organizationId: tenant.id, ...fields },
    token: by.token,
    fields: 'workspace { id key databaseName }',
  })

  test('of 20 workspaces of one key, one is created and 19 are told that it is taken', async () => {
    const tenant = await races.world.tenant()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    const outcomes = await races.race(
      times(20, (index) =>
        create(tenant, index % 4 < 2 ? tenant.owner : manager, { name: `W ${index}`, key: 'wanted' }),
      ),
    )
    expect(tally(outcomes)).toEqual({ CreateWorkspacePayload: 1, KeyTaken: 19 })
    const { db } = races.app.services
    const { organizationId } = tenant
    expect(await db.workspace.count({ where: { organizationId, key: 'wanted' } })).toBe(1)
    // The refused ones have left nothing behind: no event, no owner.
    expect(await db.event.count({ where: { organizationId, type: 'workspace.created' } })).toBe(2)
    expect(await db.workspaceMember.count({ where: { organizationId } })).toBe(2)
  })

  test('20 workspaces of one name all get a key and a database name of their own', async () => {
    const tenant = await races.world.tenant()
    const outcomes = await races.race(times(20, () => create(tenant, tenant.owner, { name: 'Same name' })))
    expect(tally(outcomes)).toEqual({ CreateWorkspacePayload: 20 })
    const created = fieldOf(outcomes, 'workspace')
    expect(distinct(created.map(({ key }) => key))).toBe(20)
    expect(distinct(created.map(({ databaseName }) => databaseName))).toBe(20)
  })

  test('one key in two organizations is no conflict', async () => {
    const tenants = await Promise.all(times(4, () => races.world.tenant()))
    const outcomes = await races.race(tenants.map((it) => create(it, it.owner, { name: 'W', key: 'shared' })))
    expect(tally(outcomes)).toEqual({ CreateWorkspacePayload: 4 })
  })
})

describe('lesson 14: slugs', () => {
  const create = (by: Person, fields: Record<string, unknown>): Call => ({
    mutation: 'createOrganization',
    input: fields,
    token: by.token,
    fields: 'organization { slug }',
  })

  test('of 10 organizations of one slug, one is created', async () => {
    const people = await Promise.all(times(10, () => races.world.person()))
    const slug = fresh('slug')
    const outcomes = await races.race(people.map((by) => create(by, { name: 'Same', slug })))
    expect(tally(outcomes)).toEqual({ CreateOrganizationPayload: 1, SlugTaken: 9 })
    const createdById = { in: people.map(({ userId }) => userId) }
    expect(await races.app.services.db.organization.count({ where: { createdById } })).toBe(1)
  })

  test('10 organizations of one name all get a slug of their own', async () => {
    const people = await Promise.all(times(10, () => races.world.person()))
    const name = fresh('Same name')
    const outcomes = await races.race(people.map((by) => create(by, { name })))
    expect(tally(outcomes)).toEqual({ CreateOrganizationPayload: 10 })
    expect(distinct(fieldOf(outcomes, 'organization').map(({ slug }) => slug))).toBe(10)
  })
})

describe('M11: invites', () => {
  const invite = (scopeId: string, by: Person, emails: string[], role = 'READ'): Call => ({
    mutation: 'createInvites',
    input: { scopeId, invites: emails.map((email) => ({ email, role })) },
    token: by.token,
    fields: 'results { email outcome }',
  })
  const accept = (token: string, by: Person): Call => ({
    mutation: 'acceptInvite',
    input: { token },
    token: by.token,
  })
  const outcomesOf = (outcomes: Outcome[]) =>
    outcomes.flatMap(({ result }) => {
      const results = (result?.results ?? []) as { outcome: string }[]
      return results.map(({ outcome }) => outcome)
    })

  async function invited(options: { verified?: boolean } = {}) {
    const tenant = await races.world.tenant()
    const person = await races.world.person(options)
    await races.race([invite(tenant.first.id, tenant.owner, [person.email])])
    return { tenant, person, token: tokenIn(await waitForMail(races.app, person.email)) }
  }

  test('lesson 13: 10 accepts by the same person are one', async () => {
    const { tenant, person, token } = await invited({ verified: false })
    const outcomes = await races.race(times(10, () => accept(token, person)))
    expect(tally(outcomes)).toEqual({ AcceptInvitePayload: 10 })
    const { db } = races.app.services
    const { organizationId } = tenant
    const { userId } = person
    expect(await db.workspaceMember.count({ where: { organizationId, userId } })).toBe(1)
    const events = await db.event.groupBy({ by: ['type'], where: { actorId: userId }, _count: true })
    expect(Object.fromEntries(events.map(({ type, _count }) => [type, _count]))).toEqual({
      'user.email_verified': 1,
      'invite.accepted': 1,
      'member.added': 2,
    })
  })

  test('invites to five workspaces, accepted at once, make one member of the organization', async () => {
    const tenant = await races.world.tenant()
    const person = await races.world.person()
    const workspaces = [tenant.first, ...(await Promise.all(times(4, () => tenant.workspace())))]
    for (const { id } of workspaces) await races.race([invite(id, tenant.owner, [person.email])])
    const tokens = await Promise.all(
      times(5, async (index) => tokenIn(await waitForMail(races.app, person.email, index + 1))),
    )
    const outcomes = await races.race(tokens.map((token) => accept(token, person)))
    expect(tally(outcomes)).toEqual({ AcceptInvitePayload: 5 })
    const { db } = races.app.services
    const { organizationId } = tenant
    const { userId } = person
    expect(await db.workspaceMember.count({ where: { organizationId, userId } })).toBe(5)
    const events = await db.event.groupBy({ by: ['type'], where: { actorId: userId }, _count: true })
    expect(Object.fromEntries(events.map(({ type, _count }) => [type, _count]))).toEqual({
      'invite.accepted': 5,
      'member.added': 6,
    })
  })

  test('of two people with one token, whom it was sent to wins', async () => {
    const { tenant, person, token } = await invited()
    const thief = await races.world.person()
    const outcomes = await races.race(times(10, (index) => accept(token, index % 3 === 0 ? person : thief)))
    expect(tally(outcomes)).toEqual({ AcceptInvitePayload: 4, WrongAccount: 6 })
    const members = await races.app.services.db.organizationMember.findMany({
      where: { organizationId: tenant.organizationId },
      select: { userId: true },
    })
    expect(members.map(({ userId }) => userId).sort()).toEqual([tenant.owner.userId, person.userId].sort())
  })

  test('lesson 7: of 10 invites to one address, one is new, the others renew it, and the last mail counts', async () => {
    const tenant = await races.world.tenant()
    const email = `${fresh('guest')}@example.com`
    const outcomes = await races.race(times(10, () => invite(tenant.first.id, tenant.owner, [email])))
    expect(outcomesOf(outcomes).sort()).toEqual(['INVITED', ...times(9, () => 'RESENT')])
    const { db } = races.app.services
    expect(await db.invite.count({ where: { organizationId: tenant.organizationId } })).toBe(1)
    // A mail that still waits is replaced by the next: there are as many as the workers were fast, and one more behind them.
    const queued = () => db.$queryRaw<unknown[]>`SELECT FROM graphile_worker.jobs WHERE key LIKE 'invite:%'`
    await expect.poll(queued).toEqual([])
    expect(outcomesOf(await races.race([invite(tenant.first.id, tenant.owner, [email])]))).toEqual(['RESENT'])
    await expect.poll(queued).toEqual([])
    const tokens = (await mailsTo(races.app, email)).map(tokenIn)
    expect(tokens.length).toBeGreaterThan(1)
    const guest = await races.world.person({ email })
    const accepted = await races.race(tokens.map((token) => accept(token, guest)))
    expect(tally(accepted)).toEqual({ AcceptInvitePayload: 1, InviteUnavailable: tokens.length - 1 })
  })

  test('lists of the same addresses in opposite order do not wait for each other for ever', async () => {
    const tenant = await races.world.tenant()
    const emails = times(8, (index) => `${fresh(`guest-${index}`)}@example.com`)
    const scopes = [tenant.first.id, (await tenant.workspace()).id]
    const outcomes = await races.race(
      times(12, (index) =>
        invite(
          String(scopes[Math.floor(index / 2) % 2]),
          tenant.owner,
          index % 4 < 2 ? emails : [...emails].reverse(),
        ),
      ),
    )
    expect(tally(outcomes)).toEqual({ CreateInvitesPayload: 12 })
    expect(outcomesOf(outcomes).filter((outcome) => outcome === 'INVITED')).toHaveLength(16)
  })

  test('accepting while the invite is renewed ends in one of two states', async () => {
    const pairs = await Promise.all(times(4, () => invited()))
    for (const { tenant, person, token } of pairs) {
      const [accepted, renewed] = await races.race([
        accept(token, person),
        invite(tenant.first.id, tenant.owner, [person.email]),
      ])
      const [outcome] = outcomesOf(renewed ? [renewed] : [])
      expect([
        ['AcceptInvitePayload', 'ALREADY_MEMBER'],
        ['InviteUnavailable', 'RESENT'],
      ]).toContainEqual([accepted?.kind, outcome])
    }
  })
})

describe('lesson 8: accounts', () => {
  test('of 6 sign-ups with one address, however it is written, one makes an account', async () => {
    const email = `${fresh('Ada')}@example.com`
    const outcomes = await races.race(
      times(6, (index) => ({
        mutation: 'signUp',
        input: {
          email: index % 2 === 0 ? email : email.toUpperCase(),
          password: 'correct horse',
          fullName: `Ada ${fresh('n')}`,
          organizationName: email,
        },
      })),
    )
    expect(tally(outcomes)).toEqual({ SignUpPayload: 1, EmailTaken: 5 })
    const { db } = races.app.services
    expect(await db.user.count({ where: { email } })).toBe(1)
    expect(await db.organization.count({ where: { name: email } })).toBe(1)
    await waitForMail(races.app, email)
  })
})

test('a storm of all writes in one organization: no deadlock and no failure reaches a client', async () => {
  const tenant = await races.world.tenant()
  const { owner, id } = tenant
  const workspaces = [tenant.first, await tenant.workspace(), await tenant.workspace()]
  const people = await Promise.all(times(4, () => tenant.member()))
  const token = owner.token
  const calls = times(120, (index): Call => {
    const scopeId = String(workspaces[index % 3]?.id)
    const userId = String(people[Math.floor(index / 7) % 4]?.id)
    const email = String(people[index % 4]?.email)
    const moves: Call[] = [
      { mutation: 'setMemberRole', input: { scopeId, userId, role: index % 2 ? 'WRITE' : 'ADMIN' }, token },
      { mutation: 'removeMember', input: { scopeId: id, userId }, token },
      { mutation: 'createInvites', input: { scopeId, invites: [{ email, role: 'READ' }] }, token },
      { mutation: 'createWorkspace', input: { organizationId: id, name: 'Same' }, token },
      { mutation: 'updateWorkspace', input: { id: scopeId, name: `Name ${index}` }, token },
      { mutation: 'setMemberRole', input: { scopeId: id, userId, role: 'WORKSPACE_MANAGER' }, token },
      { mutation: 'removeMember', input: { scopeId, userId }, token },
    ]
    return moves[index % 7] as Call
  })
  const answers = tally(await races.race(calls))
  const expected = [
    'SetMemberRolePayload',
    'RemoveMemberPayload',
    'CreateInvitesPayload',
    'CreateWorkspacePayload',
    'UpdateWorkspacePayload',
    'NotAMember',
    'NOT_FOUND',
  ]
  expect(Object.keys(answers).filter((kind) => !expected.includes(kind))).toEqual([])
  expect(answers.CreateWorkspacePayload).toBe(17)
  expect(answers.UpdateWorkspacePayload).toBe(17)
}, 60_000)
