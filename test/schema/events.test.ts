import { randomBytes, randomUUID } from 'node:crypto'
import { type GraphQLObjectType, getNamedType, isObjectType, isUnionType } from 'graphql'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeId, encodeId } from '../../src/graphql/ids.ts'
import { PLATFORM_STREAM } from '../../src/platform/events.ts'
import { hashToken } from '../../src/platform/secrets.ts'
import { schema } from '../../src/schema.ts'
import { useTestApp } from '../kit/app.ts'
import { tokenIn, waitForMail } from '../kit/mail.ts'
import { createWorld, type Person, type Tenant } from '../kit/world.ts'
import { insideEntries } from './inside-events.ts'
import { provisioningEntries } from './provisioning-events.ts'
import { fieldsOf } from './walk.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

/** Everything that may be in no event: collected while the mutations run. */
const secrets = new Set<string>()
const PASSWORD = `correct-horse-${randomBytes(6).toString('hex')}`

/** One call of a mutation. */
interface Call {
  /** A bearer token; null for nobody. */
  as: string | null
  input?: Record<string, unknown>
}

interface ExpectedEvent {
  type: string
  /** Row id of the actor; the payload's new user when it is `new`. */
  actor: string | null
  /** Type and row id; null where only the mutation knows the id. */
  subject: [type: string, id: string | null]
  /** Of which organization's log it is; the platform's when it is left out, a new one's when it is null. */
  organization?: string | null
  workspace?: string | null
  changes?: Record<string, unknown>
}

/** What a mutation answered: rows, and values. */
type Payload = Record<string, unknown>

/** A call that is answered with its payload, and the events that it appends, log by log. */
interface Step extends Call {
  appends: (payload: Payload) => ExpectedEvent[]
}

interface Entry {
  steps: () => Promise<Step[]>
  /** How each error of the union is provoked; a sentence where no input can. */
  refusals: Record<string, (() => Promise<Call>) | string>
}

const none = () => []
const address = () => `${randomBytes(6).toString('hex')}@example.com`
const rowId = (globalId: unknown) => decodeId(String(globalId)).id
const anyString = expect.any(String)

interface Account {
  email: string
  userId: string
  token: string
}

/** Somebody with a password, by the mutation itself. */
async function account(): Promise<Account> {
  const email = address()
  const input = { email, password: PASSWORD, fullName: 'Ada' }
  const { payload } = await call('signUp', { as: null, input })
  return { email, userId: rowId((payload.user as { id: string }).id), token: String(payload.token) }
}

async function signIn(email: string): Promise<string> {
  const { payload } = await call('signIn', { as: null, input: { email, password: PASSWORD } })
  return String(payload.token)
}

async function mailToken(email: string, nth = 1): Promise<string> {
  const token = tokenIn(await waitForMail(app.current, email, nth))
  secrets.add(token)
  return token
}

async function resetToken(email: string): Promise<string> {
  await call('requestPasswordReset', { as: null, input: { email } })
  return mailToken(email, 2)
}

const byUser = ({ userId }: { userId: string }) => ({
  actor: userId,
  subject: ['User', userId] as [string, string],
})
const verified = { emailVerified: { before: false, after: true } }

/** An invite to the organization of a tenant, and the one whom it is for. */
async function invited(
  tenant: Tenant,
  invitee: Pick<Person, 'email'>,
  role = 'MEMBER',
): Promise<{ token: string; inviteId: string }> {
  const input = { scopeId: tenant.id, invites: [{ email: invitee.email, role }] }
  const { payload } = await call('createInvites', { as: tenant.owner.token, input })
  const [result] = payload.results as { invite: { id: string } }[]
  return { token: await mailToken(invitee.email), inviteId: rowId(result?.invite.id) }
}

/** The same, for who does not need its token: the global id, and what its events have in common. */
async function openInvite(tenant: Tenant, invitee: Person, role?: string) {
  const { inviteId } = await invited(tenant, invitee, role)
  const subject: [string, string] = ['Invite', inviteId]
  const of = { actor: tenant.owner.userId, organization: tenant.organizationId, subject }
  return { id: encodeId('Invite', inviteId), of }
}

/** Nobody sends a million invites for a test. */
const useUpInvites = ({ userId }: Person) =>
  app.current.services.db.inviteQuota.upsert({
    where: { inviterId: userId },
    create: { inviterId: userId, startedAt: new Date(), sent: 1_000_000 },
    update: { sent: 1_000_000 },
  })

const newRole = ({ id }: Tenant, fields: object) => ({
  organizationId: id,
  scope: 'WORKSPACE',
  name: 'Helper',
  level: 'READ',
  permissions: [],
  ...fields,
})

/** A role of the tenant's own making; its global id. */
async function customRole(tenant: Tenant): Promise<string> {
  const { payload } = await call('createRole', { as: tenant.owner.token, input: newRole(tenant, {}) })
  return (payload.role as { id: string }).id
}

async function builtInRole({ organizationId }: Tenant): Promise<string> {
  const { db } = app.current.services
  return encodeId('Role', (await db.role.findFirstOrThrow({ where: { organizationId, builtIn: true } })).id)
}

/** Something that keeps a workspace from being deleted; its global id. */
async function resourceOn(workspaceId: string, { token }: Person): Promise<string> {
  const input = { workspaceId, kind: 'BUCKET', name: 'data' }
  const { payload } = await call('registerResource', { as: token, input })
  return (payload.resource as { id: string }).id
}

/** A tenant whose first workspace is deleted. */
async function deletedWorkspace(): Promise<Tenant> {
  const tenant = await world().tenant()
  await call('deleteWorkspace', { as: tenant.owner.token, input: { id: tenant.first.id } })
  return tenant
}

const ofOrganization = (owner: Person, organization: string) => ({
  actor: owner.userId,
  organization,
  subject: ['Organization', organization] as [string, string],
})
const ofFirst = ({ owner, organizationId, first }: Tenant) => ({
  actor: owner.userId,
  organization: organizationId,
  workspace: first.workspaceId,
  subject: ['Workspace', first.workspaceId] as [string, string],
})
const gone = {
  deletedAt: { before: null, after: anyString },
  purgeAt: { before: null, after: anyString },
}
const back = {
  deletedAt: { before: anyString, after: null },
  purgeAt: { before: anyString, after: null },
}

