import { EventEmitter, once } from 'node:events'
import { beforeAll, describe, expect, test } from 'vitest'
import { removeMember } from '../../../src/domains/member/remove-member.ts'
import { setMemberRole } from '../../../src/domains/member/set-member-role.ts'
import { claimOperation } from '../../../src/domains/operation/steps.ts'
import { updateOrganizationSettings } from '../../../src/domains/organization/update-organization-settings.ts'
import { BATCH } from '../../../src/domains/provisioning/apply-batch.ts'
import { runOperation } from '../../../src/domains/provisioning/run-operation.ts'
import { resumeOperations } from '../../../src/domains/provisioning/tasks.ts'
import { decodeId, encodeId } from '../../../src/graphql/ids.ts'
import { inTransaction } from '../../../src/platform/db.ts'
import { openBeside, useTestApp } from '../../kit/app.ts'
import { locksWaitedFor } from '../../kit/behind-lock.ts'
import { mailsTo, waitForMail } from '../../kit/mail.ts'
import { mutate } from '../../kit/mutate.ts'
import { spareOperation } from '../../kit/provisioning-calls.ts'
import { snapshot } from '../../kit/snapshot.ts'
import { subscribeTo } from '../../kit/sse.ts'
import { createWorld, type Person, type Tenant, type World } from '../../kit/world.ts'
import { actions, changesOf, ended, look, type Operation, provision, provisioned } from './provision-kit.ts'

const app = useTestApp({ INVITES_PENDING: '40', INVITES_PER_HOUR: '30' })
let world: World

beforeAll(() => {
  world = createWorld(app.current)
})

describe('O16 a run', () => {
  test('makes what is missing, and the second time changes nothing and says so', async () => {
    const tenant = await world.tenant()
    const colleague = await tenant.member()
    const stranger = await world.person()
    const input = {
      organizationId: tenant.id,
      workspaces: [
        {
          key: 'alpha',
          name: 'Alpha',
          description: 'First',
          labels: ['a', 'b'],
          settings: { features: [{ key: 'maps', enabled: true }] },
          preferences: { locale: 'de' },
          members: [
            { email: colleague.email, role: 'WRITE' },
            { email: stranger.email, role: 'READ' },
            { email: 'new@elsewhere.example', role: 'viewer' },
          ],
        },
        { key: 'beta', members: [{ email: 'new@elsewhere.example', role: 'editor' }] },
      ],
    }
    const operation = await provisioned(app.current, tenant.owner, input)
    expect(operation).toMatchObject({ state: 'SUCCEEDED', progress: { total: 2, done: 2, failed: 0 } })
    expect(actions(operation)).toEqual({ alpha: 'CREATE', beta: 'CREATE' })
    expect(changesOf(operation, 'alpha')).toMatchObject({
      name: 'Alpha',
      'settings.features.maps': true,
      'preferences.locale': 'de',
      [`members.${colleague.email}`]: 'WRITE',
      [`invites.${stranger.email}`]: 'READ',
    })
    const { db } = app.current.services
    const [alpha, beta] = await db.workspace.findMany({
      where: { organizationId: tenant.organizationId, key: { in: ['alpha', 'beta'] } },
      include: { grants: { include: { role: true } }, preferences: true, invites: true },
      orderBy: { key: 'asc' },
    })
    expect(alpha).toMatchObject({ name: 'Alpha', labels: ['a', 'b'], preferences: { locale: 'de' } })
    expect(beta).toMatchObject({ name: 'beta', description: '' })
    expect(alpha?.grants.map(({ userId, role }) => [userId, role.key]).sort()).toEqual(
      [
        [tenant.owner.userId, 'OWNER'],
        [colleague.userId, 'WRITE'],
      ].sort(),
    )
    expect(alpha?.invites.map(({ email }) => email).sort()).toEqual(
      ['new@elsewhere.example', stranger.email].sort(),
    )
    // One mail for a person who is invited twice, with both links.
    const mail = await waitForMail(app.current, 'new@elsewhere.example')
    expect(mail.text.match(/accept-invite\?token=/g)).toHaveLength(2)
    await waitForMail(app.current, stranger.email)

    const before = await db.event.count({ where: { organizationId: tenant.organizationId } })
    const again = await provisioned(app.current, tenant.owner, input)
    expect(actions(again)).toEqual({ alpha: 'UNCHANGED', beta: 'UNCHANGED' })
    expect(again.items.nodes.map(({ workspace }) => workspace?.key)).toEqual(['alpha', 'beta'])
    expect(await db.event.count({ where: { organizationId: tenant.organizationId } })).toBe(before + 2)
    expect(await mailsTo(app.current, 'new@elsewhere.example')).toHaveLength(1)
  })

  test('validateOnly answers the same plan as the run, and changes nothing', async () => {
    const tenant = await world.tenant()
    const { db } = app.current.services
    const input = {
      organizationId: tenant.id,
      workspaces: [
        { key: 'general', description: 'New' },
        { key: 'one', name: 'One', members: [{ email: 'x@example.org', role: 'WRITE' }] },
        { key: 'two', members: [{ email: 'x@example.org', role: 'nobody' }] },
      ],
    }
    const counts = () =>
      Promise.all([db.workspace.count(), db.invite.count(), db.event.count(), db.workspaceMember.count()])
    const before = await counts()
    const { result } = await provision(app.current, tenant.owner, { ...input, validateOnly: true })
    const plan = result?.operation as Operation
    expect(await counts()).toEqual(before)
    expect(plan).toMatchObject({
      state: 'SUCCEEDED',
      validateOnly: true,
      plan: { create: 1, update: 1, unchanged: 0, refused: 1 },
      progress: { total: 3, done: 2, failed: 1 },
    })
    const done = await provisioned(app.current, tenant.owner, { ...input, planId: plan.id })
    const told = ({ items }: Operation) =>
      items.nodes.map(({ key, action, changes, error }) => ({ key, action, changes, error }))
    expect(told(done)).toEqual(told(plan))
    expect(done.items.nodes.map(({ moved }) => moved)).toEqual([false, false, false])
    expect(actions(done)).toEqual({ general: 'UPDATE', one: 'CREATE', two: 'REFUSED ROLE_UNKNOWN' })
  })
})

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, nth) => ({ key: `team-${from + nth}`, name: `Team ${from + nth}` }))

