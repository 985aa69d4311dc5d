import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { trimLogs } from '../../../src/domains/event/trim-log.ts'
import { verifyExport } from '../../../src/domains/event/verify-export.ts'
import { encodeId } from '../../../src/graphql/ids.ts'
import { inTransaction } from '../../../src/platform/db.ts'
import { appendEvents, type NewEvent } from '../../../src/platform/events.ts'
import { newId } from '../../../src/platform/ids.ts'
import { applyMigrations, migrationsFolder } from '../../../src/platform/migrate.ts'
import { useTestApp } from '../../kit/app.ts'
import { databaseUrl, withClient } from '../../kit/cluster.ts'
import { createWorld, type Tenant } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

/** Events of a workspace, with something in each that is easily spelled in two ways. */
async function write({ organizationId, first, owner }: Tenant, count: number): Promise<void> {
  const event = (nth: number): NewEvent => ({
    organizationId,
    workspaceId: first.workspaceId,
    type: nth % 3 === 0 ? 'resource.removed' : 'resource.registered',
    subject: { type: 'Resource', id: newId() },
    changes: {
      name: { after: `Größe "${nth}" \u2028 😀` },
      box: { before: [1e-7, 1e21, -0, 0.1], after: { b: 1, a: null } },
    },
  })
  const origin = { viewer: { userId: owner.userId }, requestId: 'request-1' }
  await inTransaction(app.current.services.db, (tx) =>
    appendEvents(
      tx,
      origin,
      Array.from({ length: count }, (_, nth) => event(nth)),
    ),
  )
}

interface Page {
  nodes: { sequence: number; type: string; cursor: string }[]
  pageInfo: { hasNextPage: boolean; endCursor: string }
  totalCount: number
}

async function pull(tenant: Tenant, args: Record<string, unknown> = {}, token = tenant.owner.token) {
  const { data, errors } = await app.current.run<{ events: Page | null }>(
    `query ($organizationId: ID!, $after: String, $types: [String!], $first: Int) {
      events(organizationId: $organizationId, after: $after, types: $types, first: $first) {
        totalCount nodes { sequence type cursor } pageInfo { hasNextPage endCursor }
      }
    }`,
    { organizationId: tenant.id, ...args },
    token,
  )
  return { page: data.events, refusal: errors?.[0]?.extensions }
}

describe('pull', () => {
  test('E5 gives the whole log page by page, and goes on where it stopped', async () => {
    const tenant = await world().tenant()
    await write(tenant, 23)
    const seen: number[] = []
    let after: string | undefined
    for (let more = true; more; ) {
      const { page } = await pull(tenant, { after, first: 7 })
      seen.push(...(page?.nodes ?? []).map(({ sequence }) => sequence))
      after = page?.pageInfo.endCursor
      more = page?.pageInfo.hasNextPage ?? false
    }
    const total = await app.current.services.db.event.count({
      where: { organizationId: tenant.organizationId },
    })
    expect(seen).toEqual(Array.from({ length: total }, (_, nth) => nth + 1))
    expect((await pull(tenant, { after })).page?.nodes).toEqual([])
    await write(tenant, 1)
    expect((await pull(tenant, { after })).page?.nodes).toMatchObject([{ sequence: total + 1 }])
  })

  test('E5 takes types, and its cursor moves over what is of others', async () => {
    const tenant = await world().tenant()
    await write(tenant, 6)
    const { page } = await pull(tenant, { types: ['resource.removed', 'invite.*'] })
    expect(page?.nodes.map(({ type }) => type)).toEqual(['resource.removed', 'resource.removed'])
    expect(page?.totalCount).toBe(2)
    const none = await pull(tenant, { types: ['invite.*'] })
    expect(none.page?.nodes).toEqual([])
    await write(tenant, 1)
    const rest = await pull(tenant, { after: none.page?.pageInfo.endCursor })
    expect(rest.page?.nodes).toHaveLength(1)
    expect(await pull(tenant, { types: ['no.such'] })).toMatchObject({ refusal: { reason: 'INVALID_TYPE' } })
  })

  test('E5 is for those who administer the organization, with cursors of it alone', async () => {
    const [tenant, other] = await Promise.all([world().tenant(), world().tenant()])
    const [admin, member] = [await tenant.member('ADMIN'), await tenant.member()]
    expect((await pull(tenant, {}, admin.token)).page?.nodes.length).toBeGreaterThan(0)
    expect((await pull(tenant, {}, member.token)).refusal).toMatchObject({
      code: 'FORBIDDEN',
      permission: 'organization:settings',
    })
    expect((await pull(tenant, {}, other.owner.token)).refusal).toMatchObject({ code: 'NOT_FOUND' })
    const foreign = (await pull(other)).page?.pageInfo.endCursor
    for (const after of [foreign, 'rubbish', ''])
      expect((await pull(tenant, { after })).refusal).toMatchObject({ reason: 'CURSOR_MISMATCH' })
  })

  test('E5 tells whose cursor is older than what retention has left', async () => {
    const tenant = await world().tenant()
    const { page } = await pull(tenant, { first: 1 })
    await write(tenant, 5)
    await trimLogs(app.current.services.db, new Date(Date.now() + 60_000))
    await write(tenant, 2)
    expect((await pull(tenant, { after: page?.pageInfo.endCursor })).refusal).toMatchObject({
      reason: 'CURSOR_EXPIRED',
    })
    expect((await pull(tenant)).page?.nodes).toHaveLength(2)
  })
})

