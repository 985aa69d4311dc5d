import { createInvites } from '../../src/domains/invite/create-invites.ts'
import { createOrganization } from '../../src/domains/organization/create-organization.ts'
import { encodeId } from '../../src/graphql/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import { hashToken, newToken } from '../../src/platform/secrets.ts'
import type { TestApp } from './app.ts'
import { createInside } from './inside.ts'
import { createWorld, insertInvite, type Person, type Tenant } from './world.ts'

/** So many rows, or more, has every list of a crowd. */
export const MANY = 12

export interface Crowd {
  viewer: Person
  tenant: Tenant
  /** An operation with many items: its global id. */
  operationId: string
}

/** Every list of the API has twelve rows here, each with something behind each of its fields. */
export async function gatherCrowd(app: TestApp): Promise<Crowd> {
  const { db } = app.services
  const tenant = await createWorld(app).tenant()
  const { owner: viewer, organizationId } = tenant
  const caller = await viewer.caller()
  const boundingBox = {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
    ],
  } as const
  for (let nth = 1; nth < MANY; nth++) {
    await createOrganization(caller, { name: `Organization ${nth}` })
    await tenant.workspace({ name: `Workspace ${nth}`, boundingBox: structuredClone(boundingBox) as never })
    const member = await tenant.member()
    await tenant.grant(member, { kind: 'Workspace', id: tenant.first.workspaceId }, 'WRITE')
  }
  await db.workspace.updateMany({ data: { boundingBox } })
  await db.role.createMany({
    data: Array.from({ length: MANY }, (_, nth) => ({
      organizationId,
      scope: 'WORKSPACE' as const,
      key: `CUSTOM_${nth}`,
      name: `Custom ${nth}`,
      level: 'WRITE' as const,
    })),
  })
  await createResources(app)
  // The platform keeps an administrator once it has one: this one lets the viewer come and go as another.
  await createWorld(app).person({ platformAdmin: true })
  await inviteEverywhere(app, await viewer.caller(), tenant)
  await inviteViewer(app, viewer)
  await fillWorkspaces(app, tenant)
  await attemptEverywhere(app)
  await signInEverywhere(app, viewer)
  return { viewer, tenant, operationId: await operateMuch(app, tenant) }
}

/** Operations of each organization that have refused everything, so that nothing about them is null. */
async function operateMuch({ services: { db } }: TestApp, tenant: Tenant): Promise<string> {
  const error = { reason: 'INVALID', message: 'No.' }
  const organizations = await db.organization.findMany({ include: { workspaces: { take: MANY } } })
  for (const { id: organizationId, workspaces } of organizations) {
    const isFull = organizationId === tenant.organizationId
    for (let nth = 0; nth < (isFull ? MANY : 1); nth++) {
      const items = Array.from({ length: isFull ? MANY : 1 }, (_, position) => ({
        position,
        key: `key-${position}`,
        desired: {},
        planned: 'REFUSED' as const,
        action: 'REFUSED' as const,
        changes: { name: { before: 'Old', after: 'New' } },
        error,
        made: { workspaceId: workspaces[position % workspaces.length]?.id ?? '' },
      }))
      await db.operation.create({
        data: {
          organizationId,
          kind: 'PROVISION',
          mode: 'ATOMIC',
          state: 'FAILED',
          validateOnly: false,
          requestedById: tenant.owner.userId,
          input: {},
          digest: '',
          planned: { create: 0, update: 0, unchanged: 0, refused: items.length },
          total: items.length,
          failed: items.length,
          error: { reason: 'ITEMS_REFUSED', message: 'No.' },
          finishedAt: new Date(),
          // The newest, also when a way to an operation has made another one.
          createdAt: new Date(Date.now() + 86_400_000),
          items: { create: items },
        },
      })
    }
  }
  const { organizationId } = tenant
  const { id } = await db.operation.findFirstOrThrow({ where: { organizationId }, orderBy: { id: 'desc' } })
  return encodeId('Operation', id)
}

/** A plan for every workspace of the crowd, each refused for a role that there is not. */
const plan = (tenant: Tenant, list: string) => {
  const members = '[{ email: "a@example.com", role: "nobody" }]'
  const workspaces = Array.from(
    { length: MANY - 1 },
    (_, nth) => `{ key: "workspace-${nth + 1}", members: ${members} }`,
  )
  return `mutation { provisionWorkspaces(input: { organizationId: "${tenant.id}", validateOnly: true, workspaces: [
    { key: "general", members: ${members} } ${workspaces.join(' ')}] }) {
    ... on ProvisionWorkspacesPayload { operation { ${list} } } } }`
}

async function createResources({ services: { db } }: TestApp): Promise<void> {
  const workspaces = await db.workspace.findMany()
  await db.resource.createMany({
    data: workspaces.flatMap(({ id, organizationId, createdById }) =>
      Array.from({ length: MANY }, (_, nth) => ({
        organizationId,
        workspaceId: id,
        kind: 'BUCKET' as const,
        name: `Bucket ${nth}`,
        createdById,
      })),
    ),
  })
}

/** Makes the viewer a platform administrator before a list of `Admin` is asked for, and nobody special before others. */
export async function standBefore(app: TestApp, { viewer }: Crowd, parent: string): Promise<void> {
  const platformRole = parent === 'Admin' ? 'ADMIN' : 'USER'
  await app.services.db.user.updateMany({
    where: { id: viewer.userId, platformRole: { not: platformRole } },
    data: { platformRole },
  })
}

