import { beforeAll, describe, expect, test } from 'vitest'
import { setMemberRole } from '../../../src/domains/member/set-member-role.ts'
import { updateViewerPreferences } from '../../../src/domains/preferences/update-viewer-preferences.ts'
import { updateWorkspacePreferences } from '../../../src/domains/preferences/update-workspace-preferences.ts'
import { createRole } from '../../../src/domains/role/create-role.ts'
import { updateWorkspaceSettings } from '../../../src/domains/workspace/update-workspace-settings.ts'
import { getDatamodel } from '../../../src/generated/pothos-types.ts'
import { decodeId, encodeId } from '../../../src/graphql/ids.ts'
import { useTestApp } from '../../kit/app.ts'
import { mutate } from '../../kit/mutate.ts'
import { createPlace, type Place } from '../../kit/place.ts'
import { snapshot } from '../../kit/snapshot.ts'
import { createWorld, type Person, type Tenant, type World } from '../../kit/world.ts'

const app = useTestApp()
let world: World
/** The model of the data, as Prisma knows it. */
const { models } = getDatamodel().datamodel as unknown as {
  models: Record<string, { fields: { name: string; kind: string; isList: boolean }[] }>
}

beforeAll(() => {
  world = createWorld(app.current)
})

/** What a clone has, field by field: `same` as the source, `its own`, or `nothing` of the source. Decided by hand (O15). */
const SAME = 'same'
const OWN = 'its own'
const NOTHING = 'nothing'
const DECIDED: Record<string, Record<string, typeof SAME | typeof OWN | typeof NOTHING>> = {
  Workspace: {
    ...fates(SAME, 'description labels boundingBox defaultCoordinateSystem settings'),
    ...fates(OWN, 'id organizationId organization key databaseName name version mlEnabled'),
    ...fates(OWN, 'createdById createdBy updatedById updatedBy createdAt updatedAt deletedAt purgeAt'),
    ...fates(SAME, 'grants preferences extensionInstallations capabilities eventSubscriptions'),
    ...fates(NOTHING, 'invites resources integrationSecrets viewerPreferences'),
    ...fates(OWN, 'logEntries'),
    // Views of the grants, and of roles in the organization.
    ...fates(OWN, 'members viewerMembers'),
  },
  WorkspacePreferences: {
    ...fates(SAME, 'locale timeZone theme weekStart landingPage'),
    ...fates(OWN, 'workspaceId workspace organizationId organization updatedAt'),
  },
  WorkspaceMember: {
    ...fates(SAME, 'userId user roleId role roleScope level inheritedLevel organizationMember'),
    ...fates(OWN, 'id workspaceId workspace organizationId organization createdAt updatedAt'),
  },
  ExtensionInstallation: {
    ...fates(SAME, 'key version enabled config'),
    ...fates(OWN, 'id workspaceId workspace organizationId organization createdAt updatedAt'),
    ...fates(OWN, 'installedById installedBy'),
  },
  Capability: {
    ...fates(SAME, 'name version description metadata'),
    ...fates(OWN, 'id workspaceId workspace organizationId organization createdAt'),
    ...fates(OWN, 'registeredById registeredBy'),
  },
  EventSubscription: {
    ...fates(SAME, 'url types description enabled'),
    ...fates(OWN, 'id workspaceId workspace organizationId organization createdAt updatedAt'),
    ...fates(OWN, 'sealedSecret createdById createdBy previousSealedSecret rotationEndsAt disabledReason'),
    ...fates(OWN, 'cursor failures firstFailedAt nextAttemptAt lockedBy leaseEndsAt attempts'),
  },
}

function fates<Fate extends string>(fate: Fate, names: string): Record<string, Fate> {
  return Object.fromEntries(names.split(' ').map((name) => [name, fate]))
}

const columnsOf = (model: string) =>
  (models[model]?.fields ?? []).filter(({ kind }) => kind !== 'object').map(({ name }) => name)

