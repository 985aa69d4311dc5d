import { describe, expect, test } from 'vitest'
import { signUp } from '../../../src/domains/identity/sign-up.ts'
import { signUpByInvite } from '../../../src/domains/identity/sign-up-by-invite.ts'
import { createInvites } from '../../../src/domains/invite/create-invites.ts'
import { hashToken } from '../../../src/platform/secrets.ts'
import { tokenIn } from '../../kit/mail.ts'
import { bearer, freshEmail, useIdentity } from './identity-kit.ts'

const kit = useIdentity()

const person = (email: string) => ({ email, password: 'correct horse', fullName: 'Ada Lovelace' })

test('O17 creates person, organization and first workspace, and signs in', async () => {
  const email = freshEmail()
  const made = await signUp(await kit.callerOf(), {
    ...person(email),
    organizationName: 'Analytical Engines',
  })

  const { viewer } = await kit.read(bearer(made.token))
  expect(viewer).toMatchObject({ userId: made.userId, email, name: 'Ada Lovelace', emailVerified: false })
  expect(viewer?.organizations.get(made.organizationId)?.role.key).toBe('OWNER')
  const workspace = await kit.app.services.db.workspace.findUnique({ where: { id: made.workspaceId } })
  expect(workspace?.organizationId).toBe(made.organizationId)
  const organization = await kit.app.services.db.organization.findUnique({
    where: { id: made.organizationId },
  })
  expect(organization?.name).toBe('Analytical Engines')
})

test('O17 leaves nothing behind when the organization can not be created', async () => {
  const email = freshEmail()
  const { db } = kit.app.services
  await db.$executeRawUnsafe(`CREATE OR REPLACE FUNCTION refuse_doomed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF new.name = 'Doomed' THEN RAISE EXCEPTION 'doomed'; END IF; RETURN new; END $$`)
  await db.$executeRawUnsafe(
    'CREATE OR REPLACE TRIGGER refuse_doomed BEFORE INSERT ON organization FOR EACH ROW EXECUTE FUNCTION refuse_doomed()',
  )
  const refused = signUp(await kit.callerOf(), { ...person(email), organizationName: 'Doomed' })
  await expect(refused).rejects.toThrow('doomed')

  expect(await db.user.count({ where: { email } })).toBe(0)
  await kit.settle()
  expect(await kit.mailsTo(email)).toEqual([])
})

test('names the organization after the person when no name is given', async () => {
  const made = await signUp(await kit.callerOf(), person(freshEmail()))
  const organization = await kit.app.services.db.organization.findUnique({
    where: { id: made.organizationId },
  })
  expect(organization?.name).toBe("Ada Lovelace's organization")
})

test('lesson 8: refuses an address that has an account, however it is written', async () => {
  const email = freshEmail('Zoë')
  await signUp(await kit.callerOf(), person(email))
  const again = signUp(await kit.callerOf(), person(`  ${email.toUpperCase().normalize('NFD')} `))
  await expect(again).rejects.toMatchObject({ name: 'EmailTaken' })
})

test('of two sign-ups with one address at the same moment, one wins', async () => {
  const email = freshEmail()
  const caller = await kit.callerOf()
  const both = await Promise.allSettled([signUp(caller, person(email)), signUp(caller, person(email))])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const refused = both.find((outcome) => outcome.status === 'rejected')
  expect(refused?.reason).toMatchObject({ name: 'EmailTaken' })
})

test('names every field that breaks its limits', async () => {
  const refused = signUp(await kit.callerOf(), { email: 'nobody', password: 'short', fullName: ' ' })
  await expect(refused).rejects.toMatchObject({
    name: 'ValidationError',
    issues: [{ path: 'email' }, { path: 'password' }, { path: 'fullName' }],
  })
})