describe('the audit trail', () => {
  const audit = async (tenant: Tenant, filter: string, token = tenant.owner.token) => {
    const { data, errors } = await app.current.run<{
      organization: { auditLog: { totalCount: number; nodes: { sequence: number; type: string }[] } | null }
    }>(
      `query ($id: ID!, $filter: String) { organization(id: $id) { auditLog(filter: $filter, first: 5) {
        totalCount nodes { sequence type hash requestId actorId actor { fullName } subject { type id } workspaceId workspace { name } changes createdAt }
      } } }`,
      { id: tenant.id, filter },
      token,
    )
    return { log: data.organization?.auditLog, refusal: errors?.[0]?.extensions }
  }

  test('E2 is filtered by type, actor, subject and time', async () => {
    const tenant = await world().tenant()
    const admin = await tenant.member('ADMIN')
    await write(tenant, 9)
    const count = async (filter: string) => (await audit(tenant, filter)).log?.totalCount
    expect(await count('type = "resource.*"')).toBe(9)
    expect(await count('resource.removed')).toBe(3)
    expect(await count(`actor = "${tenant.owner.email}" AND type = "member.added"`)).toBe(2)
    expect(await count(`actor = "${tenant.owner.id}" AND subject_type = Resource`)).toBe(9)
    expect(await count(`actor = "${admin.id}"`)).toBe(0)
    expect(await count(`subject = "${tenant.first.id}"`)).toBe(1)
    expect(await count(`workspace = "${tenant.first.id}" AND NOT type:removed AND request_id:*`)).toBe(6)
    expect(await count('time < 2020-01-01')).toBe(0)
    expect(await count('time >= 2020-01-01 AND type = "resource.*"')).toBe(9)
    const { log } = await audit(tenant, '', admin.token)
    const total = await app.current.services.db.event.count({
      where: { organizationId: tenant.organizationId },
    })
    expect(log?.nodes.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4].map((nth) => total - nth))
    expect(log?.nodes[0]).toMatchObject({
      type: 'resource.registered',
      actor: { fullName: tenant.owner.fullName },
      workspace: { name: 'General' },
      requestId: 'request-1',
      changes: { name: { after: 'Größe "8" \u2028 😀' } },
    })
    const member = await tenant.member()
    expect((await audit(tenant, '', member.token)).refusal).toMatchObject({
      permission: 'organization:settings',
    })
  })

  test('E2 holds what platform administrators have looked at', async () => {
    const tenant = await world().tenant()
    const admin = await world().person({ platformAdmin: true })
    await app.current.run(
      'query ($id: ID!) { admin { workspace(id: $id) { id } } }',
      { id: tenant.first.id },
      admin.token,
    )
    await app.current.run(
      'query ($id: ID!) { admin { organization(id: $id) { id } } }',
      { id: tenant.id },
      admin.token,
    )
    const own = await world().tenant()
    await app.current.run('query ($id: ID!) { organization(id: $id) { id } }', { id: tenant.id }, admin.token)
    await app.current.run(
      'query ($slug: String!) { organizationBySlug(slug: $slug) { id } }',
      { slug: tenant.slug },
      admin.token,
    )
    await app.current.run(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      { ids: [tenant.first.id, admin.id] },
      admin.token,
    )
    await audit(tenant, '', admin.token)
    expect((await exported(tenant, admin.token)).status).toBe(200)
    await audit(own, '')
    const { log } = await audit(tenant, `type = admin.accessed AND actor = "${admin.id}"`)
    const field = (after: string) => ({ changes: { field: { after } } })
    expect(log?.nodes).toMatchObject([
      field('audit.jsonl'),
      field('Query.organization'),
      { ...field('Query.nodes'), workspaceId: tenant.first.id },
      field('Query.organizationBySlug'),
      field('Query.organization'),
    ])
    const total = await audit(own, 'type = admin.accessed')
    expect(total.log?.totalCount).toBe(0)
    const first = await audit(
      tenant,
      `type = admin.accessed AND actor = "${admin.id}" AND sequence <= ${(log?.nodes[4]?.sequence ?? 0) - 1}`,
    )
    expect(first.log?.nodes).toMatchObject([
      {
        subject: { type: 'Organization', id: tenant.id },
        changes: { field: { after: 'Admin.organization' } },
      },
      { subject: { type: 'Workspace', id: tenant.first.id }, workspaceId: tenant.first.id },
    ])
  })

  test('E2 is held by the database: no entry is changed, dropped or emptied out', async () => {
    const tenant = await world().tenant()
    await write(tenant, 3)
    const { db } = app.current.services
    const streamId = tenant.organizationId
    await expect(db.event.updateMany({ where: { streamId }, data: { type: 'x' } })).rejects.toThrow(
      /append-only/,
    )
    await expect(db.event.deleteMany({ where: { streamId } })).rejects.toThrow(/append-only/)
    await expect(db.$executeRaw`TRUNCATE event`).rejects.toThrow(/append-only/)
    await expect(db.eventStream.delete({ where: { id: streamId } })).rejects.toThrow(/append-only/)
    await expect(
      db.eventStream.update({
        where: { id: streamId },
        data: { anchorSequence: 2, anchorHash: 'f'.repeat(64) },
      }),
    ).rejects.toThrow(/anchor/)
  })
})

