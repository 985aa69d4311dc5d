import { randomBytes } from 'node:crypto'
import type { Caller } from '../../src/access/caller.ts'
import { loadViewer } from '../../src/access/viewer.ts'
import { setMemberRole } from '../../src/domains/member/set-member-role.ts'
import { createOrganization } from '../../src/domains/organization/create-organization.ts'
import { createWorkspace, type NewWorkspace } from '../../src/domains/workspace/create-workspace.ts'
import { encodeId } from '../../src/graphql/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import { hashToken, newToken } from '../../src/platform/secrets.ts'
import type { TestApp } from './app.ts'

/** A person of a test: an account with a session. */
export interface Person {
  userId: string
  /** The global id. */
  id: string
  email: string
  fullName: string
  /** A bearer token. */
  token: string
  /** To call use cases as this person. */
  caller(): Promise<Caller>
}

export interface World {
  /** Somebody with a verified address and no organization. */
  person(options?: { verified?: boolean; platformAdmin?: boolean; email?: string }): Promise<Person>
  /** An organization of its own with an owner: the start of most tests. */
  tenant(): Promise<Tenant>
}

export interface Tenant {
  owner: Person
  organizationId: string
  /** The global id. */
  id: string
  slug: string
  /** The workspace that came with the organization. */
  first: { workspaceId: string; id: string }
  /** A new person with this role in the organization. */
  member(role?: string): Promise<Person>
  /** A new person with this direct role on a workspace. */
  grantee(workspaceId: string, role: string): Promise<Person>
  workspace(fields?: Partial<NewWorkspace>): Promise<{ workspaceId: string; id: string }>
  /** An open invite of the owner's for somebody to a workspace, by its token. */
  invite(person: Person, workspaceId: string, role: string): Promise<string>
  /** Gives a person a role, through the use case and as the owner. */
  grant(
    person: Person,
    scope: { kind: 'Organization' | 'Workspace'; id: string },
    role: string,
  ): Promise<void>
}

/**
 * Builds the state of a test through use cases. Only accounts are inserted: passwords are hashed slowly on purpose, and
 * most tests are not about them.
 */
export function createWorld(app: TestApp): World {
  const person: World['person'] = async ({ verified = true, platformAdmin = false, email } = {}) => {
    const userId = newId()
    const name = `p${randomBytes(5).toString('hex')}`
    const address = email ?? `${name}@example.com`
    const token = newToken()
    app.secrets.set(`session of ${name}`, token)
    const { db, clock } = app.services
    await db.user.create({
      data: {
        id: userId,
        email: address,
        name,
        emailVerified: verified,
        platformRole: platformAdmin ? 'ADMIN' : 'USER',
        sessions: {
          create: { token: hashToken(token), expiresAt: new Date(clock.now().getTime() + 30 * 86_400_000) },
        },
      },
    })
    return {
      userId,
      id: encodeId('User', userId),
      email: address,
      fullName: name,
      token,
      caller: async () => ({ ...app.services, requestId: null, viewer: await loadViewer(db, userId) }),
    }
  }
  return { person, tenant: () => createTenant(app, person) }
}

async function createTenant(app: TestApp, person: World['person']): Promise<Tenant> {
  const owner = await person()
  const { organizationId, workspaceId } = await createOrganization(await owner.caller(), {
    name: `Org ${owner.fullName}`,
  })
  const { slug } = await app.services.db.organization.findUniqueOrThrow({ where: { id: organizationId } })
  const grant: Tenant['grant'] = async ({ userId }, scope, role) => {
    const { db } = app.services
    const memberRole = await db.role.findFirstOrThrow({
      where: { organizationId, scope: 'ORGANIZATION', key: 'MEMBER' },
    })
    await db.organizationMember.createMany({
      data: [{ organizationId, userId, roleId: memberRole.id }],
      skipDuplicates: true,
    })
    await setMemberRole(await owner.caller(), { scope, userId, role })
  }
  return {
    owner,
    organizationId,
    id: encodeId('Organization', organizationId),
    slug,
    first: { workspaceId, id: encodeId('Workspace', workspaceId) },
    grant,
    member: async (role = 'MEMBER') => {
      const joined = await person()
      await grant(joined, { kind: 'Organization', id: organizationId }, role)
      return joined
    },
    grantee: async (id, role) => {
      const joined = await person()
      await grant(joined, { kind: 'Workspace', id }, role)
      return joined
    },
    workspace: async (fields = {}) => {
      const created = await createWorkspace(await owner.caller(), {
        name: 'Workspace',
        ...fields,
        organizationId,
      })
      return { ...created, id: encodeId('Workspace', created.workspaceId) }
    },
    invite: async ({ email }, workspaceId, role) => {
      const token = newToken()
      const workspace = { id: workspaceId, organizationId }
      await insertInvite(app, { email, workspace, role, token, invitedById: owner.userId })
      return token
    },
  }
}

/** An open invite to a workspace whose token the test knows: the real one is in the mail alone. */
export async function insertInvite(
  { services: { db } }: TestApp,
  given: {
    email: string
    workspace: { id: string; organizationId: string }
    role: string
    token: string
    invitedById: string
  },
): Promise<void> {
  const { email, workspace, token, invitedById } = given
  const { id: workspaceId, organizationId } = workspace
  const role = await db.role.findFirstOrThrow({
    where: { organizationId, scope: 'WORKSPACE', key: given.role },
  })
  await db.invite.create({
    data: {
      organizationId,
      workspaceId,
      email,
      roleId: role.id,
      roleScope: 'WORKSPACE',
      tokenHash: hashToken(token),
      invitedById,
      expiresAt: new Date(Date.now() + 86_400_000),
    },
  })
}