/** What each mutation appends (E1). A mutation without an entry fails. */
const TABLE: Record<string, Entry> = {
  signUp: {
    steps: async () => [
      {
        as: null,
        input: { email: 'Ada@Example.com', password: PASSWORD, fullName: 'Ada', organizationName: 'Engines' },
        appends: ({ user, organization, workspace }) => {
          const actor = rowId((user as { id: string }).id)
          const of = { actor, organization: rowId((organization as { id: string }).id) }
          const workspaceId = rowId((workspace as { id: string }).id)
          const slug = { after: anyString }
          return [
            {
              type: 'organization.created',
              ...of,
              subject: ['Organization', of.organization],
              changes: { name: { after: 'Engines' }, slug },
            },
            {
              type: 'member.added',
              ...of,
              subject: ['Member', null],
              changes: { userId: { after: actor }, role: { after: 'OWNER' } },
            },
            {
              type: 'workspace.created',
              ...of,
              workspace: workspaceId,
              subject: ['Workspace', workspaceId],
              changes: { name: { after: 'General' }, key: { after: 'general' } },
            },
            {
              type: 'member.added',
              ...of,
              workspace: workspaceId,
              subject: ['Member', null],
              changes: { userId: { after: actor }, role: { after: 'OWNER' } },
            },
            {
              type: 'user.signed_up',
              actor,
              subject: ['User', actor],
              changes: { email: { after: 'ada@example.com' }, fullName: { after: 'Ada' } },
            },
            { type: 'session.created', actor, subject: ['Session', null] },
          ]
        },
      },
    ],
    refusals: {
      EmailTaken: async () => ({
        as: null,
        input: { email: (await account()).email, password: PASSWORD, fullName: 'Ada' },
      }),
      ValidationError: async () => ({
        as: null,
        input: { email: address(), password: 'short', fullName: 'Ada' },
      }),
    },
  },
  signUpByInvite: {
    steps: async () => {
      const tenant = await world().tenant()
      const email = address()
      const { token, inviteId } = await invited(tenant, { email })
      return [
        {
          as: null,
          input: { token, password: PASSWORD, fullName: 'Grace' },
          appends: ({ user }) => {
            const actor = rowId((user as { id: string }).id)
            const of = { actor, organization: tenant.organizationId }
            return [
              {
                type: 'user.signed_up',
                actor,
                subject: ['User', actor],
                changes: { email: { after: email }, fullName: { after: 'Grace' } },
              },
              { type: 'session.created', actor, subject: ['Session', null] },
              { type: 'user.email_verified', ...byUser({ userId: actor }), changes: verified },
              {
                type: 'invite.accepted',
                ...of,
                subject: ['Invite', inviteId],
                changes: { state: { before: 'PENDING', after: 'ACCEPTED' } },
              },
              {
                type: 'member.added',
                ...of,
                subject: ['Member', null],
                changes: { userId: { after: actor }, role: { after: 'MEMBER' } },
              },
            ]
          },
        },
      ]
    },
    refusals: {
      InviteUnavailable: async () => ({
        as: null,
        input: { token: 'none', password: PASSWORD, fullName: 'Grace' },
      }),
      EmailTaken: async () => {
        const input = { password: PASSWORD, fullName: 'Grace' }
        const email = address()
        const { token } = await invited(await world().tenant(), { email })
        await call('signUp', { as: null, input: { ...input, email } })
        return { as: null, input: { ...input, token } }
      },
      ValidationError: async () => ({
        as: null,
        input: { token: 'none', password: 'short', fullName: 'Grace' },
      }),
    },
  },
  signIn: {
    steps: async () => {
      const { email, userId } = await account()
      return [
        {
          as: null,
          input: { email, password: PASSWORD },
          appends: () => [{ type: 'session.created', actor: userId, subject: ['Session', null] }],
        },
      ]
    },
    refusals: {
      InvalidCredentials: async () => ({
        as: null,
        input: { email: (await account()).email, password: 'wrong' },
      }),
      ValidationError: async () => ({ as: null, input: { email: 'nobody', password: PASSWORD } }),
    },
  },
  signOut: {
    steps: async () => {
      const { userId, token } = await account()
      return [
        {
          as: token,
          appends: ({ endedSessionId }) => [
            { type: 'session.ended', actor: userId, subject: ['Session', rowId(endedSessionId)] },
          ],
        },
      ]
    },
    refusals: {},
  },
  verifyEmail: {
    steps: async () => {
      const { email, userId } = await account()
      const token = await mailToken(email)
      return [
        {
          as: null,
          input: { token },
          appends: () => [{ type: 'user.email_verified', ...byUser({ userId }), changes: verified }],
        },
        { as: null, input: { token }, appends: none },
      ]
    },
    refusals: {
      InvalidToken: async () => ({ as: null, input: { token: 'forged' } }),
      ValidationError: 'its only field is a text of any form',
    },
  },
  resendVerificationEmail: {
    steps: async () => [{ as: null, input: { email: (await account()).email }, appends: none }],
    refusals: { ValidationError: async () => ({ as: null, input: { email: 'nobody' } }) },
  },
  requestPasswordReset: {
    steps: async () => [{ as: null, input: { email: (await account()).email }, appends: none }],
    refusals: { ValidationError: async () => ({ as: null, input: { email: 'nobody' } }) },
  },
  resetPassword: {
    steps: async () => {
      const { email, userId } = await account()
      await mailToken(email)
      const token = await resetToken(email)
      const ended = { type: 'session.ended', actor: userId, subject: ['Session', null] as [string, null] }
      await signIn(email)
      return [
        {
          as: null,
          input: { token, newPassword: `${PASSWORD}-new` },
          appends: () => [
            { type: 'user.password_reset', ...byUser({ userId }) },
            { type: 'user.email_verified', ...byUser({ userId }), changes: verified },
            ended,
            ended,
          ],
        },
      ]
    },
    refusals: {
      InvalidToken: async () => ({ as: null, input: { token: 'forged', newPassword: PASSWORD } }),
      ValidationError: async () => ({ as: null, input: { token: 'forged', newPassword: 'short' } }),
    },
  },
  changePassword: {
    steps: async () => {
      const { email, userId, token } = await account()
      await signIn(email)
      return [
        {
          as: token,
          input: { currentPassword: PASSWORD, newPassword: `${PASSWORD}-new` },
          appends: () => [
            { type: 'user.password_changed', ...byUser({ userId }) },
            { type: 'session.ended', actor: userId, subject: ['Session', null] },
          ],
        },
      ]
    },
    refusals: {
      InvalidCredentials: async () => ({
        as: (await account()).token,
        input: { currentPassword: 'wrong', newPassword: PASSWORD },
      }),
      ValidationError: async () => ({
        as: (await account()).token,
        input: { currentPassword: PASSWORD, newPassword: 'short' },
      }),
    },
  },
  updateProfile: {
    steps: async () => {
      const { userId, token, fullName } = await world().person()
      const input = { fullName: 'Grace', image: 'https://example.com/grace.png' }
      const changes = {
        fullName: { before: fullName, after: 'Grace' },
        image: { before: null, after: input.image },
      }
      return [
        {
          as: token,
          input,
          appends: () => [{ type: 'user.profile_updated', ...byUser({ userId }), changes }],
        },
        { as: token, input, appends: none },
        { as: token, input: {}, appends: none },
      ]
    },
    refusals: {
      ValidationError: async () => ({ as: (await world().person()).token, input: { fullName: '' } }),
    },
  },
  createOrganization: {
    steps: async () => {
      const { userId: actor, token } = await world().person()
      const slug = `s${randomBytes(5).toString('hex')}`
      return [
        {
          as: token,
          input: { name: 'Engines', slug, workspaceName: 'Mill' },
          appends: ({ organization, workspace }) => {
            const of = { actor, organization: rowId((organization as { id: string }).id) }
            const workspaceId = rowId((workspace as { id: string }).id)
            const owns = { userId: { after: actor }, role: { after: 'OWNER' } }
            return [
              {
                type: 'organization.created',
                ...of,
                subject: ['Organization', of.organization],
                changes: { name: { after: 'Engines' }, slug: { after: slug } },
              },
              { type: 'member.added', ...of, subject: ['Member', null], changes: owns },
              {
                type: 'workspace.created',
                ...of,
                workspace: workspaceId,
                subject: ['Workspace', workspaceId],
                changes: { name: { after: 'Mill' }, key: { after: 'mill' } },
              },
              {
                type: 'member.added',
                ...of,
                workspace: workspaceId,
                subject: ['Member', null],
                changes: owns,
              },
            ]
          },
        },
      ]
    },
    refusals: {
      SlugTaken: async () => {
        const { owner, slug } = await world().tenant()
        return { as: owner.token, input: { name: 'Another', slug } }
      },
      ValidationError: async () => ({ as: (await world().person()).token, input: { name: ' ' } }),
    },
  },
  createWorkspace: {
    steps: async () => {
      const { id, organizationId: organization, owner } = await world().tenant()
      return [
        {
          as: owner.token,
          input: { organizationId: id, name: 'Mill', key: 'mill', labels: ['a'] },
          appends: ({ workspace: made }) => {
            const workspace = rowId((made as { id: string }).id)
            const of = { actor: owner.userId, organization, workspace }
            return [
              {
                type: 'workspace.created',
                ...of,
                subject: ['Workspace', workspace],
                changes: { name: { after: 'Mill' }, key: { after: 'mill' }, labels: { after: ['a'] } },
              },
              {
                type: 'member.added',
                ...of,
                subject: ['Member', null],
                changes: { userId: { after: owner.userId }, role: { after: 'OWNER' } },
              },
            ]
          },
        },
      ]
    },
    refusals: {
      KeyTaken: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { organizationId: id, name: 'Mill', key: 'general' } }
      },
      OrganizationRequired: async () => ({ as: (await world().person()).token, input: { name: 'Mill' } }),
      SettingLocked: async () => {
        const { id, owner } = await world().tenant()
        const locked = { organizationId: id, locks: ['features'] }
        await call('updateOrganizationSettings', { as: owner.token, input: locked })
        const settings = { features: [{ key: 'maps', enabled: true }] }
        return { as: owner.token, input: { organizationId: id, name: 'Mill', settings } }
      },
      ValidationError: async () => ({
        as: (await world().tenant()).owner.token,
        input: { name: 'Mill', key: 'No' },
      }),
    },
  },
  updateWorkspace: {
    steps: async () => {
      const { first, organizationId: organization, owner } = await world().tenant()
      const of = { actor: owner.userId, organization, workspace: first.workspaceId }
      const input = { id: first.id, name: 'Changed', labels: ['b'] }
      const changes = { name: { before: 'General', after: 'Changed' }, labels: { before: [], after: ['b'] } }
      return [
        {
          as: owner.token,
          input,
          appends: () => [
            { type: 'workspace.updated', ...of, subject: ['Workspace', first.workspaceId], changes },
          ],
        },
        { as: owner.token, input, appends: none },
      ]
    },
    refusals: {
      VersionConflict: async () => {
        const { first, owner } = await world().tenant()
        return { as: owner.token, input: { id: first.id, name: 'Changed', expectedVersion: 7 } }
      },
      ValidationError: async () => {
        const { first, owner } = await world().tenant()
        return { as: owner.token, input: { id: first.id, name: '' } }
      },
    },
  },
  setMemberRole: {
    steps: async () => {
      const { id, first, organizationId: organization, owner, ...tenant } = await world().tenant()
      const member = await tenant.member()
      const of = { actor: owner.userId, organization }
      const onFirst = { ...of, workspace: first.workspaceId }
      const set = (scopeId: string, role: string) => ({
        as: owner.token,
        input: { scopeId, userId: member.id, role },
      })
      return [
        {
          ...set(first.id, 'viewer'),
          appends: () => [
            {
              type: 'member.added',
              ...onFirst,
              subject: ['Member', null],
              changes: { userId: { after: member.userId }, role: { after: 'READ' } },
            },
          ],
        },
        {
          ...set(first.id, 'editor'),
          appends: () => [
            {
              type: 'member.role_changed',
              ...onFirst,
              subject: ['Member', null],
              changes: { userId: { after: member.userId }, role: { before: 'READ', after: 'WRITE' } },
            },
          ],
        },
        {
          ...set(id, 'ADMIN'),
          appends: () => [
            {
              type: 'member.role_changed',
              ...of,
              subject: ['Member', null],
              changes: { userId: { after: member.userId }, role: { before: 'MEMBER', after: 'ADMIN' } },
            },
          ],
        },
        { ...set(id, 'administrator'), appends: none },
      ]
    },
    refusals: {
      LastOwner: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { scopeId: id, userId: owner.id, role: 'MEMBER' } }
      },
      RoleTooHigh: async () => {
        const tenant = await world().tenant()
        const admin = await tenant.member('ADMIN')
        return { as: admin.token, input: { scopeId: tenant.id, userId: admin.id, role: 'OWNER' } }
      },
      ValidationError: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { scopeId: id, userId: owner.id, role: 'emperor' } }
      },
    },
  },
  removeMember: {
    steps: async () => {
      const { id, first, organizationId: organization, owner, ...tenant } = await world().tenant()
      const member = await tenant.grantee(first.workspaceId, 'WRITE')
      const of = { actor: owner.userId, organization, subject: ['Member', null] as [string, null] }
      const removed = (role: string) => ({ userId: { before: member.userId }, role: { before: role } })
      return [
        {
          as: owner.token,
          input: { scopeId: first.id, userId: member.id },
          appends: () => [
            { type: 'member.removed', ...of, workspace: first.workspaceId, changes: removed('WRITE') },
          ],
        },
        {
          as: owner.token,
          input: { scopeId: id, userId: member.id },
          appends: () => [{ type: 'member.removed', ...of, changes: removed('MEMBER') }],
        },
      ]
    },
    refusals: {
      LastOwner: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { scopeId: id, userId: owner.id } }
      },
      RoleTooHigh: async () => {
        const tenant = await world().tenant()
        const admin = await tenant.member('ADMIN')
        return { as: admin.token, input: { scopeId: tenant.id, userId: tenant.owner.id } }
      },
      NotAMember: async () => {
        const tenant = await world().tenant()
        const member = await tenant.member()
        return { as: tenant.owner.token, input: { scopeId: tenant.first.id, userId: member.id } }
      },
      ValidationError: 'its only fields are ids',
    },
  },
  createInvites: {
    steps: async () => {
      const tenant = await world().tenant()
      const { first, organizationId: organization, owner } = tenant
      const member = await tenant.member()
      const admin = await tenant.grantee(first.workspaceId, 'ADMIN')
      const of = { organization, workspace: first.workspaceId }
      const email = address()
      const told = { email: { after: email }, role: { after: 'READ' }, expiresAt: { after: anyString } }
      const invites = [
        { email: email.toUpperCase(), role: 'READ' },
        { email: member.email, role: 'WRITE' },
      ]
      const added = { userId: { after: member.userId }, role: { after: 'WRITE' } }
      return [
        {
          as: owner.token,
          input: { scopeId: first.id, invites },
          appends: () => [
            { type: 'invite.created', ...of, actor: owner.userId, subject: ['Invite', null], changes: told },
            { type: 'member.added', ...of, actor: owner.userId, subject: ['Member', null], changes: added },
          ],
        },
        {
          as: admin.token,
          input: { scopeId: first.id, invites: [...invites, { email: address(), role: 'OWNER' }] },
          appends: () => [
            { type: 'invite.resent', ...of, actor: admin.userId, subject: ['Invite', null], changes: told },
          ],
        },
      ]
    },
    refusals: {
      ValidationError: async () => {
        const { id, owner } = await world().tenant()
        const invites = [
          { email: address(), role: 'MEMBER' },
          { email: 'nobody', role: 'MEMBER' },
        ]
        return { as: owner.token, input: { scopeId: id, invites } }
      },
      InviteLimitReached: async () => {
        const { id, owner } = await world().tenant()
        await useUpInvites(owner)
        return { as: owner.token, input: { scopeId: id, invites: [{ email: address(), role: 'MEMBER' }] } }
      },
    },
  },
  addMember: {
    steps: async () => {
      const tenant = await world().tenant()
      const { first, organizationId: organization, owner } = tenant
      const member = await tenant.member()
      const changes = { userId: { after: member.userId }, role: { after: 'READ' } }
      const of = { actor: owner.userId, organization, workspace: first.workspaceId }
      const input = { scopeId: first.id, userId: member.id, role: 'viewer' }
      const subject: [string, null] = ['Member', null]
      return [{ as: owner.token, input, appends: () => [{ type: 'member.added', ...of, subject, changes }] }]
    },
    refusals: {
      AlreadyMember: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { scopeId: id, userId: owner.id, role: 'ADMIN' } }
      },
      UserNotFound: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { scopeId: id, email: address(), role: 'ADMIN' } }
      },
      RoleTooHigh: async () => {
        const tenant = await world().tenant()
        const [admin, member] = [
          await tenant.grantee(tenant.first.workspaceId, 'ADMIN'),
          await tenant.member(),
        ]
        return { as: admin.token, input: { scopeId: tenant.first.id, userId: member.id, role: 'OWNER' } }
      },
      ValidationError: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { scopeId: id, role: 'ADMIN' } }
      },
    },
  },
  setMemberRoles: {
    steps: async () => {
      const tenant = await world().tenant()
      const { first, organizationId: organization, owner } = tenant
      const [fresh, present] = [await tenant.member(), await tenant.grantee(first.workspaceId, 'READ')]
      const of = { actor: owner.userId, organization, workspace: first.workspaceId }
      const subject: [string, null] = ['Member', null]
      const members = [present, fresh, await world().person()].map(({ id: userId }) => ({
        userId,
        role: 'WRITE',
      }))
      const input = { scopeId: first.id, members }
      const added = { userId: { after: fresh.userId }, role: { after: 'WRITE' } }
      const changed = { userId: { after: present.userId }, role: { before: 'READ', after: 'WRITE' } }
      return [
        {
          as: owner.token,
          input,
          appends: () => [
            { type: 'member.added', ...of, subject, changes: added },
            { type: 'member.role_changed', ...of, subject, changes: changed },
          ],
        },
        { as: owner.token, input, appends: none },
      ]
    },
    refusals: {
      ValidationError: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { scopeId: id, members: [] } }
      },
    },
  },
  leave: {
    steps: async () => {
      const tenant = await world().tenant()
      const { first, organizationId: organization } = tenant
      const member = await tenant.grantee(first.workspaceId, 'WRITE')
      const of = { actor: member.userId, organization, subject: ['Member', null] as [string, null] }
      const left = (role: string) => ({ userId: { before: member.userId }, role: { before: role } })
      return [
        {
          as: member.token,
          input: { scopeId: tenant.id },
          appends: () => [
            { type: 'member.removed', ...of, workspace: first.workspaceId, changes: left('WRITE') },
            { type: 'member.removed', ...of, changes: left('MEMBER') },
          ],
        },
      ]
    },
    refusals: {
      LastOwner: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { scopeId: id } }
      },
      NotAMember: async () => {
        const tenant = await world().tenant()
        return { as: (await tenant.member('ADMIN')).token, input: { scopeId: tenant.first.id } }
      },
      ValidationError: 'its only field is an id',
    },
  },
  transferOwnership: {
    steps: async () => {
      const tenant = await world().tenant()
      const { id: organizationId, organizationId: organization, owner } = tenant
      const heir = await tenant.member()
      const changed = { type: 'member.role_changed', actor: owner.userId, organization }
      const subject: [string, null] = ['Member', null]
      const from = ({ userId }: Person, before: string, after: string) => ({
        userId: { after: userId },
        role: { before, after },
      })
      return [
        {
          as: owner.token,
          input: { organizationId, userId: heir.id },
          appends: () => [
            { ...changed, subject, changes: from(heir, 'MEMBER', 'OWNER') },
            { ...changed, subject, changes: from(owner, 'OWNER', 'ADMIN') },
          ],
        },
      ]
    },
    refusals: {
      NotAMember: async () => {
        const [tenant, other] = [await world().tenant(), await world().tenant()]
        const known = await other.member()
        await other.grant(tenant.owner, { kind: 'Organization', id: other.organizationId }, 'MEMBER')
        return { as: tenant.owner.token, input: { organizationId: tenant.id, userId: known.id } }
      },
      ValidationError: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { organizationId: id, userId: owner.id } }
      },
    },
  },
  createRole: {
    steps: async () => {
      const { id: organizationId, organizationId: organization, owner } = await world().tenant()
      const told = { scope: 'WORKSPACE', name: 'Helper', level: 'READ' }
      return [
        {
          as: owner.token,
          input: { organizationId, ...told, permissions: [] },
          appends: ({ role }) => [
            {
              type: 'role.created',
              actor: owner.userId,
              organization,
              subject: ['Role', rowId((role as { id: string }).id)],
              changes: {
                scope: { after: 'WORKSPACE' },
                name: { after: 'Helper' },
                level: { after: 'READ' },
                permissions: { after: [] },
                key: { after: 'HELPER' },
                description: { after: '' },
              },
            },
          ],
        },
      ]
    },
    refusals: {
      RoleTooHigh: async () => {
        const tenant = await world().tenant()
        const admin = await tenant.member('ADMIN')
        return { as: admin.token, input: newRole(tenant, { level: 'OWNER' }) }
      },
      RoleKeyTaken: async () => {
        const tenant = await world().tenant()
        return { as: tenant.owner.token, input: newRole(tenant, { key: 'write' }) }
      },
      RoleNameTaken: async () => {
        const tenant = await world().tenant()
        return { as: tenant.owner.token, input: newRole(tenant, { name: 'editor' }) }
      },
      ValidationError: async () => {
        const tenant = await world().tenant()
        return { as: tenant.owner.token, input: newRole(tenant, { permissions: ['WORKSPACE_DELETE'] }) }
      },
    },
  },
  updateRole: {
    steps: async () => {
      const tenant = await world().tenant()
      const { owner, organizationId: organization } = tenant
      const id = await customRole(tenant)
      const changes = { name: { before: 'Helper', after: 'Keeper' } }
      const subject: [string, string] = ['Role', rowId(id)]
      const of = { actor: owner.userId, organization, subject }
      const input = { id, name: 'Keeper' }
      return [
        { as: owner.token, input, appends: () => [{ type: 'role.updated', ...of, changes }] },
        { as: owner.token, input, appends: none },
      ]
    },
    refusals: {
      RoleTooHigh: async () => {
        const tenant = await world().tenant()
        const admin = await tenant.member('ADMIN')
        return { as: admin.token, input: { id: await customRole(tenant), level: 'OWNER' } }
      },
      RoleBuiltIn: async () => {
        const tenant = await world().tenant()
        return { as: tenant.owner.token, input: { id: await builtInRole(tenant), name: 'Mine' } }
      },
      RoleNameTaken: async () => {
        const tenant = await world().tenant()
        return { as: tenant.owner.token, input: { id: await customRole(tenant), name: 'editor' } }
      },
      VersionConflict: async () => {
        const tenant = await world().tenant()
        return { as: tenant.owner.token, input: { id: await customRole(tenant), expectedVersion: 7 } }
      },
      ValidationError: async () => {
        const tenant = await world().tenant()
        return { as: tenant.owner.token, input: { id: await customRole(tenant), name: '' } }
      },
    },
  },
  deleteRole: {
    steps: async () => {
      const tenant = await world().tenant()
      const { owner, organizationId: organization, first } = tenant
      const id = await customRole(tenant)
      const holder = await tenant.grantee(first.workspaceId, 'HELPER')
      const of = { actor: owner.userId, organization }
      return [
        {
          as: owner.token,
          input: { id, reassignTo: 'READ' },
          appends: () => [
            {
              type: 'member.role_changed',
              ...of,
              workspace: first.workspaceId,
              subject: ['Member', null],
              changes: { userId: { after: holder.userId }, role: { before: 'HELPER', after: 'READ' } },
            },
            {
              type: 'role.deleted',
              ...of,
              subject: ['Role', rowId(id)],
              changes: { key: { before: 'HELPER' }, reassignedTo: { after: 'READ' } },
            },
          ],
        },
      ]
    },
    refusals: {
      RoleTooHigh: async () => {
        const tenant = await world().tenant()
        const admin = await tenant.member('ADMIN')
        return { as: admin.token, input: { id: await customRole(tenant), reassignTo: 'OWNER' } }
      },
      RoleBuiltIn: async () => {
        const tenant = await world().tenant()
        return { as: tenant.owner.token, input: { id: await builtInRole(tenant) } }
      },
      RoleInUse: async () => {
        const tenant = await world().tenant()
        const id = await customRole(tenant)
        await tenant.grantee(tenant.first.workspaceId, 'HELPER')
        return { as: tenant.owner.token, input: { id } }
      },
      ValidationError: async () => {
        const tenant = await world().tenant()
        return { as: tenant.owner.token, input: { id: await customRole(tenant), reassignTo: 'king' } }
      },
    },
  },
  resendInvite: {
    steps: async () => {
      const [tenant, invitee] = [await world().tenant(), await world().person()]
      const { id, of } = await openInvite(tenant, invitee)
      const changes = {
        email: { after: invitee.email },
        role: { after: 'MEMBER' },
        expiresAt: { after: anyString },
      }
      return [
        {
          as: tenant.owner.token,
          input: { id },
          appends: () => [{ type: 'invite.resent', ...of, changes }],
        },
      ]
    },
    refusals: {
      InviteUnavailable: async () => {
        const tenant = await world().tenant()
        const { id } = await openInvite(tenant, await world().person())
        await call('revokeInvite', { as: tenant.owner.token, input: { id } })
        return { as: tenant.owner.token, input: { id } }
      },
      AlreadyMember: async () => {
        const [tenant, invitee] = [await world().tenant(), await world().person()]
        const { id } = await openInvite(tenant, invitee)
        await tenant.grant(invitee, { kind: 'Organization', id: tenant.organizationId }, 'ADMIN')
        return { as: tenant.owner.token, input: { id } }
      },
      RoleTooHigh: async () => {
        const tenant = await world().tenant()
        const { id } = await openInvite(tenant, await world().person(), 'OWNER')
        return { as: (await tenant.member('ADMIN')).token, input: { id } }
      },
      InviteLimitReached: async () => {
        const tenant = await world().tenant()
        const { id } = await openInvite(tenant, await world().person())
        await useUpInvites(tenant.owner)
        return { as: tenant.owner.token, input: { id } }
      },
      ValidationError: async () => {
        const tenant = await world().tenant()
        const { id } = await openInvite(tenant, await world().person())
        return { as: tenant.owner.token, input: { id, expiresInDays: 31 } }
      },
    },
  },
  revokeInvite: {
    steps: async () => {
      const tenant = await world().tenant()
      const { id, of } = await openInvite(tenant, await world().person())
      const changes = { state: { before: 'PENDING', after: 'REVOKED' } }
      const as = tenant.owner.token
      return [
        { as, input: { id }, appends: () => [{ type: 'invite.revoked', ...of, changes }] },
        { as, input: { id }, appends: none },
      ]
    },
    refusals: {
      InviteUnavailable: async () => {
        const [tenant, invitee] = [await world().tenant(), await world().person()]
        const { token, inviteId } = await invited(tenant, invitee)
        await call('acceptInvite', { as: invitee.token, input: { token } })
        return { as: tenant.owner.token, input: { id: encodeId('Invite', inviteId) } }
      },
      RoleTooHigh: async () => {
        const tenant = await world().tenant()
        const { id } = await openInvite(tenant, await world().person(), 'OWNER')
        return { as: (await tenant.member('ADMIN')).token, input: { id } }
      },
      ValidationError: 'its only field is an id',
    },
  },
  declineInvite: {
    steps: async () => {
      const tenant = await world().tenant()
      const { token, inviteId } = await invited(tenant, await world().person())
      const changes = { state: { before: 'PENDING', after: 'DECLINED' } }
      const subject: [string, string] = ['Invite', inviteId]
      const of = { actor: null, organization: tenant.organizationId, subject }
      return [
        { as: null, input: { token }, appends: () => [{ type: 'invite.declined', ...of, changes }] },
        { as: null, input: { token }, appends: none },
      ]
    },
    refusals: {
      InviteUnavailable: async () => ({ as: null, input: { token: 'none' } }),
      ValidationError: 'its only field is a text of any form',
    },
  },
  acceptInvite: {
    steps: async () => {
      const tenant = await world().tenant()
      const invitee = await world().person({ verified: false })
      const { token, inviteId } = await invited(tenant, invitee)
      const of = { actor: invitee.userId, organization: tenant.organizationId }
      return [
        {
          as: invitee.token,
          input: { token },
          appends: () => [
            { type: 'user.email_verified', ...byUser(invitee), changes: verified },
            {
              type: 'invite.accepted',
              ...of,
              subject: ['Invite', inviteId],
              changes: { state: { before: 'PENDING', after: 'ACCEPTED' } },
            },
            {
              type: 'member.added',
              ...of,
              subject: ['Member', null],
              changes: { userId: { after: invitee.userId }, role: { after: 'MEMBER' } },
            },
          ],
        },
        { as: invitee.token, input: { token }, appends: none },
      ]
    },
    refusals: {
      InviteUnavailable: async () => ({ as: (await world().person()).token, input: { token: 'none' } }),
      WrongAccount: async () => {
        const { token } = await invited(await world().tenant(), await world().person())
        return { as: (await world().person()).token, input: { token } }
      },
      ValidationError: 'its only field is a text of any form',
    },
  },
  updateOrganization: {
    steps: async () => {
      const { id, organizationId, owner, slug } = await world().tenant()
      const input = { id, name: 'Changed', slug: `${slug}-new` }
      const changes = {
        name: { before: `Org ${owner.fullName}`, after: 'Changed' },
        slug: { before: slug, after: `${slug}-new` },
      }
      const event = { type: 'organization.updated', ...ofOrganization(owner, organizationId), changes }
      return [
        { as: owner.token, input, appends: () => [event] },
        { as: owner.token, input, appends: none },
      ]
    },
    refusals: {
      SlugTaken: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { id, slug: (await world().tenant()).slug } }
      },
      VersionConflict: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { id, name: 'Changed', expectedVersion: 7 } }
      },
      ValidationError: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { id, name: '' } }
      },
    },
  },
  deleteOrganization: {
    steps: async () => {
      const { id, organizationId, owner } = await world().tenant()
      const event = { type: 'organization.deleted', ...ofOrganization(owner, organizationId), changes: gone }
      return [{ as: owner.token, input: { id }, appends: () => [event] }]
    },
    refusals: {
      VersionConflict: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { id, expectedVersion: 7 } }
      },
      ValidationError: 'its only fields are an id and a number',
    },
  },
  restoreOrganization: {
    steps: async () => {
      const { id, organizationId, owner } = await world().tenant()
      await call('deleteOrganization', { as: owner.token, input: { id } })
      const event = { type: 'organization.restored', ...ofOrganization(owner, organizationId), changes: back }
      return [{ as: owner.token, input: { id }, appends: () => [event] }]
    },
    refusals: {
      NotDeleted: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { id } }
      },
      ValidationError: 'its only field is an id',
    },
  },
  deleteWorkspace: {
    steps: async () => {
      const tenant = await world().tenant()
      const event = { type: 'workspace.deleted', ...ofFirst(tenant), changes: gone }
      return [{ as: tenant.owner.token, input: { id: tenant.first.id }, appends: () => [event] }]
    },
    refusals: {
      VersionConflict: async () => {
        const { first, owner } = await world().tenant()
        return { as: owner.token, input: { id: first.id, expectedVersion: 7 } }
      },
      WorkspaceNotEmpty: async () => {
        const { first, owner } = await world().tenant()
        await resourceOn(first.id, owner)
        return { as: owner.token, input: { id: first.id } }
      },
      ValidationError: 'its only fields are an id and a number',
    },
  },
  restoreWorkspace: {
    steps: async () => {
      const tenant = await deletedWorkspace()
      const event = { type: 'workspace.restored', ...ofFirst(tenant), changes: back }
      return [{ as: tenant.owner.token, input: { id: tenant.first.id }, appends: () => [event] }]
    },
    refusals: {
      NotDeleted: async () => {
        const { first, owner } = await world().tenant()
        return { as: owner.token, input: { id: first.id } }
      },
      ValidationError: 'its only field is an id',
    },
  },
  purgeWorkspace: {
    steps: async () => {
      const tenant = await deletedWorkspace()
      const admin = await world().person({ platformAdmin: true })
      const changes = { key: { before: 'general' }, name: { before: 'General' } }
      const event = { type: 'workspace.purged', ...ofFirst(tenant), actor: admin.userId, changes }
      return [{ as: admin.token, input: { id: tenant.first.id }, appends: () => [event] }]
    },
    refusals: {
      NotDeleted: async () => {
        const admin = await world().person({ platformAdmin: true })
        return { as: admin.token, input: { id: (await world().tenant()).first.id } }
      },
      ValidationError: 'its only field is an id',
    },
  },
  setWorkspacesMlEnabled: {
    steps: async () => {
      const tenant = await world().tenant()
      const second = await tenant.workspace()
      const input = { workspaceIds: [tenant.first.id, second.id], enabled: true }
      const changes = { mlEnabled: { before: false, after: true } }
      const event = (workspace: string) => ({
        type: 'workspace.updated',
        ...ofFirst(tenant),
        workspace,
        subject: ['Workspace', workspace] as [string, string],
        changes,
      })
      const ids = [tenant.first.workspaceId, second.workspaceId].sort()
      return [
        { as: tenant.owner.token, input, appends: () => ids.map(event) },
        { as: tenant.owner.token, input, appends: none },
      ]
    },
    refusals: {
      ValidationError: async () => {
        const { id, owner } = await world().tenant()
        return { as: owner.token, input: { organizationId: id, workspaceIds: [], enabled: true } }
      },
    },
  },
  registerResource: {
    steps: async () => {
      const tenant = await world().tenant()
      return [
        {
          as: tenant.owner.token,
          input: { workspaceId: tenant.first.id, kind: 'BUCKET', name: 'data' },
          appends: ({ resource }) => {
            const subject: [string, string] = ['Resource', rowId((resource as { id: string }).id)]
            const changes = { kind: { after: 'BUCKET' }, name: { after: 'data' } }
            return [{ type: 'resource.registered', ...ofFirst(tenant), subject, changes }]
          },
        },
      ]
    },
    refusals: {
      ResourceNameTaken: async () => {
        const { first, owner } = await world().tenant()
        await resourceOn(first.id, owner)
        return { as: owner.token, input: { workspaceId: first.id, kind: 'BUCKET', name: 'data' } }
      },
      ValidationError: async () => {
        const { first, owner } = await world().tenant()
        return { as: owner.token, input: { workspaceId: first.id, kind: 'BUCKET', name: '' } }
      },
    },
  },
  removeResource: {
    steps: async () => {
      const tenant = await world().tenant()
      const id = await resourceOn(tenant.first.id, tenant.owner)
      const subject: [string, string] = ['Resource', rowId(id)]
      const changes = { kind: { before: 'BUCKET' }, name: { before: 'data' } }
      const event = { type: 'resource.removed', ...ofFirst(tenant), subject, changes }
      return [{ as: tenant.owner.token, input: { id }, appends: () => [event] }]
    },
    refusals: { ValidationError: 'its only field is an id' },
  },
  ...insideEntries(
    () => world().tenant(),
    async (name, as, input, field) => {
      const { payload } = await call(name, { as, input })
      return (payload[field] as { id: string }).id
    },
  ),
  ...provisioningEntries(app, () => world().tenant()),
  createAccessToken: {
    steps: async () => {
      const { userId: actor, token } = await world().person()
      return [
        {
          as: token,
          input: { name: 'CI', scopes: ['WORKSPACE_READ'] },
          appends: ({ accessToken }) => [
            {
              type: 'token.created',
              actor,
              subject: ['AccessToken', rowId((accessToken as { id: string }).id)],
              changes: {
                name: { after: 'CI' },
                prefix: { after: anyString },
                scopes: { after: ['workspace:read'] },
                expiresAt: { after: null },
              },
            },
          ],
        },
      ]
    },
    refusals: {
      ValidationError: async () => ({ as: (await world().person()).token, input: { name: '' } }),
    },
  },
  revokeAccessToken: {
    steps: async () => {
      const { userId, token } = await world().person()
      const { payload } = await call('createAccessToken', { as: token, input: { name: 'CI' } })
      const { id } = payload.accessToken as { id: string }
      const event = { type: 'token.revoked', actor: userId, subject: ['AccessToken', rowId(id)] }
      return [{ as: token, input: { id }, appends: () => [event as ExpectedEvent] }]
    },
    refusals: { ValidationError: 'its only field is an id' },
  },
  revokeSession: {
    steps: async () => {
      const { email, userId, token } = await account()
      await signIn(email)
      const rows = await app.current.services.db.session.findMany({
        where: { userId },
        orderBy: { createdAt: 'desc' },
      })
      const ended = (id = ''): Step => ({
        as: token,
        input: { id: encodeId('Session', id) },
        appends: () => [{ type: 'session.ended', actor: userId, subject: ['Session', id] }],
      })
      return [ended(rows[0]?.id), ended(rows[1]?.id)]
    },
    refusals: { ValidationError: 'its only field is an id' },
  },
  revokeOtherSessions: {
    steps: async () => {
      const { email, userId, token } = await account()
      await signIn(email)
      const event: ExpectedEvent = { type: 'session.ended', actor: userId, subject: ['Session', null] }
      return [
        { as: token, appends: () => [event] },
        { as: token, appends: none },
      ]
    },
    refusals: {},
  },
  createUser: {
    steps: async () => {
      const { userId: actor, token } = await world().person({ platformAdmin: true })
      const input = { email: address(), fullName: 'Grace', password: PASSWORD }
      return [
        {
          as: token,
          input,
          appends: ({ user }) => [
            {
              type: 'user.created',
              actor,
              subject: ['User', rowId((user as { id: string }).id)],
              changes: {
                email: { after: input.email },
                fullName: { after: 'Grace' },
                platformRole: { after: 'USER' },
                emailVerified: { after: false },
              },
            },
          ],
        },
      ]
    },
    refusals: {
      EmailTaken: async () => {
        const { email, token } = await world().person({ platformAdmin: true })
        return { as: token, input: { email, fullName: 'Grace', password: PASSWORD } }
      },
      ValidationError: async () => {
        const { token } = await world().person({ platformAdmin: true })
        return { as: token, input: { email: 'nobody', fullName: 'Grace', password: PASSWORD } }
      },
    },
  },
  updateUser: {
    steps: async () => {
      const { userId: actor, token } = await world().person({ platformAdmin: true })
      const person = await world().person()
      const subject: [string, string] = ['User', person.userId]
      const suspension = { before: false, after: true }
      const suspend = { as: token, input: { id: person.id, suspended: true } }
      return [
        {
          as: token,
          input: { id: person.id, fullName: 'Grace' },
          appends: () => [
            {
              type: 'user.updated',
              actor,
              subject,
              changes: { fullName: { before: person.fullName, after: 'Grace' } },
            },
          ],
        },
        {
          ...suspend,
          appends: () => [
            { type: 'user.updated', actor, subject, changes: { suspended: suspension } },
            { type: 'session.ended', actor, subject: ['Session', null] },
          ],
        },
        { ...suspend, appends: none },
      ]
    },
    refusals: {
      EmailTaken: async () => {
        const { email, token } = await world().person({ platformAdmin: true })
        return { as: token, input: { id: (await world().person()).id, email } }
      },
      LastPlatformAdmin:
        'there are other administrators here: test/domains/user has a service of its own for it',
      ValidationError: async () => {
        const { id, token } = await world().person({ platformAdmin: true })
        return { as: token, input: { id, fullName: '' } }
      },
    },
  },
  deleteUser: {
    steps: async () => {
      const { userId: actor, token } = await world().person({ platformAdmin: true })
      const tenant = await world().tenant()
      const { owner, organizationId: organization } = tenant
      const heir = await world().person()
      const of = { actor, organization, subject: ['Member', null] as [string, null] }
      return [
        {
          as: token,
          input: { id: owner.id, transferOwnershipTo: heir.id },
          appends: () => [
            {
              type: 'member.added',
              ...of,
              changes: { userId: { after: heir.userId }, role: { after: 'OWNER' } },
            },
            {
              type: 'member.removed',
              ...of,
              changes: { userId: { before: owner.userId }, role: { before: 'OWNER' } },
            },
            { type: 'session.ended', actor, subject: ['Session', null] },
            {
              type: 'user.deleted',
              actor,
              subject: ['User', owner.userId],
              changes: { email: { before: owner.email }, fullName: { before: owner.fullName } },
            },
          ],
        },
      ]
    },
    refusals: {
      SoleOwner: async () => {
        const { token } = await world().person({ platformAdmin: true })
        return { as: token, input: { id: (await world().tenant()).owner.id } }
      },
      LastPlatformAdmin:
        'there are other administrators here: test/domains/user has a service of its own for it',
      ValidationError: async () => {
        const { token } = await world().person({ platformAdmin: true })
        const { id } = (await world().tenant()).owner
        return { as: token, input: { id, transferOwnershipTo: id } }
      },
    },
  },
  closeAccount: {
    steps: async () => {
      const { email, userId, token } = await account()
      const { db } = app.current.services
      const { organizationId } = await db.organizationMember.findFirstOrThrow({ where: { userId } })
      const owner = await db.role.findFirstOrThrow({
        where: { organizationId, scope: 'ORGANIZATION', key: 'OWNER' },
      })
      const heir = await world().person()
      await db.organizationMember.create({
        data: { organizationId, userId: heir.userId, roleId: owner.id },
      })
      return [
        {
          as: token,
          input: { password: PASSWORD },
          appends: () => [
            {
              type: 'member.removed',
              actor: userId,
              organization: organizationId,
              subject: ['Member', null],
              changes: { userId: { before: userId }, role: { before: 'OWNER' } },
            },
            { type: 'session.ended', actor: userId, subject: ['Session', null] },
            {
              type: 'user.deleted',
              ...byUser({ userId }),
              changes: { email: { before: email }, fullName: { before: 'Ada' } },
            },
          ],
        },
      ]
    },
    refusals: {
      InvalidCredentials: async () => ({ as: (await account()).token, input: { password: 'wrong' } }),
      SoleOwner: async () => ({ as: (await account()).token, input: { password: PASSWORD } }),
      LastPlatformAdmin:
        'there are other administrators here: test/domains/user has a service of its own for it',
      ValidationError: 'its only field is a text of any form',
    },
  },
}

