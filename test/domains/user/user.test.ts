import { describe, expect, test } from 'vitest'
import { makePlatformAdmin } from '../../../src/domains/user/make-platform-admin.ts'
import { openTestApp } from '../../kit/app.ts'
import { tokenIn } from '../../kit/mail.ts'
import { createWorld, type Person } from '../../kit/world.ts'
import { bearer, freshEmail, useIdentity } from '../identity/identity-kit.ts'

const kit = useIdentity()
const world = () => createWorld(kit.app)
const admin = () => world().person({ platformAdmin: true })
const WHO = '{ viewer { user { email } } }'

type Result = { __typename: string; organizations?: { name: string }[] } & Record<string, unknown>

/** Sends one mutation; answers its result, or the code by which it was refused. */
async function send(
  call: string,
  input: Record<string, unknown>,
  by: { token: string },
  app = kit.app,
): Promise<Result & { code: string | null }> {
  const Name = call[0]?.toUpperCase() + call.slice(1)
  const fields: Record<string, string> = {
    createUser: 'user { id email fullName emailVerified platformRole }',
    updateUser: 'user { id email fullName emailVerified platformRole suspendedAt }',
    deleteUser: 'deletedUserId',
    closeAccount: 'closedUserId',
  }
  const names = ['deleteUser', 'closeAccount'].includes(call)
    ? '... on SoleOwner { organizations { name } }'
    : ''
  const { data, errors } = await app.run<Record<string, Result | null>>(
    `mutation ($input: ${Name}Input!) { ${call}(input: $input) { __typename
      ... on ${Name}Payload { ${fields[call]} } ... on Error { message } ${names} } }`,
    { input },
    by.token,
  )
  const code = errors?.[0]?.extensions.code ?? null
  return { ...(data[call] ?? { __typename: '' }), code }
}

const signIn = (email: string, password: string) =>
  kit.app.run<{ signIn: { __typename: string; token?: string } }>(
    'mutation ($email: String!, $password: String!) { signIn(input: { email: $email, password: $password }) { __typename ... on SignInPayload { token } } }',
    { email, password },
  )

const codeOf = async (document: string, token: string) =>
  (await kit.app.run(document, {}, token)).errors?.[0]?.extensions.code ?? null

describe('T4 the list of people', () => {
  test('T4 is for platform administrators, who find anybody; a look is in the audit log', async () => {
    const root = await admin()
    const person = await world().person()
    const query = `query ($id: ID!, $search: String) { admin {
      user(id: $id) { email suspendedAt }
      users(search: $search, first: 5) { totalCount nodes { id email } } } }`
    const variables = { id: person.id, search: person.email.slice(0, 8).toUpperCase() }
    const { data } = await kit.app.run<unknown>(query, variables, root.token)
    expect(data).toEqual({
      admin: {
        user: { email: person.email, suspendedAt: null },
        users: { totalCount: 1, nodes: [{ id: person.id, email: person.email }] },
      },
    })
    expect((await kit.eventsOf(root.userId)).filter((type) => type === 'admin.accessed')).toHaveLength(2)
    const refused = await kit.app.run<unknown>(query, variables, person.token)
    expect(refused).toMatchObject({
      data: { admin: null },
      errors: [{ extensions: { code: 'FORBIDDEN', permission: 'platform:admin' } }],
    })
  })

  test('T3 nobody but a platform administrator changes accounts', async () => {
    const { owner } = await world().tenant()
    const other = await world().person()
    const fresh = { email: freshEmail(), fullName: 'Eve', password: 'long enough', platformRole: 'ADMIN' }
    expect((await send('createUser', fresh, owner)).code).toBe('FORBIDDEN')
    expect((await send('updateUser', { id: owner.id, platformRole: 'ADMIN' }, owner)).code).toBe('FORBIDDEN')
    expect((await send('deleteUser', { id: other.id }, owner)).code).toBe('FORBIDDEN')
    expect(await kit.app.services.db.user.count({ where: { email: fresh.email } })).toBe(0)
  })
})

