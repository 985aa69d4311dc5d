import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { describe, expect, test } from 'vitest'
import { withClient } from '../kit/cluster.ts'
import type { Person, Tenant } from '../kit/world.ts'
import { type Call, type Outcome, tally, times, useRaces } from './race-kit.ts'

const races = useRaces()

const OWNERS = `SELECT count(*)::int AS owners FROM organization_member m JOIN role r ON r.id = m.role_id
                WHERE m.organization_id = $1 AND r.level = 'OWNER'`

async function ownersOf(client: pg.Client, { organizationId }: Tenant): Promise<number> {
  const { rows } = await client.query<{ owners: number }>(OWNERS, [organizationId])
  return rows[0]?.owners ?? 0
}

/** A tenant with two owners. */
async function jointTenant(): Promise<{ tenant: Tenant; owners: [Person, Person] }> {
  const tenant = await races.world.tenant()
  return { tenant, owners: [tenant.owner, await tenant.member('OWNER')] }
}

const giveRole = (tenant: Tenant, by: Person, whom: Person, role: string): Call => ({
  mutation: 'setMemberRole',
  input: { scopeId: tenant.id, userId: whom.id, role },
  token: by.token,
})

const remove = (tenant: Tenant, by: Person, whom: Person): Call => ({
  mutation: 'removeMember',
  input: { scopeId: tenant.id, userId: whom.id },
  token: by.token,
})

/** Sends calls in waves: all at once they would measure how long a statement may wait for a connection. */
async function inWaves(calls: Call[], size: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let from = 0; from < calls.length; from += size)
    outcomes.push(...(await races.race(calls.slice(from, from + size))))
  return outcomes
}

describe('M12, lesson 3: through the API', () => {
  test('of two owners who leave at the same moment, one stays', async () => {
    const joint = await Promise.all(times(8, jointTenant))
    const waysOut = [
      (tenant: Tenant, person: Person) => giveRole(tenant, person, person, 'MEMBER'),
      (tenant: Tenant, person: Person) => remove(tenant, person, person),
    ]
    const outcomes = await Promise.all(
      joint.map(({ tenant, owners: [one, other] }, index) => {
        const [out, otherOut] = index % 3 === 0 ? waysOut : [waysOut[index % 2], waysOut[index % 2]]
        return races.race(
          [out?.(tenant, one), otherOut?.(tenant, other)].filter((call) => call !== undefined),
        )
      }),
    )
    for (const pair of outcomes) {
      const kinds = pair.map(({ kind }) => kind).sort()
      expect(['RemoveMemberPayload', 'SetMemberRolePayload']).toContain(kinds[1])
      expect(kinds[0]).toBe('LastOwner')
    }
  })

  test('of two owners who remove each other, one stays', async () => {
    const { tenant, owners } = await jointTenant()
    const [one, other] = owners
    const outcomes = await races.race([remove(tenant, one, other), remove(tenant, other, one)])
    // The loser was gone when their turn came, so the organization does not exist for them.
    expect(tally(outcomes)).toEqual({ RemoveMemberPayload: 1, NOT_FOUND: 1 })
    await withClient(races.app.databaseUrl, async (client) => {
      expect(await ownersOf(client, tenant)).toBe(1)
    })
  })

  test('M12 lessons 1 and 3: 240 calls that give and take ownership never leave none, and none of them fails', async () => {
    const tenant = await races.world.tenant()
    const people = [tenant.owner, await tenant.member('OWNER'), await tenant.member('OWNER')]
    const admin = await races.world.person({ platformAdmin: true })
    const calls = times(240, (index): Call => {
      const by = people[index % 3] as Person
      const whom = people[Math.floor(index / 3) % 3] as Person
      // Somebody from outside keeps giving ownership back, so that there is something to take away until the end.
      if (index % 2 === 0) return giveRole(tenant, admin, whom, 'OWNER')
      return index % 3 === 0 ? remove(tenant, by, whom) : giveRole(tenant, by, whom, 'MEMBER')
    })
    await withClient(races.app.databaseUrl, async (client) => {
      let done = false
      const storm = inWaves(calls, 60).finally(() => {
        done = true
      })
      const seen = new Set<number>()
      while (!done) seen.add(await ownersOf(client, tenant))
      expect(seen).not.toContain(0)
      expect(await ownersOf(client, tenant)).toBeGreaterThanOrEqual(1)
      const answers = tally(await storm)
      const expected = [
        'SetMemberRolePayload',
        'RemoveMemberPayload',
        'LastOwner',
        'RoleTooHigh',
        'NotAMember',
        'FORBIDDEN',
        'NOT_FOUND',
      ]
      expect(Object.keys(answers).filter((kind) => !expected.includes(kind))).toEqual([])
      expect(answers.SetMemberRolePayload).toBeGreaterThan(0)
    })
  }, 60_000)
})