type Row = Record<string, unknown>
const rowsIn = async (workspaceId: string) => {
  const { db } = app.current.services
  const include = Object.fromEntries(
    (models.Workspace?.fields ?? [])
      .filter(({ kind, name }) => kind === 'object' && DECIDED.Workspace?.[name] !== OWN)
      .map(({ name }) => [name, true]),
  )
  return (await db.workspace.findUniqueOrThrow({ where: { id: workspaceId }, include })) as unknown as Row
}

/** The columns of a row that a clone takes over. */
const same = (model: string, row: unknown) =>
  Object.fromEntries(
    columnsOf(model)
      .filter((name) => DECIDED[model]?.[name] === SAME)
      .map((name) => [name, (row as Row)[name]]),
  )

const ALL = { members: true, roles: true, extensions: true, capabilities: true, eventSubscriptions: true }
const PLAN =
  'workspace { id key } plan { name key members roles extensions capabilities eventSubscriptions } eventSubscriptions { secret eventSubscription { id url } }'

const clone = (
  person: Pick<Person, 'token'>,
  source: { id: string },
  input: Record<string, unknown> = {},
  ofError = '',
) =>
  mutate(
    app.current,
    person.token,
    'cloneWorkspace',
    { workspaceId: source.id, name: 'Copy', ...input },
    PLAN,
    ofError,
  )

const madeBy = (result: Row | null) => decodeId((result as { workspace: { id: string } }).workspace.id).id

/** A workspace in which nothing that can be copied is left at its default. */
async function fullPlace(): Promise<Place> {
  const place = await createPlace(app.current, world)
  const { tenant, workspace } = place
  const caller = await tenant.owner.caller()
  const { workspaceId } = workspace
  const ring = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 0],
  ]
  await updateWorkspaceSettings(caller, {
    workspaceId,
    settings: {
      permissions: {
        whoMayInvite: 'OWNER',
        allowedEmailDomains: ['example.com'],
        workspaceDeletion: 'OWNER',
      },
      features: [{ key: 'maps', enabled: true }],
      integrations: [
        {
          key: 'mail',
          enabled: false,
          config: { b: 1, a: [2] },
          secrets: [{ key: 'token', value: 'hush-hush' }],
        },
      ],
    },
  })
  app.current.secrets.set('integration', 'hush-hush')
  await updateWorkspacePreferences(caller, {
    workspaceId,
    locale: 'de-CH',
    timeZone: 'Europe/Zurich',
    theme: 'DARK',
    weekStart: 'SUNDAY',
    landingPage: 'members',
  })
  await updateViewerPreferences(caller, { workspaceId, locale: 'fr' })
  const { db } = app.current.services
  await db.workspace.update({
    where: { id: workspaceId },
    data: {
      boundingBox: { type: 'Polygon', coordinates: [ring] },
      defaultCoordinateSystem: 'EPSG:2056',
      mlEnabled: true,
    },
  })
  await db.extensionInstallation.updateMany({
    where: { workspaceId },
    data: { version: '1.2', enabled: false, config: { deep: { er: true } } },
  })
  await db.capability.updateMany({
    where: { workspaceId },
    data: { version: '2', description: 'Does it', metadata: { of: [1] } },
  })
  await db.eventSubscription.updateMany({
    where: { workspaceId },
    data: { description: 'Hook', enabled: false, types: ['member.*'] },
  })
  const helper = await tenant.grantee(workspaceId, 'READ')
  await giveCustomRole(tenant, place, helper)
  return place
}

async function giveCustomRole(tenant: Tenant, { workspace }: Place, { userId }: Person) {
  const caller = await tenant.owner.caller()
  await createRole(caller, {
    organizationId: tenant.organizationId,
    scope: 'WORKSPACE',
    key: 'STEWARD',
    name: 'Data Steward',
    description: 'Looks after it',
    level: 'WRITE',
    permissions: ['resource:write'],
  })
  const scope = { kind: 'Workspace', id: workspace.workspaceId } as const
  await setMemberRole(caller, { scope, userId, role: 'STEWARD' })
}