describe('T4 createUser', () => {
  test('T4 makes an account that can sign in, with a mail to verify the address', async () => {
    const root = await admin()
    const email = freshEmail()
    const made = await send(
      'createUser',
      { email: email.toUpperCase(), fullName: 'Grace', password: 'long enough' },
      root,
    )
    expect(made).toMatchObject({
      __typename: 'CreateUserPayload',
      user: { email, fullName: 'Grace', emailVerified: false, platformRole: 'USER' },
    })
    expect((await signIn(email, 'long enough')).data.signIn.__typename).toBe('SignInPayload')
    expect(tokenIn(await kit.mailTo(email))).toBeTruthy()
    const again = await send('createUser', { email, fullName: 'Grace', password: 'long enough' }, root)
    expect(again.__typename).toBe('EmailTaken')
    expect(await kit.eventsOf(root.userId)).toEqual(['user.created'])
  })

  test('T4 the administrator may vouch for the address and give the platform role', async () => {
    const root = await admin()
    const made = await send(
      'createUser',
      {
        email: freshEmail(),
        fullName: 'Grace',
        password: 'long enough',
        platformRole: 'ADMIN',
        emailVerified: true,
      },
      root,
    )
    expect(made).toMatchObject({ user: { emailVerified: true, platformRole: 'ADMIN' } })
  })
})

describe('T4 updateUser', () => {
  test('T4 changes name and address; a new address is to be verified, and old reset links are void', async () => {
    const root = await admin()
    const joined = await kit.join()
    const { userId } = joined
    const { db } = kit.app.services
    const id = (
      await kit.app.run<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }', {}, joined.token)
    ).data.viewer.user.id
    await db.user.update({ where: { id: userId }, data: { emailVerified: true } })
    await kit.app.run(
      'mutation ($email: String!) { requestPasswordReset(input: { email: $email }) { __typename } }',
      { email: joined.email },
    )
    const reset = tokenIn(await kit.mailTo(joined.email, /new password/))
    const email = freshEmail()
    expect(await send('updateUser', { id, fullName: 'Ada King', email }, root)).toMatchObject({
      user: { fullName: 'Ada King', email, emailVerified: false },
    })
    const { data } = await kit.app.run<{ resetPassword: { __typename: string } }>(
      'mutation ($token: String!) { resetPassword(input: { token: $token, newPassword: "battery staple" }) { __typename } }',
      { token: reset },
    )
    expect(data.resetPassword.__typename).toBe('InvalidToken')
    const taken = await send('updateUser', { id, email: root.email.toUpperCase() }, root)
    expect(taken.__typename).toBe('EmailTaken')
    expect((await send('updateUser', { id: `${id.slice(0, -4)}AAAA`, fullName: 'X' }, root)).code).toMatch(
      /NOT_FOUND|BAD_USER_INPUT/,
    )
  })

  test('T4 a suspension ends sessions and tokens at once, and the person can not sign in until it ends', async () => {
    const root = await admin()
    const { email, token } = await kit.join()
    const { data } = await kit.app.run<{
      createAccessToken: { secret: string }
      viewer: { user: { id: string } }
    }>(
      'mutation { createAccessToken(input: { name: "CI" }) { ... on CreateAccessTokenPayload { secret } } }',
      {},
      token,
    )
    const me = await kit.app.run<{ viewer: { user: { id: string } } }>(
      '{ viewer { user { id } } }',
      {},
      token,
    )
    const { id } = me.data.viewer.user
    const suspended = await send('updateUser', { id, suspended: true }, root)
    expect(suspended).toMatchObject({ user: { suspendedAt: expect.any(String) } })
    expect(await codeOf(WHO, token)).toBe('UNAUTHENTICATED')
    expect(await codeOf(WHO, data.createAccessToken.secret)).toBe('UNAUTHENTICATED')
    expect((await signIn(email, 'correct horse')).data.signIn.__typename).toBe('InvalidCredentials')
    expect(await send('updateUser', { id, suspended: false }, root)).toMatchObject({
      user: { suspendedAt: null },
    })
    expect(await codeOf(WHO, token)).toBe('UNAUTHENTICATED')
    expect((await signIn(email, 'correct horse')).data.signIn.__typename).toBe('SignInPayload')
    expect(await kit.eventsOf(root.userId)).toEqual([
      'user.updated',
      'session.ended',
      'token.revoked',
      'user.updated',
    ])
  })
})