const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})

/** What the payload of a mutation tells by itself: ids, and what hangs one step beneath. */
function payloadSelection(payload: GraphQLObjectType): string {
  return fieldsOf(payload)
    .map((field) => {
      const type = getNamedType(field.type)
      if (!isObjectType(type)) return 'getFields' in type ? `${field.name} { __typename id }` : field.name
      const beneath = fieldsOf(type).map((own) => {
        const of = getNamedType(own.type)
        if ('getFields' in of) return 'id' in of.getFields() ? `${own.name} { id }` : ''
        return own.args.length > 0 ? '' : own.name
      })
      return `${field.name} { ${type.getFields().id ? 'id' : beneath.join(' ')} }`
    })
    .join(' ')
}

interface Row {
  stream_id: string
  sequence: string
  organization_id: string | null
  workspace_id: string | null
  type: string
  actor_id: string | null
  subject_type: string
  subject_id: string
  changes: Record<string, unknown>
  request_id: string | null
}

const events = () => app.current.services.db.$queryRaw<Row[]>`
  SELECT stream_id::text, sequence::text, organization_id::text, workspace_id::text, type, actor_id::text, subject_type,
         subject_id::text, changes, request_id FROM event ORDER BY event.stream_id, event.sequence`

/** Calls a mutation, and tells what it answered and which events there are since. */
async function call(name: string, { as, input }: Call) {
  const field = mutations.find((one) => one.name === name)
  const result = getNamedType(field?.type)
  const payloadType = isUnionType(result) && result.getTypes().find((type) => type.name.endsWith('Payload'))
  if (!payloadType) throw new Error(`There is no mutation ${name}`)
  const hasInput = field?.args.length !== 0
  const Name = payloadType.name.replace(/Payload$/, '')
  const query = `mutation${hasInput ? `($input: ${Name}Input!)` : ''} { ${name}${hasInput ? '(input: $input)' : ''} {
    __typename ... on ${payloadType.name} { ${payloadSelection(payloadType)} } } }`
  const requestId = randomUUID()
  const before = new Set((await events()).map((row) => `${row.stream_id} ${row.sequence}`))
  const response = await app.current.app.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': requestId,
      ...(as ? { authorization: `Bearer ${as}` } : {}),
    },
    body: JSON.stringify({ query, variables: hasInput ? { input } : {} }),
  })
  const { data, errors } = (await response.json()) as {
    data: Record<string, Record<string, unknown>>
    errors?: unknown
  }
  expect(errors, name).toBeUndefined()
  const payload = data[name] ?? {}
  for (const secret of [
    as,
    payload.token,
    payload.secret,
    input?.password,
    input?.newPassword,
    input?.currentPassword,
    input?.token,
  ]) {
    if (typeof secret === 'string') secrets.add(secret)
  }
  const appended = (await events()).filter((row) => !before.has(`${row.stream_id} ${row.sequence}`))
  return { payload, appended, requestId }
}