describe('O15 a deep copy', () => {
  test('every column and relation of the data model is decided upon', () => {
    const decided = Object.fromEntries(
      Object.entries(DECIDED).map(([model, of]) => [model, Object.keys(of).sort()]),
    )
    const known = Object.fromEntries(
      Object.keys(DECIDED).map((model) => [
        model,
        (models[model]?.fields ?? []).map(({ name }) => name).sort(),
      ]),
    )
    expect(decided).toEqual(known)
  })

  test('S1 field by field: what is copied is the same, and what is not is its own or not there', async () => {
    const { tenant, workspace } = await fullPlace()
    const { kind, result } = await clone(tenant.owner, workspace, { include: ALL })
    expect(kind).toBe('CloneWorkspacePayload')
    const source = await rowsIn(workspace.workspaceId)
    const copy = await rowsIn(madeBy(result))
    expect(same('Workspace', copy)).toEqual(same('Workspace', source))
    // What is empty at the source would show nothing.
    for (const [name, value] of Object.entries(same('Workspace', source))) expect(value, name).toBeTruthy()
    for (const name of columnsOf('Workspace').filter((each) => DECIDED.Workspace?.[each] === OWN)) {
      if (!['organizationId', 'version', 'createdById', 'updatedById', 'deletedAt', 'purgeAt'].includes(name))
        expect([name, copy[name]]).not.toEqual([name, source[name]])
    }
    const relations = (models.Workspace?.fields ?? []).filter(({ kind: of }) => of === 'object')
    for (const { name } of relations) {
      const fate = DECIDED.Workspace?.[name]
      if (fate === OWN) continue
      const [from, to] = [source[name], copy[name]].map((of) => (Array.isArray(of) ? of : of ? [of] : []))
      expect(from?.length, `the source has ${name}`).toBeGreaterThan(0)
      if (fate === NOTHING) expect([name, to]).toEqual([name, []])
      else {
        const model = modelOf(name)
        const order = (rows: unknown[] = []) => rows.map((row) => JSON.stringify(same(model, row))).sort()
        expect(order(to)).toEqual(order(from))
        for (const column of Object.keys(same(model, {})))
          expect(
            from?.some((row) => (row as Row)[column] !== null && (row as Row)[column] !== ''),
            `${model}.${column} is set somewhere`,
          ).toBe(true)
      }
    }
    const secrets = [source, copy].map(
      (of) => (of.eventSubscriptions as { sealedSecret: string }[])[0]?.sealedSecret,
    )
    expect(secrets[0]).not.toBe(secrets[1])
  })

  const modelOf = (relation: string) =>
    ({
      grants: 'WorkspaceMember',
      preferences: 'WorkspacePreferences',
      extensionInstallations: 'ExtensionInstallation',
      capabilities: 'Capability',
      eventSubscriptions: 'EventSubscription',
    })[relation] ?? relation

  test('leaves out what nobody asked for, and the caller owns it', async () => {
    const { tenant, workspace } = await fullPlace()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    await tenant.grant(manager, { kind: 'Workspace', id: workspace.workspaceId }, 'READ')
    const { result } = await clone(manager, workspace, { include: { capabilities: true } })
    const copy = (await rowsIn(madeBy(result))) as Record<string, unknown[]>
    expect(copy.grants).toMatchObject([{ userId: manager.userId, level: 'OWNER' }])
    expect(copy.capabilities).toHaveLength(1)
    for (const name of ['extensionInstallations', 'eventSubscriptions', 'invites', 'resources'])
      expect([name, copy[name]]).toEqual([name, []])
  })

  test('the new secrets of event subscriptions are shown once, sealed, and in no event', async () => {
    const { tenant, workspace } = await fullPlace()
    const input = { include: { eventSubscriptions: true }, idempotencyKey: 'once' }
    const { result } = await clone(tenant.owner, workspace, input)
    const [shown] = (result?.eventSubscriptions ?? []) as {
      secret: string
      eventSubscription: { id: string }
    }[]
    expect(shown?.secret).toMatch(/^whsec_/)
    const { db, secrets } = app.current.services
    const row = await db.eventSubscription.findUniqueOrThrow({
      where: { id: decodeId(String(shown?.eventSubscription.id)).id },
    })
    expect(secrets.open(row.sealedSecret)).toBe(shown?.secret)
    const again = await clone(tenant.owner, workspace, input)
    expect(again.result).toEqual({
      ...result,
      eventSubscriptions: [{ ...shown, secret: null }],
    })
    const events = await db.event.findMany({ where: { organizationId: tenant.organizationId } })
    expect(JSON.stringify(events.map(({ changes }) => changes))).not.toContain(String(shown?.secret).slice(6))
  })
})

