import { describe, expect, test } from 'vitest'
import { allPermissions } from '../../../src/access/permissions.ts'
import { hashToken } from '../../../src/platform/secrets.ts'
import { DAY } from '../../kit/clock.ts'
import { createInside } from '../../kit/inside.ts'
import { createWorld, type Person } from '../../kit/world.ts'
import { bearer, until, useIdentity } from '../identity/identity-kit.ts'

const kit = useIdentity()
const world = () => createWorld(kit.app)

/** `organization:read` is `ORGANIZATION_READ` in GraphQL. */
const named = (permissions: readonly string[]) =>
  permissions.map((permission) => permission.toUpperCase().replace(':', '_'))

interface Created {
  __typename: string
  secret: string
  accessToken: { id: string; prefix: string; scopes: string[] | null }
  issues?: { path: string }[]
}

const CREATE = `mutation ($input: CreateAccessTokenInput!) { createAccessToken(input: $input) {
  __typename
  ... on CreateAccessTokenPayload { secret accessToken { id name prefix scopes expiresAt lastUsedAt createdAt } }
  ... on ValidationError { issues { path } }
} }`

async function create(person: Pick<Person, 'token'>, fields: Record<string, unknown> = {}): Promise<Created> {
  const { data, errors } = await kit.app.run<{ createAccessToken: Created }>(
    CREATE,
    { input: { name: 'CI', ...fields } },
    person.token,
  )
  expect(errors).toBeUndefined()
  return data.createAccessToken
}

/** The code of the only error, or null. */
async function codeOf(document: string, variables: Record<string, unknown>, token: string) {
  const { errors } = await kit.app.run(document, variables, token)
  return errors?.[0]?.extensions.code ?? null
}

const WHO = '{ viewer { user { email } } }'