const exported = async (tenant: Tenant, token: string | null = tenant.owner.token) => {
  const response = await app.current.app.fetch(`/organizations/${tenant.id}/audit.jsonl`, {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  })
  return {
    status: response.status,
    lines: (await response.text()).split('\n').filter(Boolean),
    type: response.headers.get('content-type'),
  }
}

describe('an export', () => {
  test('E2 holds every entry, and is verified offline', async () => {
    const tenant = await world().tenant()
    await write(tenant, 1203)
    const { lines, type } = await exported(tenant)
    expect(type).toMatch(/^application\/jsonl/)
    const total = await app.current.services.db.event.count({
      where: { organizationId: tenant.organizationId },
    })
    expect(lines).toHaveLength(total + 1)
    expect(await verifyExport(lines)).toMatchObject({ ok: true, entries: total, head: { sequence: total } })
    const { page } = await pull(tenant, { first: 1000 })
    expect(lines.slice(1, 1001).map((line) => JSON.parse(line).sequence)).toEqual(
      page?.nodes.map(({ sequence }) => sequence),
    )
    const reformatted = lines.map((line) =>
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line)).reverse())),
    )
    expect(await verifyExport(reformatted)).toMatchObject({ ok: true })
  })

  test('E2 is verified after retention too', async () => {
    const tenant = await world().tenant()
    await write(tenant, 2500)
    const cut = new Date(Date.now() + 1)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await write(tenant, 10)
    const { organizationId: streamId } = tenant
    expect(await trimLogs(app.current.services.db, cut, 700)).toBeGreaterThanOrEqual(2500)
    expect(await app.current.services.db.event.count({ where: { streamId } })).toBe(10)
    expect(await verifyExport((await exported(tenant)).lines)).toMatchObject({ ok: true, entries: 10 })
    await trimLogs(app.current.services.db, new Date(Date.now() + 60_000))
    expect(await verifyExport((await exported(tenant)).lines)).toMatchObject({ ok: true, entries: 0 })
    await write(tenant, 1)
    expect(await verifyExport((await exported(tenant)).lines)).toMatchObject({ ok: true, entries: 1 })
  })

  test('E2 names the first entry that was changed, dropped or moved', async () => {
    const tenant = await world().tenant()
    await write(tenant, 20)
    const { lines } = await exported(tenant)
    const at = (sequence: number) => lines.findIndex((line) => JSON.parse(line).sequence === sequence)
    const verdict = async (change: (lines: string[]) => string[]) => verifyExport(change([...lines]))
    const edit = (sequence: number, fields: object) => (all: string[]) =>
      all.map((line, index) =>
        index === at(sequence) ? JSON.stringify({ ...JSON.parse(line), ...fields }) : line,
      )
    const without = (sequence: number) => (all: string[]) => all.filter((_, index) => index !== at(sequence))
    const moved = (sequence: number, to: number) => (all: string[]) => {
      const [line = ''] = all.splice(at(sequence), 1)
      all.splice(at(to), 0, line)
      return all
    }
    const last = lines.length - 1
    for (const fields of [
      { type: 'resource.removed.x' },
      { actorId: null },
      { time: '2026-01-01T00:00:00.000Z' },
      { changes: {} },
      { hash: 'f'.repeat(64) },
      { more: 1 },
    ])
      expect(await verdict(edit(9, fields)), JSON.stringify(fields)).toMatchObject({
        ok: false,
        sequence: 9,
        what: 'changed',
      })
    expect(await verdict(without(9))).toMatchObject({ sequence: 9, what: 'dropped' })
    expect(await verdict(without(1))).toMatchObject({ sequence: 1, what: 'dropped' })
    expect(await verdict(without(last))).toMatchObject({ sequence: last, what: 'dropped' })
    expect(await verdict(moved(7, 12))).toMatchObject({ sequence: 7, what: 'moved' })
    expect(await verdict(moved(15, 5))).toMatchObject({ sequence: 15, what: 'moved' })
    expect(await verdict((all) => [...all, all[3] ?? ''])).toMatchObject({ sequence: 3, what: 'moved' })
    const renumbered = (all: string[]) =>
      without(9)(all).map((line) => {
        const entry = JSON.parse(line)
        return entry.sequence > 9 ? JSON.stringify({ ...entry, sequence: entry.sequence - 1 }) : line
      })
    expect(await verdict(renumbered)).toMatchObject({ sequence: 9, what: 'changed' })
    await expect(verifyExport(['{}'])).rejects.toThrow(/header/)
    await expect(verifyExport([])).rejects.toThrow(/empty/)
  })

  test('E2 is for those who administer the organization', async () => {
    const [tenant, other] = await Promise.all([world().tenant(), world().tenant()])
    const member = await tenant.member()
    expect((await exported(tenant, null)).status).toBe(401)
    expect((await exported(tenant, member.token)).status).toBe(403)
    expect((await exported(tenant, other.owner.token)).status).toBe(404)
    const absent = { ...tenant, id: encodeId('Organization', newId()) }
    expect((await exported(absent)).status).toBe(404)
    expect((await exported({ ...tenant, id: 'rubbish' })).status).toBe(400)
  })
})