/** An expected event, in the form of a row. */
function rowOf(expected: ExpectedEvent, requestId: string) {
  return {
    stream_id: expected.organization ?? PLATFORM_STREAM,
    organization_id: expected.organization ?? null,
    workspace_id: expected.workspace ?? null,
    type: expected.type,
    actor_id: expected.actor,
    subject_type: expected.subject[0],
    subject_id: expected.subject[1] ?? anyString,
    changes: expected.changes ?? {},
    request_id: requestId,
  }
}

const withoutSequence = ({ sequence: _sequence, ...row }: Row) => row
const inLogOrder = <T extends { stream_id: string }>(rows: T[]): T[] =>
  [...rows].sort((a, b) => (a.stream_id < b.stream_id ? -1 : a.stream_id > b.stream_id ? 1 : 0))

describe('E1 what each mutation appends', () => {
  test('every mutation has an entry, and every entry a mutation', () => {
    expect(Object.keys(TABLE).sort()).toEqual(mutations.map(({ name }) => name).sort())
  })

  for (const { name, type } of mutations) {
    const entry = TABLE[name]
    if (!entry) continue
    test(`${name}: its events, and none when it changes nothing`, async () => {
      for (const { appends, ...step } of await entry.steps()) {
        const { payload, appended, requestId } = await call(name, step)
        expect(payload.__typename, JSON.stringify(payload)).toMatch(/Payload$/)
        const expected = appends(payload).map((one) => rowOf(one, requestId))
        expect(inLogOrder(appended.map(withoutSequence))).toEqual(inLogOrder(expected))
      }
    })

    const union = getNamedType(type)
    const errors = isUnionType(union)
      ? union.getTypes().filter((member) => !member.name.endsWith('Payload'))
      : []
    test(`${name}: none on a refusal`, async () => {
      expect(Object.keys(entry.refusals).sort()).toEqual(errors.map((error) => error.name).sort())
      for (const [error, provoke] of Object.entries(entry.refusals)) {
        if (typeof provoke === 'string') continue
        const { payload, appended } = await call(name, await provoke())
        expect(payload.__typename).toBe(error)
        expect(appended, error).toEqual([])
      }
    })
  }
})