describe('O16 what one item may', () => {
  test('changes of an existing workspace need what they need by hand, item by item', async () => {
    const tenant = await world.tenant()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    const reader = await tenant.workspace({ key: 'readable' })
    const admin = await tenant.workspace({ key: 'mine' })
    await tenant.workspace({ key: 'hidden' })
    const gone = await tenant.workspace({ key: 'gone' })
    await tenant.grant(manager, { kind: 'Workspace', id: reader.workspaceId }, 'READ')
    await tenant.grant(manager, { kind: 'Workspace', id: admin.workspaceId }, 'ADMIN')
    await tenant.grant(manager, { kind: 'Workspace', id: gone.workspaceId }, 'OWNER')
    await mutate(app.current, tenant.owner.token, 'deleteWorkspace', { id: gone.id })
    const colleague = await tenant.member()
    await updateOrganizationSettings(await tenant.owner.caller(), {
      organizationId: tenant.organizationId,
      settings: { permissions: { allowedEmailDomains: ['example.com'] } },
      locks: ['features.locked'],
    })
    const member = (role: string, email = colleague.email) => [{ email, role }]
    const operation = await provisioned(app.current, manager, {
      organizationId: tenant.id,
      workspaces: [
        { key: 'readable', name: 'Workspace' },
        { key: 'hidden' },
        { key: 'gone' },
        { key: 'mine', description: 'Changed', members: member('ADMIN') },
        { key: 'aa', settings: { features: [{ key: 'locked', enabled: true }] } },
        { key: 'bb', members: member('READ', 'x@elsewhere.example') },
        { key: 'cc', members: member('OWNER') },
      ],
    })
    expect(actions(operation)).toEqual({
      readable: 'UNCHANGED',
      hidden: 'REFUSED KEY_TAKEN',
      gone: 'REFUSED WORKSPACE_DELETED',
      mine: 'UPDATE',
      aa: 'REFUSED SETTING_LOCKED',
      bb: 'REFUSED EMAIL_NOT_ALLOWED',
      cc: 'CREATE',
    })
    expect(operation).toMatchObject({ state: 'SUCCEEDED', progress: { total: 7, done: 3, failed: 4 } })
    const workspaceOf = (key: string) => operation.items.nodes.find((item) => item.key === key)?.workspace
    expect([workspaceOf('hidden'), workspaceOf('readable')?.key]).toEqual([null, 'readable'])
    const again = await provisioned(app.current, manager, {
      organizationId: tenant.id,
      workspaces: [
        { key: 'readable', name: 'Other' },
        { key: 'mine', members: [{ email: colleague.email, role: 'OWNER' }] },
        { key: 'cc', members: [{ email: manager.email, role: 'READ' }] },
      ],
    })
    expect(actions(again)).toEqual({
      readable: 'REFUSED FORBIDDEN',
      mine: 'REFUSED ROLE_TOO_HIGH',
      cc: 'UPDATE',
    })
    expect(changesOf(again, 'cc')).toEqual({ [`members.${manager.email}`]: 'READ' })
  })

  test('invites keep within both limits, and what has no room is refused without the others', async () => {
    const tenant = await world.tenant()
    const invited = (count: number, from: number) =>
      Array.from({ length: count }, (_, nth) => ({ email: `guest-${from + nth}@example.org`, role: 'READ' }))
    const workspaces = [
      { key: 'one', members: invited(20, 0) },
      { key: 'two', members: invited(20, 20) },
      { key: 'three', members: invited(10, 40) },
    ]
    const input = { organizationId: tenant.id, workspaces }
    const operation = await provisioned(app.current, tenant.owner, input)
    expect(actions(operation)).toEqual({ one: 'CREATE', two: 'REFUSED INVITE_LIMIT', three: 'CREATE' })
    const { db } = app.current.services
    expect(await db.invite.count({ where: { organizationId: tenant.organizationId } })).toBe(30)
    expect(await db.inviteQuota.findUnique({ where: { inviterId: tenant.owner.userId } })).toMatchObject({
      sent: 30,
    })
    // An hour later there is room for ten more that are open.
    app.current.clock.advance(61 * 60_000)
    const later = await provisioned(app.current, tenant.owner, input)
    expect(actions(later)).toEqual({ one: 'UNCHANGED', two: 'REFUSED INVITE_LIMIT', three: 'UNCHANGED' })
    expect(later.items.nodes[1]?.error?.message).toMatch(/40 open invites/)
  })

  test('S1 a template gives new workspaces what a clone would have, and existing ones nothing', async () => {
    const tenant = await world.tenant()
    const template = await tenant.workspace({
      key: 'template',
      description: 'Of the template',
      labels: ['t'],
    })
    const set = { workspaceId: template.id, settings: { features: [{ key: 'maps', enabled: true }] } }
    await mutate(app.current, tenant.owner.token, 'updateWorkspaceSettings', set)
    await mutate(app.current, tenant.owner.token, 'updateWorkspacePreferences', {
      workspaceId: template.id,
      locale: 'sv',
    })
    const input = {
      organizationId: tenant.id,
      templateWorkspaceId: template.id,
      workspaces: [
        { key: 'general', name: 'General' },
        { key: 'plain' },
        {
          key: 'special',
          description: 'Own',
          settings: {
            features: [
              { key: 'maps', enabled: null },
              { key: 'beta', enabled: true },
            ],
          },
          preferences: { locale: null, theme: 'DARK' },
        },
      ],
    }
    const operation = await provisioned(app.current, tenant.owner, input)
    expect(actions(operation)).toEqual({ general: 'UNCHANGED', plain: 'CREATE', special: 'CREATE' })
    const rows = await app.current.services.db.workspace.findMany({
      where: { organizationId: tenant.organizationId, key: { in: ['plain', 'special'] } },
      include: { preferences: true },
      orderBy: { key: 'asc' },
    })
    expect(rows).toMatchObject([
      {
        description: 'Of the template',
        labels: ['t'],
        settings: { features: { maps: true } },
        preferences: { locale: 'sv', theme: null },
      },
      {
        description: 'Own',
        settings: { features: { beta: true } },
        preferences: { locale: null, theme: 'DARK' },
      },
    ])
    const again = await provisioned(app.current, tenant.owner, input)
    expect(Object.values(actions(again))).toEqual(['UNCHANGED', 'UNCHANGED', 'UNCHANGED'])
    const other = await world.tenant()
    const foreign = { ...input, templateWorkspaceId: other.first.id }
    expect((await provision(app.current, tenant.owner, foreign)).kind).toBe('NOT_FOUND')
  })

  test('settings, columns and preferences of existing workspaces become exactly what is named', async () => {
    const tenant = await world.tenant()
    const { first, owner } = tenant
    const secret = [{ key: 'token', value: 'not-in-any-row' }]
    app.current.secrets.set('provisioned secret', 'not-in-any-row')
    await mutate(app.current, owner.token, 'updateWorkspaceSettings', {
      workspaceId: first.id,
      settings: {
        features: [{ key: 'kept', enabled: true }],
        integrations: [{ key: 'mail', secrets: secret }],
      },
    })
    const ring = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ]
    const operation = await provisioned(app.current, owner, {
      organizationId: tenant.id,
      workspaces: [
        {
          key: 'general',
          name: '  Renamed ',
          labels: ['x', 'x', 'y'],
          boundingBox: { coordinates: [ring] },
          defaultCoordinateSystem: 'EPSG:2056',
          settings: {
            features: [{ key: 'maps', enabled: false }],
            integrations: [{ key: 'mail', enabled: null }],
          },
          preferences: { timeZone: 'europe/zurich' },
        },
      ],
    })
    expect(changesOf(operation, 'general')).toMatchObject({
      name: 'Renamed',
      labels: ['x', 'y'],
      'settings.features.maps': false,
      'settings.integrations.mail': null,
      'preferences.timeZone': 'Europe/Zurich',
    })
    const { db } = app.current.services
    const row = await db.workspace.findUniqueOrThrow({
      where: { id: first.workspaceId },
      include: { preferences: true, integrationSecrets: true },
    })
    expect(row).toMatchObject({
      name: 'Renamed',
      labels: ['x', 'y'],
      boundingBox: { type: 'Polygon', coordinates: [ring] },
      defaultCoordinateSystem: 'EPSG:2056',
      settings: { features: { kept: true, maps: false }, integrations: {} },
      preferences: { timeZone: 'Europe/Zurich' },
      integrationSecrets: [],
      updatedById: owner.userId,
    })
    const cleared = await provisioned(app.current, owner, {
      organizationId: tenant.id,
      workspaces: [{ key: 'general', boundingBox: null, labels: [] }],
    })
    expect(changesOf(cleared, 'general')).toEqual({ labels: [], boundingBox: null })
    expect(await db.workspace.findUniqueOrThrow({ where: { id: first.workspaceId } })).toMatchObject({
      boundingBox: null,
      labels: [],
      defaultCoordinateSystem: 'EPSG:2056',
      version: row.version + 1,
    })
  })

  test('what is wrong with the input is said at once, with its place', async () => {
    const { id, owner } = await world.tenant()
    const email = 'a@example.com'
    const wrong = await provision(app.current, owner, {
      organizationId: id,
      workspaces: [
        { key: 'Same' },
        { key: 'one', members: [{ email: 'nobody', role: 'READ' }] },
        { key: 'two', name: '' },
      ],
    })
    const paths = (of: typeof wrong) =>
      ((of.result?.issues ?? []) as { path: string }[]).map(({ path }) => path)
    expect(paths(wrong)).toEqual(['workspaces.0.key', 'workspaces.1.members.0.email', 'workspaces.2.name'])
    const twice = await provision(app.current, owner, {
      organizationId: id,
      workspaces: [
        { key: 'same' },
        { key: 'same' },
        {
          key: 'one',
          members: [
            { email, role: 'READ' },
            { email: email.toUpperCase(), role: 'WRITE' },
          ],
        },
        { key: 'two', settings: { integrations: [{ key: 'm', secrets: [{ key: 'k', value: 'v' }] }] } },
      ],
    })
    expect(paths(twice)).toEqual([
      'workspaces.1.key',
      'workspaces.2.members.1.email',
      'workspaces.3.settings.integrations.0.secrets',
    ])
    const tooMany = await provision(app.current, owner, { organizationId: id, workspaces: many(10_001) })
    expect(tooMany.kind).toBe('ValidationError')
  })
})