describe('T6 a token without scopes', () => {
  test('T6 acts as its owner, is shown once and stored as a hash', async () => {
    const { owner, id } = await world().tenant()
    const { secret, accessToken } = await create(owner)
    expect(secret).toMatch(/^atr_[\w-]{43}$/)
    expect(accessToken).toMatchObject({
      name: 'CI',
      prefix: secret.slice(0, 10),
      scopes: null,
      expiresAt: null,
    })
    const { data } = await kit.app.run<{ viewer: unknown; organization: unknown }>(
      'query ($id: ID!) { viewer { user { email } } organization(id: $id) { viewerRole { key } viewerPermissions } }',
      { id },
      secret,
    )
    expect(data.viewer).toEqual({ user: { email: owner.email } })
    expect(data.organization).toMatchObject({ viewerRole: { key: 'OWNER' } })
    const row = await kit.app.services.db.accessToken.findFirstOrThrow({ where: { userId: owner.userId } })
    expect(row.tokenHash).toBe(hashToken(secret))
    expect(JSON.stringify(row)).not.toContain(secret.slice(12))
  })

  test('T6 is listed by its owner, and found by nobody else', async () => {
    const owner = await world().person()
    const stranger = await world().person({ platformAdmin: true })
    const { accessToken, secret } = await create(owner)
    const list = '{ viewer { accessTokens { totalCount nodes { id prefix } } } }'
    expect((await kit.app.run<unknown>(list, {}, owner.token)).data).toEqual({
      viewer: {
        accessTokens: { totalCount: 1, nodes: [{ id: accessToken.id, prefix: accessToken.prefix }] },
      },
    })
    const node = 'query ($id: ID!) { node(id: $id) { id } }'
    expect(await codeOf(node, { id: accessToken.id }, owner.token)).toBeNull()
    expect(await codeOf(node, { id: accessToken.id }, stranger.token)).toBe('NOT_FOUND')
    expect(await codeOf(node, { id: accessToken.id }, secret)).toBe('NOT_FOUND')
    expect(await codeOf(list, {}, secret)).toBe('FORBIDDEN')
  })

  test('T6 notes its last use, once a minute', async () => {
    const owner = await world().person()
    const { secret } = await create(owner)
    const { db } = kit.app.services
    const lastUse = async () =>
      (await db.accessToken.findFirstOrThrow({ where: { userId: owner.userId } })).lastUsedAt
    await kit.app.run(WHO, {}, secret)
    const first = await until(lastUse)
    await kit.app.run(WHO, {}, secret)
    kit.app.clock.advance(61_000)
    await kit.app.run(WHO, {}, secret)
    const second = await until(async () => {
      const now = await lastUse()
      return now && now > first ? now : null
    })
    expect(second.getTime() - first.getTime()).toBeGreaterThan(60_000)
  })

  test('T6 costs one statement, like a session', async () => {
    const owner = await world().person()
    const { secret } = await create(owner)
    await kit.read(bearer(secret))
    const { db } = kit.app.services
    await until(() =>
      db.accessToken.findFirst({ where: { userId: owner.userId, lastUsedAt: { not: null } } }),
    )
    kit.app.statements.length = 0
    await kit.read(bearer(secret))
    expect(kit.app.statements).toHaveLength(1)
  })

  test('T6 expires', async () => {
    const owner = await world().person()
    const { secret } = await create(owner, {
      expiresAt: new Date(kit.app.clock.now().getTime() + DAY).toISOString(),
    })
    expect(await codeOf(WHO, {}, secret)).toBeNull()
    kit.app.clock.advance(DAY)
    expect(await codeOf(WHO, {}, secret)).toBe('UNAUTHENTICATED')
    const past = await create(await world().person(), { expiresAt: '2020-01-01T00:00:00Z' })
    expect(past).toMatchObject({ __typename: 'ValidationError', issues: [{ path: 'expiresAt' }] })
  })

  test('T6 a revoked one is refused at the next request; a stranger can not revoke it', async () => {
    const owner = await world().person()
    const { secret, accessToken } = await create(owner)
    const revoke =
      'mutation ($id: ID!) { revokeAccessToken(input: { id: $id }) { ... on RevokeAccessTokenPayload { revokedAccessTokenId } } }'
    expect(await codeOf(revoke, { id: accessToken.id }, (await world().person()).token)).toBe('NOT_FOUND')
    expect(await codeOf(WHO, {}, secret)).toBeNull()
    const { data } = await kit.app.run<unknown>(revoke, { id: accessToken.id }, owner.token)
    expect(data).toEqual({ revokeAccessToken: { revokedAccessTokenId: accessToken.id } })
    expect(await codeOf(WHO, {}, secret)).toBe('UNAUTHENTICATED')
    expect(await codeOf(revoke, { id: accessToken.id }, owner.token)).toBe('NOT_FOUND')
    expect((await kit.eventsOf(owner.userId)).slice(-2)).toEqual(['token.created', 'token.revoked'])
  })

  test('T6 makes no tokens and changes no account, by no route', async () => {
    const { email, token } = await kit.join()
    const { secret } = await create({ token })
    const inputs = {
      'createAccessToken(input: { name: "more" })': 'FORBIDDEN',
      'changePassword(input: { currentPassword: "correct horse", newPassword: "battery staple" })':
        'FORBIDDEN',
      'updateProfile(input: { fullName: "Mallory" })': 'FORBIDDEN',
      'closeAccount(input: { password: "correct horse" })': 'FORBIDDEN',
      revokeOtherSessions: 'FORBIDDEN',
    }
    for (const [call, code] of Object.entries(inputs))
      expect(await codeOf(`mutation { ${call} { __typename } }`, {}, secret), call).toBe(code)
    const routes = {
      '/api/auth/change-password': { currentPassword: 'correct horse', newPassword: 'battery staple' },
      '/api/auth/update-user': { name: 'Mallory' },
    }
    for (const [path, body] of Object.entries(routes)) {
      const response = await kit.app.app.fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'http://atrium.test', ...bearer(secret) },
        body: JSON.stringify(body),
      })
      expect(response.status, path).toBe(403)
    }
    expect(await kit.app.services.db.user.count({ where: { email, name: 'Ada' } })).toBe(1)
  })

  test('T6 is dead while its owner is suspended, and after a new password', async () => {
    const { token, userId } = await kit.join()
    const { secret } = await create({ token })
    const { db } = kit.app.services
    await db.user.update({ where: { id: userId }, data: { suspendedAt: new Date() } })
    expect(await codeOf(WHO, {}, secret)).toBe('UNAUTHENTICATED')
    await db.user.update({ where: { id: userId }, data: { suspendedAt: null } })
    expect(await codeOf(WHO, {}, secret)).toBeNull()
    const change =
      'mutation { changePassword(input: { currentPassword: "correct horse", newPassword: "battery staple" }) { __typename } }'
    expect(await codeOf(change, {}, token)).toBeNull()
    expect(await codeOf(WHO, {}, secret)).toBe('UNAUTHENTICATED')
    expect(await codeOf(WHO, {}, token)).toBeNull()
  })

  test('lesson 16: is no more than its owner may do at that moment', async () => {
    const tenant = await world().tenant()
    const admin = await tenant.member('ADMIN')
    const { secret } = await create(admin)
    const rename =
      'mutation ($id: ID!) { updateWorkspace(input: { id: $id, name: "Renamed" }) { __typename } }'
    expect(await codeOf(rename, tenant.first, secret)).toBeNull()
    await tenant.grant(admin, { kind: 'Organization', id: tenant.organizationId }, 'MEMBER')
    expect(await codeOf(rename, tenant.first, secret)).toBe('NOT_FOUND')
  })

  test('T6 rubbish that looks like one is refused', async () => {
    expect(await codeOf(WHO, {}, `atr_${'x'.repeat(43)}`)).toBe('UNAUTHENTICATED')
    expect(await codeOf(WHO, {}, 'atr_')).toBe('UNAUTHENTICATED')
  })

  test('T6 one that is no good is told apart from none', async () => {
    const messageWith = async (token?: string) => (await kit.app.run(WHO, {}, token)).errors?.[0]?.message
    expect(await messageWith(`atr_${'x'.repeat(43)}`)).toMatch(
      /^The token of this request is unknown, has expired/,
    )
    expect(await messageWith()).toMatch(/^Sign in first/)
  })

  test('T6 one that is made while the session ends does not outlive it', async () => {
    const { token } = await kit.join()
    const change =
      'mutation { changePassword(input: { currentPassword: "correct horse", newPassword: "battery staple" }) { __typename } }'
    const other = await kit.app.run<{ signIn: { token: string } }>(
      'mutation ($email: String!) { signIn(input: { email: $email, password: "correct horse" }) { ... on SignInPayload { token } } }',
      { email: (await kit.read(bearer(token))).viewer?.email },
    )
    const attempts = Array.from({ length: 20 }, (_, nth) =>
      kit.app.run<{ createAccessToken: { secret?: string } | null }>(
        CREATE,
        { input: { name: `${nth}` } },
        other.data.signIn.token,
      ),
    )
    const [, ...answers] = await Promise.all([kit.app.run(change, {}, token), ...attempts])
    const secrets = answers.flatMap(({ data }) => data.createAccessToken?.secret ?? [])
    for (const secret of secrets) expect(await codeOf(WHO, {}, secret)).toBe('UNAUTHENTICATED')
  })
})

