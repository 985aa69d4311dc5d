import { beforeAll, expect, test } from 'vitest'
import { useTestApp } from '../../kit/app.ts'
import { mutate } from '../../kit/mutate.ts'
import { createWorld, type Person, type Tenant, type World } from '../../kit/world.ts'

const app = useTestApp({ INVITES_PER_HOUR: '10', INVITES_PENDING: '12' })
let world: World

beforeAll(() => {
  world = createWorld(app.current)
})

let guests = 0
const HOUR = 60 * 60 * 1000

const invite = (tenant: Tenant, count: number, by: Person = tenant.owner, scopeId = tenant.id) =>
  mutate(
    app.current,
    by.token,
    'createInvites',
    {
      scopeId,
      invites: Array.from({ length: count }, () => ({
        email: `limit${++guests}@example.com`,
        role: scopeId === tenant.id ? 'MEMBER' : 'READ',
      })),
    },
    'results { invite { id } }',
    'InviteLimitReached { limit most retryAt }',
  )

const idsOf = (result: Record<string, unknown> | null) =>
  ((result?.results ?? []) as { invite: { id: string } }[]).map((row) => row.invite.id)

const openIn = ({ organizationId }: Tenant) =>
  app.current.services.db.invite.count({ where: { organizationId } })

test('M11 one person sends so many invites in an hour, everywhere and with repeats, and no more', async () => {
  const [tenant, other] = [await world.tenant(), await world.tenant()]
  await other.grant(tenant.owner, { kind: 'Organization', id: other.organizationId }, 'ADMIN')
  const first = await invite(tenant, 8)
  expect(first.kind).toBe('CreateInvitesPayload')
  const tooMany = await invite(other, 3, tenant.owner)
  expect(tooMany.result).toMatchObject({ __typename: 'InviteLimitReached', limit: 'PER_HOUR', most: 10 })
  expect(await openIn(other)).toBe(0)
  expect((await invite(other, 1, tenant.owner)).kind).toBe('CreateInvitesPayload')
  const [id] = idsOf(first.result)
  const resend = () => mutate(app.current, tenant.owner.token, 'resendInvite', { id })
  expect([(await resend()).kind, (await resend()).kind]).toEqual([
    'ResendInvitePayload',
    'InviteLimitReached',
  ])
  // Somebody else has an hour of their own.
  const admin = await tenant.member('ADMIN')
  expect((await invite(tenant, 1, admin)).kind).toBe('CreateInvitesPayload')
  expect(new Date(String(tooMany.result?.retryAt)).getTime()).toBeGreaterThan(
    app.current.clock.now().getTime(),
  )
  app.current.clock.advance(HOUR)
  expect((await resend()).kind).toBe('ResendInvitePayload')
})

test('M11 parallel calls share one allowance: the last place is taken once', async () => {
  const tenant = await world.tenant()
  const answers = await Promise.all(Array.from({ length: 20 }, () => invite(tenant, 1)))
  expect(answers.filter(({ kind }) => kind === 'CreateInvitesPayload')).toHaveLength(10)
  expect(answers.filter(({ kind }) => kind === 'InviteLimitReached')).toHaveLength(10)
  expect(await openIn(tenant)).toBe(10)
})

test('M11 an organization has so many open invites, its workspaces included, also when all invite at once', async () => {
  const tenant = await world.tenant()
  const second = await tenant.workspace()
  const people = await Promise.all(Array.from({ length: 6 }, () => tenant.member('ADMIN')))
  const scopes = [tenant.id, tenant.first.id, second.id]
  const answers = await Promise.all(people.map((by, nth) => invite(tenant, 5, by, scopes[nth % 3])))
  expect(answers.filter(({ kind }) => kind === 'CreateInvitesPayload')).toHaveLength(2)
  expect(answers.find(({ kind }) => kind === 'InviteLimitReached')?.result).toMatchObject({
    limit: 'PENDING',
    most: 12,
    retryAt: null,
  })
  expect(await openIn(tenant)).toBe(10)
  // What is revoked or expired leaves room.
  const [open] = answers.flatMap(({ result }) => idsOf(result))
  expect((await invite(tenant, 3, people[0])).kind).toBe('InviteLimitReached')
  expect((await mutate(app.current, tenant.owner.token, 'revokeInvite', { id: open })).kind).toBe(
    'RevokeInvitePayload',
  )
  expect((await invite(tenant, 3, tenant.owner)).kind).toBe('CreateInvitesPayload')
})