describe('T4 deleteUser', () => {
  test('T4 takes memberships, sessions and tokens along; what the person made stays', async () => {
    const root = await admin()
    const tenant = await world().tenant()
    const leaver = await tenant.member('ADMIN')
    const { workspaceId } = await tenant.workspace()
    const { db } = kit.app.services
    await db.workspace.update({ where: { id: workspaceId }, data: { createdById: leaver.userId } })
    expect(await send('deleteUser', { id: leaver.id }, root)).toMatchObject({ deletedUserId: leaver.id })
    expect(await codeOf(WHO, leaver.token)).toBe('UNAUTHENTICATED')
    expect(await db.workspace.findUnique({ where: { id: workspaceId } })).toMatchObject({ createdById: null })
    expect(await db.organizationMember.count({ where: { userId: leaver.userId } })).toBe(0)
    const events = await db.event.findMany({
      where: { actorId: root.userId },
      orderBy: [{ createdAt: 'asc' }],
      select: { type: true, organizationId: true },
    })
    expect(events).toEqual(
      expect.arrayContaining([
        { type: 'member.removed', organizationId: tenant.organizationId },
        { type: 'session.ended', organizationId: null },
        { type: 'user.deleted', organizationId: null },
      ]),
    )
    expect((await send('deleteUser', { id: leaver.id }, root)).code).toBe('NOT_FOUND')
  })

  test('lesson 2: a sole owner can not be deleted, the organizations are named; an heir resolves it', async () => {
    const root = await admin()
    const tenant = await world().tenant()
    const heir = await world().person()
    const { db } = kit.app.services
    const { name } = await db.organization.findUniqueOrThrow({ where: { id: tenant.organizationId } })
    const refused = await send('deleteUser', { id: tenant.owner.id }, root)
    expect(refused).toMatchObject({ __typename: 'SoleOwner', organizations: [{ name }] })
    expect(await codeOf(WHO, tenant.owner.token)).toBeNull()
    expect(await kit.eventsOf(root.userId)).toEqual([])
    const given = await send('deleteUser', { id: tenant.owner.id, transferOwnershipTo: heir.id }, root)
    expect(given.__typename).toBe('DeleteUserPayload')
    const owners = await db.organizationMember.findMany({
      where: { organizationId: tenant.organizationId, role: { level: 'OWNER' } },
    })
    expect(owners.map(({ userId }) => userId)).toEqual([heir.userId])
  })

  test('lesson 2: an owner who is suspended does not count, nor does one as heir', async () => {
    const root = await admin()
    const tenant = await world().tenant()
    const other = await tenant.member('OWNER')
    await send('updateUser', { id: other.id, suspended: true }, root)
    const { owner } = tenant
    expect((await send('deleteUser', { id: owner.id }, root)).__typename).toBe('SoleOwner')
    for (const transferOwnershipTo of [other.id, owner.id]) {
      const refused = await send('deleteUser', { id: owner.id, transferOwnershipTo }, root)
      expect(refused.__typename).toBe('ValidationError')
    }
    await send('updateUser', { id: other.id, suspended: false }, root)
    expect((await send('deleteUser', { id: owner.id }, root)).__typename).toBe('DeleteUserPayload')
  })

  test('lesson 2: two owners who are deleted at once leave one of them', async () => {
    const roots = await Promise.all([admin(), admin()])
    const tenant = await world().tenant()
    const other = await tenant.member('OWNER')
    const [first, second] = await Promise.all(
      [tenant.owner, other].map((person, nth) => send('deleteUser', { id: person.id }, roots[nth] as Person)),
    )
    expect([first?.__typename, second?.__typename].sort()).toEqual(['DeleteUserPayload', 'SoleOwner'])
  })

  test('M12 an organization that its owner makes meanwhile does not become ownerless', async () => {
    const root = await admin()
    const { db } = kit.app.services
    for (let round = 0; round < 5; round++) {
      const person = await world().person()
      const [, deleted] = await Promise.all([
        kit.app.run(
          'mutation { createOrganization(input: { name: "Late" }) { __typename } }',
          {},
          person.token,
        ),
        send('deleteUser', { id: person.id }, root),
      ])
      expect(['DeleteUserPayload', 'SoleOwner']).toContain(deleted.__typename)
    }
    const ownerless = await db.organization.count({
      where: { organizationMembers: { none: { role: { level: 'OWNER' } } } },
    })
    expect(ownerless).toBe(0)
  })
})