test('E2 what was in the log before it had hashes is in the chain', async () => {
  const name = `chain_${randomBytes(5).toString('hex')}`
  const folder = await mkdtemp(join(tmpdir(), 'atrium-migrations-'))
  const url = databaseUrl(inject('serverUrl'), name)
  await withClient(inject('serverUrl'), (client) => client.query(`CREATE DATABASE ${name}`))
  try {
    await cp(migrationsFolder(), folder, { recursive: true })
    for (const each of await readdir(folder))
      if (each > '20261122090000') await rm(join(folder, each), { recursive: true, force: true })
    await cp(join(migrationsFolder(), 'migration_lock.toml'), join(folder, 'migration_lock.toml'))
    await applyMigrations(url, folder)
    const [organization, workspace] = [newId(), newId()]
    const changes = {
      b: { after: 'ü "\n\u0001 😀' },
      a: { before: [1e-7, 1e21, 123456789012, 0.1, -2.5e-9, 5e20, 100, 0], after: null },
      ä: { after: {} },
    }
    const rows = await withClient(url, async (client) => {
      await client.query('INSERT INTO event_stream (id, last_sequence) VALUES ($1, 3)', [organization])
      for (const sequence of [1, 2, 3])
        await client.query(
          `INSERT INTO event (stream_id, sequence, organization_id, workspace_id, type, subject_type, subject_id, changes, request_id)
           VALUES ($1, $2, $1, $3, 'extension.installed', 'ExtensionInstallation', $4, $5, $6)`,
          [
            organization,
            sequence,
            sequence === 2 ? workspace : null,
            newId(),
            JSON.stringify(changes),
            sequence === 3 ? 'r' : null,
          ],
        )
      await applyMigrations(url)
      const { rows } = await client.query('SELECT * FROM event ORDER BY sequence')
      const {
        rows: [head],
      } = await client.query('SELECT last_hash FROM event_stream')
      return [...rows, head]
    })
    const head = rows.pop()
    const { shownEntry, FIRST_HASH } = await import('../../../src/platform/event-chain.ts')
    const lines = [
      {
        format: 'atrium-audit-1',
        anchor: { sequence: 0, hash: FIRST_HASH },
        head: { sequence: 3, hash: head.last_hash },
      },
      ...rows.map((row) => ({
        sequence: Number(row.sequence),
        time: row.created_at.toISOString(),
        ...shownEntry({
          id: row.id,
          organizationId: row.organization_id,
          workspaceId: row.workspace_id,
          type: row.type,
          actorId: row.actor_id,
          subject: { type: row.subject_type, id: row.subject_id },
          changes: row.changes,
          requestId: row.request_id,
        }),
        hash: row.hash,
      })),
    ].map((line) => JSON.stringify(line))
    expect(await verifyExport(lines)).toMatchObject({ ok: true, entries: 3 })
  } finally {
    await withClient(inject('serverUrl'), (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
    await rm(folder, { recursive: true, force: true })
  }
})