describe('M12: the database refuses whatever goes around the code', () => {
  const ways = {
    'a deleted membership': 'DELETE FROM organization_member WHERE organization_id = $1 AND user_id = $2',
    'a lower role': `UPDATE organization_member SET role_id =
      (SELECT id FROM role WHERE organization_id = $1 AND scope = 'ORGANIZATION' AND key = 'MEMBER')
      WHERE organization_id = $1 AND user_id = $2`,
    'a deleted person': 'DELETE FROM "user" WHERE id = $2 AND $1::uuid IS NOT NULL',
  }
  /** Whether the deferred rules let a transaction go; who waits for another's lock is told when that one has ended. */
  const passes = (client: pg.Client) =>
    client.query('SET CONSTRAINTS ALL IMMEDIATE').then(
      () => true,
      () => false,
    )
  const levels = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE']

  test.each(Object.entries(ways))('%s: the only owner stays', async (_name, sql) => {
    const tenant = await races.world.tenant()
    await withClient(races.app.databaseUrl, async (client) => {
      const refused = client.query(sql, [tenant.organizationId, tenant.owner.userId])
      await expect(refused).rejects.toMatchObject({ constraint: 'organization_last_owner' })
      expect(await ownersOf(client, tenant)).toBe(1)
    })
  })

  test.each(
    levels.flatMap((level) => Object.entries(ways).map(([name, sql]) => [level, name, sql] as const)),
  )('%s, %s: two transactions that each take away another owner', async (level, _name, sql) => {
    const { tenant, owners } = await jointTenant()
    await withClient(races.app.databaseUrl, (one) =>
      withClient(races.app.databaseUrl, async (other) => {
        const clients = [one, other] as const
        // Each sees both owners before either leaves.
        for (const [index, client] of clients.entries()) {
          await client.query(`BEGIN ISOLATION LEVEL ${level}`)
          expect(await ownersOf(client, tenant)).toBe(2)
          await client.query(sql, [tenant.organizationId, owners[index]?.userId])
        }
        const isFirstLetGo = await passes(one)
        const isSecondLetGo = passes(other)
        // Whoever does not wait for the lock has decided by then.
        await Promise.race([isSecondLetGo, sleep(100)])
        await one.query('COMMIT')
        expect([isFirstLetGo, await isSecondLetGo]).toEqual([level === 'READ COMMITTED', false])
        await other.query('COMMIT')
        expect(await ownersOf(one, tenant)).toBeGreaterThanOrEqual(1)
      }),
    )
  })

  test('ownership changes hands inside of one transaction', async () => {
    const tenant = await races.world.tenant()
    const heir = await tenant.member()
    await withClient(races.app.databaseUrl, async (client) => {
      await client.query('BEGIN')
      await client.query(ways['a deleted membership'], [tenant.organizationId, tenant.owner.userId])
      await client.query(
        `UPDATE organization_member SET role_id =
           (SELECT id FROM role WHERE organization_id = $1 AND scope = 'ORGANIZATION' AND key = 'OWNER')
         WHERE organization_id = $1 AND user_id = $2`,
        [tenant.organizationId, heir.userId],
      )
      await client.query('COMMIT')
      expect(await ownersOf(client, tenant)).toBe(1)
    })
  })

  test('an organization is purged with its owners, and none begins without one', async () => {
    const tenant = await races.world.tenant()
    await withClient(races.app.databaseUrl, async (client) => {
      // A purge takes the members first, in batches.
      await client.query(
        'UPDATE organization SET deleted_at = now(), purge_started_at = now() WHERE id = $1',
        [tenant.organizationId],
      )
      await client.query(ways['a deleted membership'], [tenant.organizationId, tenant.owner.userId])
      await client.query('DELETE FROM organization WHERE id = $1', [tenant.organizationId])
      expect(await ownersOf(client, tenant)).toBe(0)
      const ownerless = client.query(
        `INSERT INTO organization (id, slug, name, updated_at) VALUES (gen_random_uuid(), 'ownerless', 'Ownerless', now())`,
      )
      await expect(ownerless).rejects.toMatchObject({ constraint: 'organization_last_owner' })
    })
  })

  test.each(levels)('%s: the platform keeps an active administrator', async (level) => {
    const admins = await Promise.all(times(2, () => races.world.person({ platformAdmin: true })))
    await withClient(races.app.databaseUrl, (one) =>
      withClient(races.app.databaseUrl, async (other) => {
        // Those of the other levels' rounds step down first: only two are left.
        await one.query(
          `UPDATE "user" SET platform_role = 'USER' WHERE platform_role = 'ADMIN' AND NOT id = ANY ($1)`,
          [admins.map(({ userId }) => userId)],
        )
        for (const [index, client] of [one, other].entries()) {
          await client.query(`BEGIN ISOLATION LEVEL ${level}`)
          await client.query('SELECT FROM "user" LIMIT 1')
          await client.query('UPDATE "user" SET suspended_at = now() WHERE id = $1', [admins[index]?.userId])
        }
        const isFirstLetGo = await passes(one)
        const isSecondLetGo = passes(other)
        // Whoever does not wait for the lock has decided by then.
        await Promise.race([isSecondLetGo, sleep(100)])
        await one.query('COMMIT')
        expect([isFirstLetGo, await isSecondLetGo]).toEqual([level === 'READ COMMITTED', false])
        await other.query('COMMIT')
        const { rowCount } = await one.query(
          `SELECT FROM "user" WHERE platform_role = 'ADMIN' AND suspended_at IS NULL`,
        )
        expect(rowCount).toBeGreaterThanOrEqual(1)
      }),
    )
  })
})