describe('M11 by an invite', () => {
  async function invited() {
    const owner = await kit.join()
    const { db } = kit.app.services
    await db.user.update({ where: { id: owner.userId }, data: { emailVerified: true } })
    const email = freshEmail('guest')
    await createInvites(await kit.callerOf(owner.userId), {
      scope: { kind: 'Workspace', id: owner.workspaceId },
      invites: [{ email, role: 'WRITE' }],
    })
    return { owner, email, token: tokenIn(await kit.mailTo(email)) }
  }
  const newcomer = { password: 'correct horse', fullName: 'Grace Hopper' }

  test('makes a verified person with the invited role and no organization of their own, signed in', async () => {
    const { owner, email, token } = await invited()
    const made = await signUpByInvite(await kit.callerOf(), { ...newcomer, token })
    expect(made).toMatchObject({ organizationId: owner.organizationId, workspaceId: owner.workspaceId })
    const { viewer } = await kit.read(bearer(made.token))
    expect(viewer).toMatchObject({ userId: made.userId, email, name: 'Grace Hopper', emailVerified: true })
    expect([...(viewer?.organizations.keys() ?? [])]).toEqual([owner.organizationId])
    const { db } = kit.app.services
    expect(await db.organization.count({ where: { createdById: made.userId } })).toBe(0)
    const [grant] = await db.workspaceMember.findMany({
      where: { userId: made.userId },
      select: { workspaceId: true, role: { select: { key: true } } },
    })
    expect(grant).toEqual({ workspaceId: owner.workspaceId, role: { key: 'WRITE' } })
    await kit.settle()
    // The invite alone: nobody has to verify what the invite has verified.
    expect(await kit.mailsTo(email)).toHaveLength(1)
    expect((await kit.eventsOf(made.userId)).sort()).toEqual(
      expect.arrayContaining(['invite.accepted', 'session.created', 'user.email_verified', 'user.signed_up']),
    )
  })

  test('leaves nobody behind when the invite can not be accepted', async () => {
    const { owner, email, token } = await invited()
    const { db } = kit.app.services
    await db.user.update({ where: { id: owner.userId }, data: { suspendedAt: new Date() } })
    const refused = signUpByInvite(await kit.callerOf(), { ...newcomer, token })
    await expect(refused).rejects.toMatchObject({ name: 'InviteUnavailable', reason: 'WITHDRAWN' })
    expect(await db.user.count({ where: { email } })).toBe(0)
    const unknown = signUpByInvite(await kit.callerOf(), { ...newcomer, token: 'unknown' })
    await expect(unknown).rejects.toMatchObject({ name: 'InviteUnavailable', reason: 'UNKNOWN' })
  })

  test('of two at the same moment, one wins; an address with an account signs in instead', async () => {
    const { token } = await invited()
    const caller = await kit.callerOf()
    const both = await Promise.allSettled([
      signUpByInvite(caller, { ...newcomer, token }),
      signUpByInvite(caller, { ...newcomer, token }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const again = await invited()
    await signUp(caller, person(again.email))
    const taken = signUpByInvite(caller, { ...newcomer, token: again.token })
    await expect(taken).rejects.toMatchObject({ name: 'EmailTaken' })
  })
})

describe('what the database keeps', () => {
  test('no session token, verification token or password in clear', async () => {
    const email = freshEmail()
    const { token } = await signUp(await kit.callerOf(), person(email))
    const { db } = kit.app.services
    expect(await db.session.count({ where: { token: hashToken(token) } })).toBe(1)
    const verification = tokenIn(await kit.mailTo(email))
    const rows = await kit.app.services.db.$queryRawUnsafe(
      `SELECT (SELECT count(*) FROM session WHERE token = $1)::int
            + (SELECT count(*) FROM graphile_worker._private_jobs WHERE payload::text LIKE '%' || $2 || '%')::int
            + (SELECT count(*) FROM event WHERE changes::text LIKE ANY (ARRAY['%' || $1 || '%', '%' || $2 || '%', '%correct horse%']))::int
            + (SELECT count(*) FROM account WHERE password LIKE '%correct horse%')::int AS found`,
      token,
      verification,
    )
    expect(rows).toEqual([{ found: 0 }])
  })

  test('E1 the events of a sign-up, in its own transaction', async () => {
    const made = await signUp(await kit.callerOf(), person(freshEmail()))
    const events = await kit.app.services.db.event.findMany({
      where: { actorId: made.userId },
      orderBy: { sequence: 'asc' },
    })
    const types = events.map(({ type }) => type)
    expect(types).toEqual(
      expect.arrayContaining(['user.signed_up', 'session.created', 'organization.created']),
    )
    expect(new Set(events.map(({ requestId }) => requestId))).toEqual(new Set(['test-request']))
  })
})
