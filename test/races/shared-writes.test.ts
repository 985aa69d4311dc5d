import { beforeAll, describe, expect, test } from 'vitest'
import { setMemberRole } from '../../src/domains/member/set-member-role.ts'
import { createWorkspace } from '../../src/domains/workspace/create-workspace.ts'
import { inTransaction } from '../../src/platform/db.ts'
import { newId } from '../../src/platform/ids.ts'
import { useTestApp } from '../kit/app.ts'
import { locksWaitedFor } from '../kit/behind-lock.ts'
import { tokenIn, waitForMail } from '../kit/mail.ts'
import { mutate } from '../kit/mutate.ts'
import { createWorld, type Person, type Tenant, type World } from '../kit/world.ts'

const app = useTestApp()
const TENANTS = 20
let world: World
let tenants: Tenant[]
let members: Person[]

beforeAll(async () => {
  world = createWorld(app.current)
  tenants = []
  members = []
  for (let nth = 0; nth < TENANTS; nth++) {
    const tenant = await world.tenant()
    tenants.push(tenant)
    members.push(await tenant.grantee(tenant.first.workspaceId, 'READ'))
  }
}, 120_000)

const setRole = (tenant: Tenant, person: Person, role: string) =>
  mutate(
    app.current,
    tenant.owner.token,
    'setMemberRole',
    { scopeId: tenant.first.id, userId: person.id, role },
    'member { role { key } user { email } }',
  )

const create = (tenant: Tenant, name: string) =>
  mutate(
    app.current,
    tenant.owner.token,
    'createWorkspace',
    { organizationId: tenant.id, name },
    'workspace { name key }',
  )

const sharedWrites = () => app.current.statements.filter((text) => text.includes('enter_unchanged'))

/** What the logs of these organizations tell from here on. */
async function logsOf(some: readonly Tenant[], type: string) {
  const organizationId = { in: some.map((tenant) => tenant.organizationId) }
  return app.current.services.db.event.findMany({ where: { organizationId, type } })
}

/** Holds the name of a workspace that nobody else can see yet, until `meanwhile` has come to its end. */
async function whileNameIsTaken<T>(
  { organizationId, owner }: Tenant,
  key: string,
  meanwhile: () => Promise<T>,
): Promise<T> {
  const { db } = app.current.services
  return inTransaction(db, async (tx) => {
    const by = { createdById: owner.userId, updatedById: owner.userId }
    await tx.workspace.create({
      data: { id: newId(), organizationId, key, name: key, databaseName: `taken_${key}`, ...by },
    })
    return meanwhile()
  })
}