describe('O16 all or nothing', () => {
  test('ATOMIC does everything in one transaction, over many batches', async () => {
    const tenant = await world.tenant()
    const input = { organizationId: tenant.id, mode: 'ATOMIC', workspaces: many(BATCH + 20) }
    const operation = await provisioned(app.current, tenant.owner, input)
    expect(operation).toMatchObject({
      state: 'SUCCEEDED',
      progress: { total: BATCH + 20, done: BATCH + 20, failed: 0 },
    })
    const rows = await app.current.services.db.$queryRaw<unknown[]>`
      SELECT DISTINCT xmin::text FROM workspace
      WHERE organization_id = ${tenant.organizationId}::uuid AND key LIKE 'team-%'`
    expect(rows).toHaveLength(1)
  })

  test('ATOMIC with one refused item does nothing, whether the plan knows it or it turns out later', async () => {
    const tenant = await world.tenant()
    const known = await provisioned(app.current, tenant.owner, {
      organizationId: tenant.id,
      mode: 'ATOMIC',
      workspaces: [...many(2), { key: 'bad', members: [{ email: 'a@example.com', role: 'nobody' }] }],
    })
    expect(known).toMatchObject({
      state: 'FAILED',
      error: { reason: 'ITEMS_REFUSED' },
      progress: { total: 3, done: 0, failed: 1 },
    })
    const { db } = app.current.services
    const there = () => db.workspace.count({ where: { organizationId: tenant.organizationId } })
    expect(await there()).toBe(1)
    const { result } = await held(tenant, { mode: 'ATOMIC', workspaces: many(BATCH + 1) })
    // The last one is taken by a workspace that is deleted by the time its batch comes.
    const late = await tenant.workspace({ key: `team-${BATCH}` })
    await mutate(app.current, tenant.owner.token, 'deleteWorkspace', { id: late.id })
    await runOperation(app.current.services, rowOf(result))
    const failed = await look(app.current, tenant.owner, idOf(result))
    expect(failed).toMatchObject({ state: 'FAILED', progress: { done: 0, failed: 1 } })
    expect(failed.error?.reason).toBe('ITEMS_REFUSED')
    expect(await there()).toBe(2)
  })

  const idOf = (result: unknown) => (result as { operation: { id: string } }).operation.id
  const rowOf = (result: unknown) => decodeId(idOf(result)).id

  /** A run whose steps wait for the test: its job is put off before a worker sees it. */
  const held = (tenant: Tenant, input: Record<string, unknown>, as: Person = tenant.owner) =>
    holding(() => provision(app.current, as, { organizationId: tenant.id, ...input }))

  /** Puts off the steps that are queued by `work`. */
  async function holding<T>(work: () => Promise<T>): Promise<T> {
    const { db } = app.current.services
    await db.$executeRaw`
      CREATE OR REPLACE FUNCTION hold_operations() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN IF new.key LIKE ''operation:%'' THEN new.run_at := now() + interval ''1 day''; END IF; RETURN new; END'`
    await db.$executeRaw`
      CREATE OR REPLACE TRIGGER hold_operations BEFORE INSERT OR UPDATE ON graphile_worker._private_jobs
      FOR EACH ROW EXECUTE FUNCTION hold_operations()`
    try {
      return await work()
    } finally {
      await db.$executeRaw`DROP TRIGGER hold_operations ON graphile_worker._private_jobs`
    }
  }

  test('things that change between plan and batch are done as they are then, and the item says so', async () => {
    const tenant = await world.tenant()
    const { result } = await held(tenant, {
      workspaces: [{ key: 'one', description: 'Wanted' }, { key: 'two' }],
    })
    await tenant.workspace({ key: 'one' })
    await runOperation(app.current.services, rowOf(result))
    const operation = await ended(app.current, tenant.owner, idOf(result))
    expect(
      operation.items.nodes.map(({ key, planned, action, moved }) => [key, planned, action, moved]),
    ).toEqual([
      ['one', 'CREATE', 'UPDATE', true],
      ['two', 'CREATE', 'CREATE', false],
    ])
  })

  test('planId holds a run to the plan that was shown', async () => {
    const tenant = await world.tenant()
    const input = {
      organizationId: tenant.id,
      workspaces: [{ key: 'one', description: 'Wanted' }, { key: 'two' }],
    }
    const planned = await provision(app.current, tenant.owner, { ...input, validateOnly: true })
    await tenant.workspace({ key: 'one' })
    const before = await snapshot(app.current)
    const withPlan = { ...input, planId: idOf(planned.result) }
    const moved = await provision(
      app.current,
      tenant.owner,
      withPlan,
      'PlanMoved { moved { key planned now } }',
    )
    expect(moved.result).toMatchObject({
      __typename: 'PlanMoved',
      moved: [{ key: 'one', planned: 'CREATE', now: 'UPDATE' }],
    })
    expect(await snapshot(app.current)).toEqual(before)
    const other = await provision(app.current, tenant.owner, { ...withPlan, workspaces: [{ key: 'else' }] })
    expect(other.kind).toBe('ValidationError')
  })

  test('whoever may not create any more ends their operation, by role, by token and by suspension', async () => {
    const { db } = app.current.services
    const withdrawn = async (
      withdraw: (tenant: Tenant, manager: Person) => Promise<unknown>,
      token?: string,
    ) => {
      const tenant = await world.tenant()
      const manager = await tenant.member('WORKSPACE_MANAGER')
      const bearer = token ? await accessToken(manager) : manager.token
      const { result } = await held(tenant, { workspaces: many(3) }, { ...manager, token: bearer })
      await withdraw(tenant, manager)
      await runOperation(app.current.services, rowOf(result))
      const operation = await look(app.current, tenant.owner, idOf(result))
      expect(operation).toMatchObject({ state: 'FAILED', progress: { done: 0, failed: 0 } })
      expect(operation.error?.reason).toBe('REQUESTER_WITHDRAWN')
      expect(await db.workspace.count({ where: { organizationId: tenant.organizationId } })).toBe(1)
    }
    await withdrawn(async (tenant, { userId }) =>
      setMemberRole(await tenant.owner.caller(), {
        scope: { kind: 'Organization', id: tenant.organizationId },
        userId,
        role: 'MEMBER',
      }),
    )
    await withdrawn((_tenant, { userId }) =>
      db.user.update({ where: { id: userId }, data: { suspendedAt: new Date() } }),
    )
    await withdrawn((_tenant, { userId }) => db.accessToken.deleteMany({ where: { userId } }), 'by token')
  })

  async function accessToken(person: Person): Promise<string> {
    const { result } = await mutate(app.current, person.token, 'createAccessToken', { name: 'CI' }, 'secret')
    return String((result as { secret: string }).secret)
  }

  test('it can be cancelled, once, by whoever asked and by administrators; what is done stays', async () => {
    const tenant = await world.tenant()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    const invited = { email: 'guest@cancel.example', role: 'READ' }
    const [first, ...rest] = many(BATCH + 5)
    const { result } = await held(
      tenant,
      { workspaces: [{ ...first, members: [invited] }, ...rest] },
      manager,
    )
    const services = app.current.services
    await holding(() => runOperation(services, rowOf(result)))
    const cancel = (who: Person) =>
      mutate(
        app.current,
        who.token,
        'cancelOperation',
        { id: idOf(result) },
        'operation { state }',
        'OperationEnded { state }',
      )
    const colleague = await tenant.member('WORKSPACE_MANAGER')
    expect((await cancel(colleague)).kind).toBe('NOT_FOUND')
    const cancelled = await cancel(manager)
    const { state, progress } = await look(app.current, tenant.owner, idOf(result))
    expect(cancelled.result).toMatchObject({ operation: { state: 'CANCELLED' } })
    expect(progress.done).toBe(BATCH)
    expect((await cancel(tenant.owner)).result).toMatchObject({ __typename: 'OperationEnded', state })
    const made = await services.db.workspace.count({
      where: { organizationId: tenant.organizationId, key: { startsWith: 'team-' } },
    })
    expect(made).toBe(progress.done)
    await waitForMail(app.current, invited.email)
  })

  test('whoever was invited gets their mail, also when it is cancelled while the next batch is under way', async () => {
    const tenant = await world.tenant()
    const [first, ...rest] = many(BATCH + 5)
    const members = [{ email: 'guest@midway.example', role: 'READ' }]
    const { result } = await held(tenant, { workspaces: [{ ...first, members }, ...rest] })
    const { services } = app.current
    const { db } = services
    await holding(() => runOperation(services, rowOf(result)))
    const midway = new EventEmitter()
    const batch = inTransaction(db, async (tx) => {
      await claimOperation(tx, rowOf(result))
      midway.emit('claimed')
      await once(midway, 'let go')
    })
    await once(midway, 'claimed')
    try {
      const { result: cancelled } = await mutate(
        app.current,
        tenant.owner.token,
        'cancelOperation',
        { id: idOf(result) },
        'operation { state }',
      )
      expect(cancelled).toMatchObject({ operation: { state: 'CANCELLED' } })
      await expect.poll(() => locksWaitedFor(db)).toBe(1)
    } finally {
      midway.emit('let go')
      await batch
    }
    await waitForMail(app.current, 'guest@midway.example')
  })

  test('a step that nobody has queued is found again, and one too many does no harm', async () => {
    const tenant = await world.tenant()
    const { result } = await held(tenant, { workspaces: many(200) })
    const services = app.current.services
    const { db } = services
    await db.$executeRaw`SELECT graphile_worker.remove_job(${`operation:${rowOf(result)}`})`
    expect(await resumeOperations(services)).toBe(0)
    await db.$executeRaw`UPDATE operation SET updated_at = now() - interval '10 minutes' WHERE id = ${rowOf(result)}::uuid`
    expect(await resumeOperations(services)).toBe(1)
    await Promise.all([1, 2, 3].map(() => runOperation(services, rowOf(result))))
    expect(await ended(app.current, tenant.owner, idOf(result))).toMatchObject({ state: 'SUCCEEDED' })
    const { organizationId } = tenant
    expect(await db.event.count({ where: { organizationId, type: 'workspace.created' } })).toBe(201)
    expect(await db.event.count({ where: { organizationId, type: 'operation.finished' } })).toBe(1)
  })
})