describe('T6 a token with scopes', () => {
  const READS = `query ($organization: ID!, $workspace: ID!) {
    organization(id: $organization) { name }
    workspace(id: $workspace) { name }
    viewer { organizations { totalCount } workspaces { totalCount } invites { totalCount } }
    organizationNode: node(id: $organization) { id }
    workspaceNode: node(id: $workspace) { id }
  }`

  async function read(scopes: string[]) {
    const tenant = await world().tenant()
    const { secret } = await create(tenant.owner, { scopes: named(scopes) })
    const { data } = await kit.app.run<Record<string, unknown>>(
      READS,
      { organization: tenant.id, workspace: tenant.first.id },
      secret,
    )
    const seen = Object.entries(data).filter(([name, value]) => name !== 'viewer' && value !== null)
    return { seen: seen.map(([name]) => name).sort(), viewer: data.viewer, tenant, secret }
  }

  test('T6 without workspace:read sees nothing of workspaces, whatever else is in it', async () => {
    const { seen, viewer } = await read(allPermissions.filter((one) => one !== 'workspace:read'))
    expect(seen).toEqual(['organization', 'organizationNode'])
    expect(viewer).toEqual({
      organizations: { totalCount: 1 },
      workspaces: { totalCount: 0 },
      invites: { totalCount: 0 },
    })
  })

  test('T6 without organization:read sees nothing of organizations, also by way of a workspace', async () => {
    const { seen, viewer, tenant, secret } = await read(['workspace:read', 'member:read'])
    expect(seen).toEqual(['workspace', 'workspaceNode'])
    expect(viewer).toMatchObject({ organizations: { totalCount: 0 }, workspaces: { totalCount: 1 } })
    const around = 'query ($id: ID!) { workspace(id: $id) { organization { name } } }'
    expect(await codeOf(around, tenant.first, secret)).toBe('FORBIDDEN')
  })

  test('T6 reads members, roles, invites and people only by their scopes', async () => {
    const query = `query ($id: ID!, $organization: ID!, $person: ID!) {
      workspace(id: $id) { memberCount members { totalCount } roles { totalCount } viewerPermissions viewerAccess }
      organization(id: $organization) { members { totalCount } roles { totalCount } workspaces { totalCount } }
      node(id: $person) { id }
    }`
    const tenant = await world().tenant()
    const colleague = await tenant.member('ADMIN')
    const ask = async (scopes: string[]) => {
      const { secret } = await create(tenant.owner, { scopes: named(scopes) })
      const variables = { id: tenant.first.id, organization: tenant.id, person: colleague.id }
      return (await kit.app.run<Record<string, unknown>>(query, variables, secret)).data
    }
    expect(await ask(['workspace:read', 'organization:read'])).toMatchObject({
      workspace: {
        memberCount: 0,
        members: { totalCount: 0 },
        roles: { totalCount: 0 },
        viewerPermissions: ['WORKSPACE_READ'],
        viewerAccess: null,
      },
      organization: { members: { totalCount: 1 }, roles: { totalCount: 4 }, workspaces: { totalCount: 1 } },
      node: null,
    })
    expect(
      await ask([
        'workspace:read',
        'organization:read',
        'member:read',
        'role:read',
        'settings:read',
        'workspace:clone',
        'organization:members',
      ]),
    ).toMatchObject({
      workspace: {
        memberCount: 2,
        members: { totalCount: 2 },
        roles: { totalCount: 4 },
        viewerAccess: 'READ',
      },
      organization: { members: { totalCount: 2 }, roles: { totalCount: 8 } },
      node: { id: colleague.id },
    })
  })

  test('T6 a permission outside of the scopes is FORBIDDEN, one that the owner lacks is not gained', async () => {
    const tenant = await world().tenant()
    const rename =
      'mutation ($id: ID!) { updateWorkspace(input: { id: $id, name: "Renamed" }) { __typename } }'
    const reads = await create(tenant.owner, { scopes: named(['workspace:read']) })
    expect(await codeOf(rename, tenant.first, reads.secret)).toBe('FORBIDDEN')
    const updates = await create(tenant.owner, { scopes: named(['workspace:read', 'workspace:update']) })
    expect(await codeOf(rename, tenant.first, updates.secret)).toBeNull()
    const viewer = await tenant.grantee(tenant.first.workspaceId, 'READ')
    const greedy = await create(viewer, { scopes: named(allPermissions) })
    expect(await codeOf(rename, tenant.first, greedy.secret)).toBe('FORBIDDEN')
  })

  test('T6 reads settings and event subscriptions only by their scopes', async () => {
    const tenant = await world().tenant()
    const { owner, first } = tenant
    await createInside(tenant, first.workspaceId)
    const ask =
      'query ($id: ID!) { workspace(id: $id) { name settings { locks } eventSubscriptions { totalCount } } }'
    const answer = async (scopes: readonly string[]) => {
      const { secret } = await create(owner, { scopes: named(scopes) })
      const { data, errors } = await kit.app.run<{ workspace: unknown }>(ask, { id: first.id }, secret)
      return { workspace: data.workspace, refused: errors?.map(({ extensions }) => extensions.permission) }
    }
    expect(await answer(['workspace:read'])).toEqual({
      workspace: { name: expect.any(String), settings: null, eventSubscriptions: null },
      refused: expect.arrayContaining(['settings:read', 'events:write']),
    })
    expect(await answer(['workspace:read', 'settings:read', 'events:write'])).toEqual({
      workspace: { name: expect.any(String), settings: { locks: [] }, eventSubscriptions: { totalCount: 1 } },
    })
  })

  test('lesson 4: grants nothing beyond its scopes', async () => {
    const tenant = await world().tenant()
    const person = await tenant.member()
    const set = `mutation ($scopeId: ID!, $userId: ID!, $role: String!) {
      setMemberRole(input: { scopeId: $scopeId, userId: $userId, role: $role }) { __typename } }`
    const give = async (scopes: string[], role: string) => {
      const { secret } = await create(tenant.owner, { scopes: named(scopes) })
      const { data, errors } = await kit.app.run<{ setMemberRole: { __typename: string } | null }>(
        set,
        { scopeId: tenant.first.id, userId: person.id, role },
        secret,
      )
      return data.setMemberRole?.__typename ?? errors?.[0]?.extensions.code
    }
    const reads = ['workspace:read', 'member:read', 'role:read', 'settings:read', 'workspace:clone']
    expect(await give(reads, 'READ')).toBe('FORBIDDEN')
    expect(await give([...reads, 'member:write'], 'READ')).toBe('SetMemberRolePayload')
    expect(await give([...reads, 'member:write'], 'WRITE')).toBe('RoleTooHigh')
    expect(await give(['workspace:read', 'member:write'], 'READ')).toBe('RoleTooHigh')
    const invite = `mutation ($scopeId: ID!, $role: String!) { createInvites(input: { scopeId: $scopeId, invites: [{ email: "new@example.com", role: $role }] }) {
      ... on CreateInvitesPayload { results { outcome } } } }`
    const { secret } = await create(tenant.owner, { scopes: named([...reads, 'invite:write']) })
    const outcome = async (role: string) =>
      (await kit.app.run<unknown>(invite, { scopeId: tenant.first.id, role }, secret)).data
    expect(await outcome('ADMIN')).toEqual({ createInvites: { results: [{ outcome: 'REFUSED' }] } })
    expect(await outcome('READ')).toEqual({ createInvites: { results: [{ outcome: 'INVITED' }] } })
  })

  test('T6 is refused where no permission is asked for: what is in no scope is not allowed', async () => {
    const tenant = await world().tenant()
    const { secret } = await create(tenant.owner, { scopes: named(allPermissions) })
    expect(
      await codeOf('mutation { createOrganization(input: { name: "More" }) { __typename } }', {}, secret),
    ).toBe('FORBIDDEN')
    expect(
      await codeOf('mutation { acceptInvite(input: { token: "unknown" }) { __typename } }', {}, secret),
    ).toBe('FORBIDDEN')
  })

  test("T6 carries no platform role: an administrator's reaches their own organizations", async () => {
    const tenant = await world().tenant()
    const admin = await world().person({ platformAdmin: true })
    const query = 'query ($id: ID!) { workspace(id: $id) { name } }'
    const limited = await create(admin, { scopes: named(allPermissions) })
    expect(await codeOf(query, tenant.first, limited.secret)).toBe('NOT_FOUND')
    expect(await codeOf('{ admin { users { totalCount } } }', {}, limited.secret)).toBe('FORBIDDEN')
    const all = await create(admin)
    expect(await codeOf(query, tenant.first, all.secret)).toBeNull()
    expect(await codeOf('{ admin { users { totalCount } } }', {}, all.secret)).toBeNull()
  })

  test('T6 stays within its scopes after a write that changes where the viewer belongs', async () => {
    const tenant = await world().tenant()
    const { data } = await kit.app.run<{ createOrganization: { organization: { id: string } } }>(
      'mutation { createOrganization(input: { name: "Other" }) { ... on CreateOrganizationPayload { organization { id } } } }',
      {},
      tenant.owner.token,
    )
    const { secret } = await create(tenant.owner, {
      scopes: named(['organization:read', 'organization:delete', 'workspace:read']),
    })
    const answer = await kit.app.run<unknown>(
      `mutation ($other: ID!, $first: ID!) {
        deleteOrganization(input: { id: $other }) { __typename }
        updateWorkspace(input: { id: $first, name: "Renamed" }) { __typename }
      }`,
      { other: data.createOrganization.organization.id, first: tenant.first.id },
      secret,
    )
    expect(answer.data).toEqual({
      deleteOrganization: { __typename: 'DeleteOrganizationPayload' },
      updateWorkspace: null,
    })
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  test('T6 restores a deleted organization by the scope organization:delete alone', async () => {
    const tenant = await world().tenant()
    const remove = 'mutation ($id: ID!) { deleteOrganization(input: { id: $id }) { __typename } }'
    expect(await codeOf(remove, { id: tenant.id }, tenant.owner.token)).toBeNull()
    const restore = 'mutation ($id: ID!) { restoreOrganization(input: { id: $id }) { __typename } }'
    const reads = await create(tenant.owner, { scopes: named(['organization:read']) })
    expect(await codeOf(restore, { id: tenant.id }, reads.secret)).toBe('NOT_FOUND')
    const deletes = await create(tenant.owner, {
      scopes: named(['organization:read', 'organization:delete']),
    })
    expect(await codeOf(restore, { id: tenant.id }, deletes.secret)).toBeNull()
  })

  test('T6 takes at least one scope', async () => {
    expect(await create(await world().person(), { scopes: [] })).toMatchObject({
      __typename: 'ValidationError',
      issues: [{ path: 'scopes' }],
    })
  })
})

describe('sessions', () => {
  const LIST = '{ viewer { sessions { nodes { id current userAgent createdAt lastSeenAt expiresAt } } } }'

  async function signInAgain(email: string): Promise<string> {
    const { data } = await kit.app.run<{ signIn: { token: string } }>(
      'mutation ($email: String!) { signIn(input: { email: $email, password: "correct horse" }) { ... on SignInPayload { token } } }',
      { email },
    )
    return data.signIn.token
  }

  interface Listed {
    viewer: { sessions: { nodes: { id: string; current: boolean }[] } }
  }

  test('T7 are listed to their owner, who ends one or all others', async () => {
    const { email, token, userId } = await kit.join()
    const [second, third] = [await signInAgain(email), await signInAgain(email)]
    const { data } = await kit.app.run<Listed>(LIST, {}, token)
    expect(data.viewer.sessions.nodes.map(({ current }) => current)).toEqual([false, false, true])
    const { data: own } = await kit.app.run<Listed>(LIST, {}, second)
    const id = own.viewer.sessions.nodes.find(({ current }) => current)?.id
    const revoke = 'mutation ($id: ID!) { revokeSession(input: { id: $id }) { __typename } }'
    expect(await codeOf(revoke, { id }, (await kit.join()).token)).toBe('NOT_FOUND')
    expect(await codeOf(revoke, { id }, token)).toBeNull()
    expect(await codeOf(WHO, {}, second)).toBe('UNAUTHENTICATED')
    expect(await codeOf(WHO, {}, third)).toBeNull()
    const rest = await kit.app.run<{ revokeOtherSessions: { revokedSessionIds: string[] } }>(
      'mutation { revokeOtherSessions { ... on RevokeOtherSessionsPayload { revokedSessionIds } } }',
      {},
      token,
    )
    expect(rest.data.revokeOtherSessions.revokedSessionIds).toHaveLength(1)
    expect(await codeOf(WHO, {}, third)).toBe('UNAUTHENTICATED')
    expect(await codeOf(WHO, {}, token)).toBeNull()
    expect((await kit.eventsOf(userId)).slice(-2)).toEqual(['session.ended', 'session.ended'])
  })

  test('T7 to end the own one is to sign out', async () => {
    const { token } = await kit.join()
    const { data } = await kit.app.run<Listed>(LIST, {}, token)
    const id = data.viewer.sessions.nodes[0]?.id
    const document = `mutation ($id: ID!) { revokeSession(input: { id: $id }) { __typename } updateProfile(input: { fullName: "x" }) { __typename } }`
    expect(await codeOf(document, { id }, token)).toBe('UNAUTHENTICATED')
  })
})