describe('O15 into another organization', () => {
  /** Somebody of this role in a second organization, who owns the first. */
  async function between(role: string) {
    const place = await fullPlace()
    const target = await world.tenant()
    await target.grant(place.tenant.owner, { kind: 'Organization', id: target.organizationId }, role)
    return { place, target, person: place.tenant.owner, source: place.workspace }
  }

  test('custom roles are found by key, are refused when they are not there, or are made', async () => {
    const { target, person, source } = await between('ADMIN')
    const to = { organizationId: target.id }
    const missing = await clone(
      person,
      source,
      { ...to, include: { members: true } },
      'RolesMissing { keys }',
    )
    expect([missing.kind, missing.result?.keys]).toEqual(['RolesMissing', ['STEWARD']])
    const made = await clone(person, source, { ...to, include: ALL })
    expect(made.result).toMatchObject({ plan: { roles: ['STEWARD'], members: 2 } })
    const { db } = app.current.services
    const grants = await db.workspaceMember.findMany({
      where: { workspaceId: madeBy(made.result) },
      include: { role: true },
    })
    expect(grants.map(({ role }) => role.key).sort()).toEqual(['OWNER', 'STEWARD', 'WRITE'])
    expect(grants.map(({ role }) => role.organizationId)).toEqual(grants.map(() => target.organizationId))
    const joined = await db.organizationMember.findMany({
      where: { organizationId: target.organizationId, userId: { in: grants.map(({ userId }) => userId) } },
      include: { role: true },
    })
    expect(joined.map(({ role }) => role.key).sort()).toEqual(['ADMIN', 'MEMBER', 'MEMBER'])
    const again = await clone(person, source, { ...to, include: { members: true } })
    expect(again.result).toMatchObject({ plan: { roles: [], members: 2 } })
  })

  test('nothing reaches above the caller', async () => {
    const { place, target, person, source } = await between('WORKSPACE_MANAGER')
    const to = { organizationId: target.id }
    const roles = await clone(person, source, { ...to, include: { members: true, roles: true } })
    expect([roles.kind, roles.errors?.[0]?.extensions.permission]).toEqual([
      'FORBIDDEN',
      'organization:roles',
    ])
    const { db } = app.current.services
    await db.role.updateMany({
      where: { organizationId: place.tenant.organizationId, key: 'STEWARD' },
      data: { level: 'OWNER', permissions: ['workspace:delete'] },
    })
    const admin = await between('ADMIN')
    await db.role.updateMany({
      where: { organizationId: admin.place.tenant.organizationId, key: 'STEWARD' },
      data: { level: 'OWNER' },
    })
    const before = await snapshot(app.current)
    const above = await clone(admin.person, admin.source, { organizationId: admin.target.id, include: ALL })
    expect(above.kind).toBe('RoleTooHigh')
    expect(await snapshot(app.current)).toEqual(before)
  })

  test('it has to be one where the caller may create', async () => {
    const { target, person, source } = await between('MEMBER')
    const stranger = await world.tenant()
    const refused = await clone(person, source, { organizationId: target.id })
    expect(refused.errors?.[0]?.extensions).toMatchObject({ permission: 'workspace:create' })
    expect((await clone(person, source, { organizationId: stranger.id })).kind).toBe('NOT_FOUND')
    const absent = encodeId('Organization', source.workspaceId)
    expect((await clone(person, source, { organizationId: absent })).kind).toBe('NOT_FOUND')
  })
})