describe('O16 at once', () => {
  test('runs over the same keys by two processes make each workspace once', async () => {
    const tenant = await world.tenant()
    const beside = await openBeside(app.current)
    try {
      const workspaces = many(40)
      const reversed = [...workspaces].reverse()
      const runs = await Promise.all(
        [workspaces, reversed, workspaces, reversed].map((wanted, nth) =>
          provisioned(nth % 2 === 0 ? app.current : beside, tenant.owner, {
            organizationId: tenant.id,
            workspaces: wanted,
          }),
        ),
      )
      expect(runs.map(({ state, progress }) => [state, progress.done])).toEqual(
        runs.map(() => ['SUCCEEDED', 40]),
      )
      const created = runs.flatMap(({ items }) => items.nodes.filter(({ action }) => action === 'CREATE'))
      expect(created).toHaveLength(40)
      const { organizationId } = tenant
      const { db } = app.current.services
      expect(await db.event.count({ where: { organizationId, type: 'workspace.created' } })).toBe(41)
    } finally {
      await beside.close()
    }
  })

  test('the same key with the same input is one operation, with another input a conflict', async () => {
    const tenant = await world.tenant()
    const input = { organizationId: tenant.id, workspaces: many(2), idempotencyKey: 'mine' }
    const answers = await Promise.all([1, 2, 3].map(() => provision(app.current, tenant.owner, input)))
    const ids = answers.map(({ result }) => (result as unknown as { operation: Operation }).operation.id)
    expect(new Set(ids).size).toBe(1)
    await ended(app.current, tenant.owner, String(ids[0]))
    const other = { ...input, workspaces: many(3) }
    const conflict = await provision(app.current, tenant.owner, other, 'IdempotencyConflict { key }')
    expect(conflict.result).toMatchObject({ __typename: 'IdempotencyConflict', key: 'mine' })
    const colleague = await tenant.member('ADMIN')
    expect((await provision(app.current, colleague, other)).kind).toBe('ProvisionWorkspacesPayload')
    app.current.clock.advance(8 * 86_400_000)
    expect((await provision(app.current, colleague, input)).kind).toBe('ProvisionWorkspacesPayload')
  })

  test('a batch takes as many statements for twenty workspaces as for two hundred', async () => {
    const cost = async (count: number) => {
      const tenant = await world.tenant()
      const colleague = await tenant.member()
      const workspaces = many(count).map((one) => ({
        ...one,
        members: [{ email: colleague.email, role: 'READ' }],
      }))
      const caller = await tenant.owner.caller()
      const { provisionWorkspaces } = await import(
        '../../../src/domains/provisioning/provision-workspaces.ts'
      )
      app.current.statements.length = 0
      const { organizationId } = tenant
      await provisionWorkspaces(caller, {
        organizationId,
        workspaces,
        mode: 'BEST_EFFORT',
        validateOnly: true,
      })
      return app.current.statements.length
    }
    // The first one also opens connections.
    await cost(20)
    expect(await cost(200)).toBe(await cost(20))
  })
})