describe('lesson 27, rule 5: writes of one moment', () => {
  test('share their statements, and each is done and told once', async () => {
    // The first of each kind is answered by Yoga, one by one.
    for (const [nth, tenant] of tenants.slice(0, 3).entries())
      await setRole(tenant, members[nth] as Person, 'ADMIN')
    app.current.statements.length = 0
    const before = (await logsOf(tenants, 'member.role_changed')).length
    const answers = await Promise.all(
      tenants.map((tenant, nth) => setRole(tenant, members[nth] as Person, 'WRITE')),
    )
    for (const [nth, { result }] of answers.entries())
      expect(result).toMatchObject({
        member: { role: { key: 'WRITE' }, user: { email: members[nth]?.email } },
      })
    expect(sharedWrites().length).toBeLessThan(TENANTS)
    const told = await logsOf(tenants, 'member.role_changed')
    expect(told.length - before).toBe(TENANTS)
    for (const { organizationId, actorId } of told)
      expect(tenants.find((tenant) => tenant.organizationId === organizationId)?.owner.userId).toBe(actorId)
  })

  test('wait for nobody whose organization is locked', async () => {
    for (const tenant of tenants.slice(0, 3)) await create(tenant, 'Before')
    const locked = tenants[5] as Tenant
    const { db } = app.current.services
    const { one, kinds } = await inTransaction(db, async (tx) => {
      await tx.$queryRaw`SELECT FROM organization WHERE id = ${locked.organizationId}::uuid FOR UPDATE`
      app.current.statements.length = 0
      const asked = tenants.map((tenant) => create(tenant, 'Beside'))
      const answers = await Promise.all(asked.filter((_one, nth) => nth !== 5))
      return { one: asked[5], kinds: answers.map(({ kind }) => kind) }
    })
    expect(kinds).toEqual(tenants.slice(1).map(() => 'CreateWorkspacePayload'))
    // A statement that had waited would have been given up after a while, and sent again for each of them.
    expect(sharedWrites().length).toBeLessThan(TENANTS / 2)
    expect((await one)?.result).toMatchObject({ workspace: { name: 'Beside' } })
  })

  test('are carried out without the one that is in the way of itself', async () => {
    const [clashing, ...others] = tenants as [Tenant, ...Tenant[]]
    const { db } = app.current.services
    const { clash, kinds } = await whileNameIsTaken(clashing, 'twice', async () => {
      const asked = create(clashing, 'Twice')
      const rest = others.map((tenant) => create(tenant, 'Twice'))
      // They give up waiting for it, and go without it.
      const answers = await Promise.all(rest)
      await expect.poll(() => locksWaitedFor(db)).toBe(1)
      return { clash: asked, kinds: answers.map(({ kind }) => kind) }
    })
    expect(kinds).toEqual(others.map(() => 'CreateWorkspacePayload'))
    expect((await clash).result).toMatchObject({ workspace: { name: 'Twice', key: 'twice-2' } })
    for (const tenant of others) {
      const { organizationId } = tenant
      expect(await db.workspace.count({ where: { organizationId, name: 'Twice' } })).toBe(1)
    }
  })

  test('that may have been carried out are not carried out again', async () => {
    const [first, second] = tenants as [Tenant, Tenant]
    const { db } = app.current.services
    const kinds = await whileNameIsTaken(first, 'lost', async () => {
      const asked = [create(first, 'Lost'), create(second, 'Lost')]
      await expect.poll(() => locksWaitedFor(db)).toBe(1)
      await db.$queryRaw`SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`
      return (await Promise.all(asked)).map(({ kind }) => kind)
    })
    const countIn = ({ organizationId }: Tenant) =>
      db.workspace.count({ where: { organizationId, name: 'Lost' } })
    expect([kinds[0], await countIn(first)]).toEqual(['INTERNAL_SERVER_ERROR', 0])
    // It shares the statement of the first one where it came at the same moment.
    expect(kinds[1]).toMatch(/^(INTERNAL_SERVER_ERROR|CreateWorkspacePayload)$/)
    expect(await countIn(second)).toBe(kinds[1] === 'CreateWorkspacePayload' ? 1 : 0)
  })

  test('fail one by one: what the database refuses of one is no matter of the others', async () => {
    const [broken, ...others] = tenants as [Tenant, ...Tenant[]]
    const { db } = app.current.services
    const guests = await Promise.all(tenants.map(() => world.person()))
    const tokens: string[] = []
    for (const [nth, tenant] of tenants.entries()) {
      const email = guests[nth]?.email as string
      const invites = [{ email, role: 'WRITE' }]
      await mutate(app.current, tenant.owner.token, 'createInvites', { scopeId: tenant.first.id, invites })
      tokens.push(tokenIn(await waitForMail(app.current, email)))
    }
    const accept = (nth: number) =>
      mutate(
        app.current,
        guests[nth]?.token as string,
        'acceptInvite',
        { token: tokens[nth] },
        'invite { status }',
      )
    await db.$executeRawUnsafe(`ALTER TABLE workspace_member ADD CONSTRAINT none_of_these
      CHECK (organization_id <> '${broken.organizationId}') NOT VALID`)
    try {
      const answers = await Promise.all(tenants.map((_tenant, nth) => accept(nth)))
      expect(answers.map(({ kind }) => kind)).toEqual([
        'INTERNAL_SERVER_ERROR',
        ...others.map(() => 'AcceptInvitePayload'),
      ])
    } finally {
      await db.$executeRawUnsafe('ALTER TABLE workspace_member DROP CONSTRAINT none_of_these')
    }
    expect((await logsOf(tenants, 'invite.accepted')).length).toBe(others.length)
    expect((await accept(0)).result).toMatchObject({ invite: { status: 'ACCEPTED' } })
  })

  test('in one organization are each decided by what the others have done', async () => {
    const tenant = await world.tenant()
    const caller = await tenant.owner.caller()
    const { organizationId } = tenant
    const made = await Promise.all(
      Array.from({ length: 12 }, () => createWorkspace(caller, { name: 'Same', organizationId })),
    )
    const rows = await app.current.services.db.workspace.findMany({
      where: { id: { in: made.map(({ workspaceId }) => workspaceId) } },
    })
    expect(new Set(rows.map(({ key }) => key)).size).toBe(12)
    expect((await logsOf([tenant], 'workspace.created')).length).toBe(13)
  })

  test('of one member are told as a chain, each from what the one before has left', async () => {
    const tenant = await world.tenant()
    const { userId } = await tenant.grantee(tenant.first.workspaceId, 'READ')
    const caller = await tenant.owner.caller()
    const scope = { kind: 'Workspace', id: tenant.first.workspaceId } as const
    const wanted = ['WRITE', 'ADMIN', 'OWNER', 'READ', 'WRITE', 'ADMIN', 'OWNER', 'READ']
    await Promise.all(wanted.map((role) => setMemberRole(caller, { scope, userId, role })))
    const told = await app.current.services.db.event.findMany({
      where: { organizationId: tenant.organizationId, type: 'member.role_changed' },
      orderBy: { sequence: 'asc' },
    })
    const changes = told.map((event) => (event.changes as { role: { before: string; after: string } }).role)
    expect(changes.length).toBeGreaterThan(0)
    expect(changes.map(({ before }) => before)).toEqual(
      ['READ', ...changes.map(({ after }) => after)].slice(0, -1),
    )
  })
})