describe('E1 the log', () => {
  test('is one order without a gap, for each organization and for the platform', async () => {
    const tenant = await world().tenant()
    await Promise.all(Array.from({ length: 10 }, () => tenant.workspace()))
    const heads = await app.current.services.db.eventStream.findMany()
    const rows = await events()
    for (const { id, lastSequence } of heads) {
      const sequences = rows.filter((row) => row.stream_id === id).map((row) => Number(row.sequence))
      expect(sequences).toEqual(Array.from({ length: Number(lastSequence) }, (_, nth) => nth + 1))
    }
    expect(new Set(rows.map((row) => row.stream_id))).toEqual(new Set(heads.map(({ id }) => id)))
  })

  test('can not be changed, not even by SQL', async () => {
    const tenant = await world().tenant()
    const change = app.current.services.db.event.updateMany({
      where: { organizationId: tenant.organizationId },
      data: { type: 'nothing.happened' },
    })
    await expect(change).rejects.toThrow(/append-only/)
  })

  test('every row is in the log of its organization, and is named by a noun and a past participle', async () => {
    const rows = await events()
    expect(rows.filter((row) => row.stream_id !== (row.organization_id ?? PLATFORM_STREAM))).toEqual([])
    const types = [...new Set(rows.map(({ type }) => type))]
    expect(types.filter((type) => !/^[a-z]+\.([a-z]+_)*[a-z]*(ed|en|set|up|sent)$/.test(type))).toEqual([])
    const owned = await app.current.services.db.workspace.findMany({
      select: { id: true, organizationId: true },
    })
    const organizations = new Map(owned.map((workspace) => [workspace.id, workspace.organizationId]))
    const foreign = rows.filter(
      (row) => row.organization_id !== (organizations.get(row.workspace_id ?? '') ?? row.organization_id),
    )
    expect(foreign).toEqual([])
  })
})

// Behind everything else, so that it has seen every event of this file.
afterAll(async () => {
  const text = JSON.stringify(await events())
  expect(secrets.size).toBeGreaterThan(20)
  for (const secret of secrets) {
    expect(text.includes(secret), `an event holds the secret ${secret}`).toBe(false)
    expect(text.includes(hashToken(secret)), `an event holds the hash of ${secret}`).toBe(false)
  }
})