describe('O16 operationProgress', () => {
  const WATCH = 'subscription ($id: ID!) { operationProgress(id: $id) { state progress { total done } } }'

  test('tells how it is now, of what happens in other processes, and ends with the operation', async () => {
    const tenant = await world.tenant()
    const id = await spareOperation({ app: app.current, tenant })
    const beside = await openBeside(app.current)
    try {
      const watching = await subscribeTo(beside, WATCH, { id }, tenant.owner.token)
      const state = async () =>
        ((await watching.next())?.data as { operationProgress: object } | null)?.operationProgress
      expect(await state()).toEqual({ state: 'PENDING', progress: { total: 1, done: 0 } })
      const where = { id: decodeId(id).id }
      const { db } = app.current.services
      await db.operation.update({ where, data: { state: 'RUNNING', done: 1 } })
      expect(await state()).toEqual({ state: 'RUNNING', progress: { total: 1, done: 1 } })
      await db.operation.update({ where, data: { state: 'SUCCEEDED', finishedAt: new Date() } })
      expect(await state()).toMatchObject({ state: 'SUCCEEDED' })
      expect(await watching.next()).toBeNull()
    } finally {
      await beside.close()
    }
  })

  test('lesson 31: is refused to who does not see it, and ends for who no longer does', async () => {
    const tenant = await world.tenant()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    const id = await spareOperation({ app: app.current, tenant })
    const code = (event: Awaited<ReturnType<Awaited<ReturnType<typeof subscribeTo>>['next']>>) =>
      event?.errors?.[0]?.extensions.code
    const hidden = await subscribeTo(app.current, WATCH, { id }, manager.token)
    expect(code(await hidden.next())).toBe('NOT_FOUND')
    expect(await hidden.next()).toBeNull()
    const administrator = await tenant.member('ADMIN')
    const watching = await subscribeTo(app.current, WATCH, { id }, administrator.token)
    expect((await watching.next())?.data).toBeTruthy()
    await removeMember(await tenant.owner.caller(), {
      scope: { kind: 'Organization', id: tenant.organizationId },
      userId: administrator.userId,
    })
    await app.current.services.db.operation.update({ where: { id: decodeId(id).id }, data: { done: 1 } })
    expect(code(await watching.next())).toBe('NOT_FOUND')
    expect(await watching.next()).toBeNull()
  })

  test('operations of an organization are listed to administrators, and to others their own', async () => {
    const tenant = await world.tenant()
    const manager = await tenant.member('WORKSPACE_MANAGER')
    const member = await tenant.member()
    await provisioned(app.current, tenant.owner, { organizationId: tenant.id, workspaces: many(1) })
    const own = await provisioned(app.current, manager, { organizationId: tenant.id, workspaces: many(1, 1) })
    const listed = async ({ token }: Person) => {
      const query =
        '{ organization(id: "$id") { operations(filter: "state = SUCCEEDED") { totalCount nodes { id } } } }'
      const { data } = await app.current.run<{
        organization: { operations: { totalCount: number; nodes: { id: string }[] } }
      }>(query.replace('$id', tenant.id), {}, token)
      return data.organization.operations
    }
    expect((await listed(tenant.owner)).totalCount).toBe(2)
    expect(await listed(manager)).toEqual({ totalCount: 1, nodes: [{ id: own.id }] })
    expect((await listed(member)).totalCount).toBe(0)
    expect(encodeId('Operation', decodeId(own.id).id)).toBe(own.id)
  })
})