describe('T4 closeAccount', () => {
  test('T4 takes the password, and names the organizations that only the person owns', async () => {
    const { token, organizationId, userId } = await kit.join()
    expect(await send('closeAccount', { password: 'wrong' }, { token })).toMatchObject({
      __typename: 'InvalidCredentials',
    })
    const refused = await send('closeAccount', { password: 'correct horse' }, { token })
    expect(refused).toMatchObject({
      __typename: 'SoleOwner',
      organizations: [{ name: "Ada's organization" }],
    })
    const heir = await world().person()
    const { db } = kit.app.services
    const owner = await db.role.findFirstOrThrow({
      where: { organizationId, scope: 'ORGANIZATION', key: 'OWNER' },
    })
    await db.organizationMember.create({ data: { organizationId, userId: heir.userId, roleId: owner.id } })
    const response = await kit.app.app.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token) },
      body: JSON.stringify({
        query:
          'mutation { closeAccount(input: { password: "correct horse" }) { __typename } updateProfile(input: {}) { __typename } }',
      }),
    })
    expect(await response.json()).toMatchObject({
      data: { closeAccount: { __typename: 'CloseAccountPayload' }, updateProfile: null },
    })
    expect(response.headers.getSetCookie().join()).toContain('Max-Age=0')
    expect(await db.user.count({ where: { id: userId } })).toBe(0)
  })
})

describe('T3 the platform keeps an administrator', () => {
  test('lesson 2: the last one can not be demoted, suspended or deleted, nor close their account', async () => {
    const app = await openTestApp({ ADMIN_EMAIL: 'Root@Example.com' })
    try {
      const people = createWorld(app)
      const root = await people.person({ platformAdmin: true })
      const spare = await people.person()
      const last = { __typename: 'LastPlatformAdmin' }
      for (const patch of [{ platformRole: 'USER' }, { suspended: true }])
        expect(await send('updateUser', { id: root.id, ...patch }, root, app)).toMatchObject(last)
      expect(await send('deleteUser', { id: root.id }, root, app)).toMatchObject(last)
      const { password } = await app.auth.$context
      const hash = await password.hash('correct horse')
      await app.services.db.account.create({
        data: { providerId: 'credential', accountId: root.userId, userId: root.userId, password: hash },
      })
      expect(await send('closeAccount', { password: 'correct horse' }, root, app)).toMatchObject(last)
      expect(await app.services.db.event.count()).toBe(0)

      await send('updateUser', { id: spare.id, platformRole: 'ADMIN' }, root, app)
      const demoted = await Promise.all([
        send('updateUser', { id: spare.id, platformRole: 'USER' }, root, app),
        send('updateUser', { id: root.id, platformRole: 'USER' }, spare, app),
      ])
      const done = demoted.filter(({ __typename }) => __typename === 'UpdateUserPayload')
      expect(done).toHaveLength(1)
      expect(
        demoted.some(({ code, __typename }) => code === 'FORBIDDEN' || __typename === 'LastPlatformAdmin'),
      ).toBe(true)
      expect(await app.services.db.user.count({ where: { platformRole: 'ADMIN' } })).toBe(1)
    } finally {
      await app.close()
    }
  })

  test('T3 the address of ADMIN_EMAIL becomes one when it is verified, and by the command', async () => {
    const app = await openTestApp({ ADMIN_EMAIL: 'Root@Example.com', PUBLIC_URL: 'http://atrium.test' })
    try {
      const { db } = app.services
      const roleOf = async (email: string) =>
        (await db.user.findUniqueOrThrow({ where: { email } })).platformRole
      await app.run(
        'mutation { signUp(input: { email: "root@example.com", password: "correct horse", fullName: "Root" }) { __typename } }',
      )
      expect(await roleOf('root@example.com')).toBe('USER')
      const { waitForMail } = await import('../../kit/mail.ts')
      const token = tokenIn(await waitForMail(app, 'root@example.com'))
      await app.run('mutation ($token: String!) { verifyEmail(input: { token: $token }) { __typename } }', {
        token,
      })
      expect(await roleOf('root@example.com')).toBe('ADMIN')
      const other = await createWorld(app).person()
      expect(await makePlatformAdmin(db, other.email.toUpperCase())).toMatch(/administrator now\.$/)
      expect(await roleOf(other.email)).toBe('ADMIN')
      expect(await makePlatformAdmin(db, other.email)).toMatch(/already/)
      expect(await makePlatformAdmin(db, 'nobody@example.com')).toBeNull()
    } finally {
      await app.close()
    }
  })
})