/** One of everything inside each workspace, and many in the first one. */
async function fillWorkspaces(app: TestApp, tenant: Tenant): Promise<void> {
  const { first } = tenant
  for (const { id } of await app.services.db.workspace.findMany()) {
    for (let nth = 0; nth < (id === first.workspaceId ? MANY : 1); nth++) await createInside(tenant, id)
  }
}

async function inviteEverywhere(
  app: TestApp,
  caller: Awaited<ReturnType<Person['caller']>>,
  tenant: Tenant,
): Promise<void> {
  const { db } = app.services
  const people = (role: string, count: number) =>
    Array.from({ length: count }, () => ({ email: `${newToken().slice(0, 12)}@example.com`, role }))
  const many = [tenant.organizationId, tenant.first.workspaceId]
  for (const { id } of await db.organization.findMany()) {
    const invites = people('MEMBER', many.includes(id) ? MANY : 1)
    await createInvites(caller, { scope: { kind: 'Organization', id }, invites })
  }
  for (const { id } of await db.workspace.findMany()) {
    const invites = people('READ', many.includes(id) ? MANY : 1)
    await createInvites(caller, { scope: { kind: 'Workspace', id }, invites })
  }
}

/** Open invites to somebody who came in by another way meanwhile, so that their scope can be seen. */
async function inviteViewer(app: TestApp, { email, userId }: Person): Promise<void> {
  const workspaces = await app.services.db.workspace.findMany({
    orderBy: { id: 'asc' },
    take: MANY,
    select: { id: true, organizationId: true },
  })
  for (const workspace of workspaces)
    await insertInvite(app, { email, workspace, role: 'READ', token: workspace.id, invitedById: userId })
}

/** Attempts to reach each subscription. */
async function attemptEverywhere({ services: { db } }: TestApp): Promise<void> {
  const subscriptions = await db.eventSubscription.findMany()
  await db.deliveryAttempt.createMany({
    data: subscriptions.flatMap(({ id: subscriptionId, organizationId }) =>
      Array.from({ length: MANY }, () => ({
        organizationId,
        subscriptionId,
        message: newId(),
        type: 'member.added',
        outcome: 'DELIVERED' as const,
        status: 204,
        durationMs: 12,
        createdAt: new Date(),
      })),
    ),
  })
}

/** Sessions and access tokens of the viewer. */
async function signInEverywhere({ services: { db } }: TestApp, { userId }: Person): Promise<void> {
  const expiresAt = new Date(Date.now() + 86_400_000)
  const several = Array.from({ length: MANY }, (_, nth) => nth)
  await db.session.createMany({
    data: several.map(() => ({ userId, token: hashToken(newToken()), userAgent: 'a browser', expiresAt })),
  })
  await db.accessToken.createMany({
    data: several.map((nth) => ({
      userId,
      name: `Token ${nth}`,
      prefix: 'atr_abcdef',
      tokenHash: hashToken(newToken()),
      isLimited: true,
      scopes: ['workspace:read'],
      expiresAt,
      lastUsedAt: expiresAt,
    })),
  })
}

/** What a list has to be asked for beside its page, by `Type.field`. */
export const ASKED: Record<string, (crowd: Crowd) => string> = {
  'Query.events': ({ tenant }) => `organizationId: "${tenant.id}", types: ["capability.*"], `,
}

/** How a type that has lists is reached: by roots, and in payloads, where rows are loaded lazily. */
export const WAYS: Record<string, (crowd: Crowd, list: string) => Record<string, string>> = {
  Query: (_crowd, list) => ({ query: `{ ${list} }` }),
  Admin: (_crowd, list) => ({ admin: `{ admin { ${list} } }` }),
  Viewer: (_crowd, list) => ({ viewer: `{ viewer { ${list} } }` }),
  Organization: ({ tenant }, list) => ({
    organization: `{ organization(id: "${tenant.id}") { ${list} } }`,
    node: `{ node(id: "${tenant.id}") { ... on Organization { ${list} } } }`,
    'Workspace.organization': `{ workspace(id: "${tenant.first.id}") { organization { ${list} } } }`,
    payload: `mutation { updateWorkspace(input: { id: "${tenant.first.id}" }) {
      ... on UpdateWorkspacePayload { workspace { organization { ${list} } } } } }`,
  }),
  Operation: ({ tenant, operationId }, list) => ({
    operation: `{ operation(id: "${operationId}") { ${list} } }`,
    node: `{ node(id: "${operationId}") { ... on Operation { ${list} } } }`,
    payload: plan(tenant, list),
  }),
  EventSubscription: ({ tenant }, list) => ({
    workspace: `{ workspace(id: "${tenant.first.id}") { eventSubscriptions(first: 1) { nodes { ${list} } } } }`,
  }),
  Workspace: ({ tenant }, list) => ({
    workspace: `{ workspace(id: "${tenant.first.id}") { ${list} } }`,
    payload: `mutation { updateWorkspace(input: { id: "${tenant.first.id}" }) {
      ... on UpdateWorkspacePayload { workspace { ${list} } } } }`,
  }),
}

/** The rows of the list that the query calls `list`, wherever it stands. */
export function listIn(data: unknown): Record<string, unknown>[] {
  if (data === null || typeof data !== 'object') return []
  const found = (data as { list?: unknown }).list
  if (Array.isArray(found)) return found
  if (found) return (found as { nodes: Record<string, unknown>[] }).nodes
  return Object.values(data).flatMap(listIn)
}
