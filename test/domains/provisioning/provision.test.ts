import { beforeAll, describe, expect, test } from 'vitest'
import { useTestApp } from '../../kit/app.ts'
import { mailsTo, waitForMail } from '../../kit/mail.ts'
import { createWorld, type World } from '../../kit/world.ts'
import { actions, changesOf, type Operation, provision, provisioned } from './provision-kit.ts'

const app = useTestApp()
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
      progress: { total: 3, done: 0, failed: 1 },
    })
    const done = await provisioned(app.current, tenant.owner, { ...input, planId: plan.id })
    const told = ({ items }: Operation) =>
      items.nodes.map(({ key, action, changes, error }) => ({ key, action, changes, error }))
    expect(told(done)).toEqual(told(plan))
    expect(done.items.nodes.map(({ moved }) => moved)).toEqual([false, false, false])
    expect(actions(done)).toEqual({ general: 'UPDATE', one: 'CREATE', two: 'REFUSED ROLE_UNKNOWN' })
  })
})