describe('O15 who may, and how often', () => {
  test('readers may not where a policy leaves it to administrators, and nobody on what they do not see', async () => {
    const { tenant, workspace } = await fullPlace()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    expect((await clone(manager, workspace)).kind).toBe('NOT_FOUND')
    await tenant.grant(manager, { kind: 'Workspace', id: workspace.workspaceId }, 'WRITE')
    await updateWorkspaceSettings(await tenant.owner.caller(), {
      workspaceId: workspace.workspaceId,
      settings: { permissions: { cloneByWriters: false } },
    })
    const refused = await clone(manager, workspace)
    expect(refused.errors?.[0]?.extensions).toMatchObject({ permission: 'workspace:clone' })
    expect((await clone(tenant.owner, workspace)).kind).toBe('CloneWorkspacePayload')
    const hooks = await tenant.grantee(workspace.workspaceId, 'WRITE')
    expect((await clone(hooks, workspace)).kind).toBe('FORBIDDEN')
  })

  test('a reader does not copy event subscriptions that they can not see', async () => {
    const { tenant, workspace } = await fullPlace()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    await tenant.grant(manager, { kind: 'Workspace', id: workspace.workspaceId }, 'WRITE')
    const refused = await clone(manager, workspace, { include: { eventSubscriptions: true } })
    expect(refused.errors?.[0]?.extensions).toMatchObject({ permission: 'events:write' })
  })

  test('validateOnly answers what would be, and makes nothing', async () => {
    const { tenant, workspace } = await fullPlace()
    const before = await snapshot(app.current)
    const input = { include: ALL, key: 'copy-of-it' }
    const planned = await clone(tenant.owner, workspace, {
      ...input,
      validateOnly: true,
      idempotencyKey: 'v',
    })
    expect(planned.result).toMatchObject({
      workspace: null,
      plan: { key: 'copy-of-it', members: 2, extensions: [expect.any(String)] },
    })
    expect(await snapshot(app.current)).toEqual(before)
    const done = await clone(tenant.owner, workspace, { ...input, idempotencyKey: 'v' })
    expect(done.result?.plan).toEqual(planned.result?.plan)
    const taken = await clone(tenant.owner, workspace, { ...input, validateOnly: true })
    expect(taken.kind).toBe('KeyTaken')
  })

  test('an idempotency key makes one clone of many calls, belongs to its caller, and to its input', async () => {
    const { tenant, workspace } = await fullPlace()
    const input = { idempotencyKey: 'mine', include: { members: true } }
    const calls = await Promise.all(Array.from({ length: 4 }, () => clone(tenant.owner, workspace, input)))
    const [first] = calls
    expect(first?.kind).toBe('CloneWorkspacePayload')
    for (const { result } of calls) expect(result).toEqual(first?.result)
    expect(
      await app.current.services.db.workspace.count({
        where: { name: 'Copy', organizationId: tenant.organizationId },
      }),
    ).toBe(1)
    const other = await clone(
      tenant.owner,
      workspace,
      { ...input, name: 'Else' },
      'IdempotencyConflict { key }',
    )
    expect([other.kind, other.result?.key]).toEqual(['IdempotencyConflict', 'mine'])
    const colleague = await tenant.member('ADMIN')
    const theirs = await clone(colleague, workspace, input)
    expect(madeBy(theirs.result)).not.toBe(madeBy(first?.result ?? null))
  })

  test('what is wrong with the input is said, and a taken key is not changed', async () => {
    const { tenant, workspace } = await fullPlace()
    const wrong = await clone(tenant.owner, workspace, { name: ' ', key: 'Nope' })
    expect(((wrong.result?.issues ?? []) as { path: string }[]).map(({ path }) => path)).toEqual([
      'name',
      'key',
    ])
    expect((await clone(tenant.owner, workspace, { key: 'general' })).kind).toBe('KeyTaken')
  })
})
