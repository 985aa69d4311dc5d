import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { databaseUrl, withClient } from '../kit/cluster.ts'
import { tokenIn, waitForMail } from '../kit/mail.ts'
import { endLaunched, eventually, type Launched, launch, type Running, start } from '../kit/process.ts'

/** What is random here comes from this number: give it back as CRASH_SEED to see the same again. */
const seed = Number(process.env.CRASH_SEED ?? randomBytes(4).readUInt32BE())
const WORKSPACES = Number(process.env.CRASH_WORKSPACES ?? 1_500)
const COLLEAGUES = 40
const STRANGERS = 450

const name = `crash_${randomBytes(6).toString('hex')}`
const authSecret = randomBytes(32).toString('hex')
let folder = ''
let url = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrium-crash-'))
  url = databaseUrl(inject('serverUrl'), name)
  await withClient(inject('serverUrl'), (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${inject('templateName')}`),
  )
})

afterAll(async () => {
  await endLaunched()
  await withClient(inject('serverUrl'), (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
  await rm(folder, { recursive: true, force: true })
})

const settings = () => ({
  DATABASE_URL: url,
  AUTH_SECRET: authSecret,
  DATA_DIR: folder,
  INVITES_PER_HOUR: '100000',
  INVITES_PENDING: '100000',
  MAX_BODY_BYTES: '10000000',
  LOG_LEVEL: 'warn',
})

/** The same numbers from 0 to 1 for the same seed. */
function numbers(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function ask<T>(
  { url: at }: Running,
  token: string | null,
  query: string,
  variables: object,
): Promise<T> {
  const response = await fetch(`${at}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown }
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

const kill = async (one: Launched) => {
  one.signal('SIGKILL')
  expect((await one.exited).signal).toBe('SIGKILL')
}

async function signUp(service: Running): Promise<{ token: string; organizationId: string }> {
  const { signUp: made } = await ask<{ signUp: { token: string; organization: { id: string } } }>(
    service,
    null,
    `mutation { signUp(input: { email: "ada@example.com", password: "correct horse", fullName: "Ada", organizationName: "Engines" }) {
      ... on SignUpPayload { token organization { id } } } }`,
    {},
  )
  const mail = await waitForMail({ mailDir: join(folder, 'mail') }, 'ada@example.com')
  await ask(
    service,
    null,
    'mutation ($token: String!) { verifyEmail(input: { token: $token }) { __typename } }',
    {
      token: tokenIn(mail),
    },
  )
  return { token: made.token, organizationId: made.organization.id }
}

/** People with an account in the only organization that there is. */
const addColleagues = (client: pg.Client) =>
  client.query(
    `WITH people AS (
       INSERT INTO "user" (id, email, email_verified, name, updated_at)
       SELECT gen_random_uuid(), 'colleague-' || n || '@example.com', true, 'Colleague ' || n, now()
       FROM generate_series(0, $1::int - 1) n RETURNING id
     )
     INSERT INTO organization_member (id, organization_id, user_id, role_id, updated_at)
     SELECT gen_random_uuid(), o.id, p.id, r.id, now()
     FROM people p, organization o JOIN role r ON r.organization_id = o.id AND r.scope = 'ORGANIZATION' AND r.key = 'MEMBER'`,
    [COLLEAGUES],
  )

const wanted = Array.from({ length: WORKSPACES }, (_, nth) => ({
  key: `team-${nth}`,
  name: `Team ${nth}`,
  labels: ['crash'],
  settings: { features: [{ key: 'maps', enabled: nth % 2 === 0 }] },
  preferences: { locale: 'de' },
  members: [
    { email: `colleague-${nth % COLLEAGUES}@example.com`, role: 'WRITE' },
    { email: `stranger-${nth % STRANGERS}@example.org`, role: 'READ' },
  ],
}))

const PROVISION = `mutation ($input: ProvisionWorkspacesInput!) { provisionWorkspaces(input: $input) {
  __typename ... on ProvisionWorkspacesPayload { operation { id state } } ... on Error { message } } }`

interface Answer {
  provisionWorkspaces: { __typename: string; operation: { id: string; state: string } }
}

const LOOK = `query ($id: ID!) { operation(id: $id) { state progress { total done failed }
  items(first: 1) { totalCount } } }`

/**
 * Waits until the operation has come to a random place behind where it is: in its batches, or among its mails. A few
 * milliseconds more bring it into the middle of a transaction.
 */
async function untilSomewhere(random: () => number): Promise<string> {
  const place = await withClient(url, async (client) => {
    const look = async () => {
      const { rows } = await client.query(
        'SELECT done, mailed_through AS mailed, state FROM operation LIMIT 1',
      )
      return rows[0] as { done: number; mailed: string; state: string }
    }
    const from = (await look()).done
    // Beyond the last workspace are the mails.
    const target = from + random() * (WORKSPACES * 1.3 - from)
    for (let waited = 0; waited < 20_000; waited += 10) {
      const now = await look()
      const isThere = target <= WORKSPACES ? now.done >= target : now.mailed !== ''
      if (isThere || now.state === 'SUCCEEDED') return now
      await sleep(10)
    }
    return look()
  })
  await sleep(random() * 150)
  return JSON.stringify(place)
}

/** Counts that say whether anything happened twice, or not at all. */
async function inventory(client: pg.Client) {
  const one = async (sql: string) => Number((await client.query(sql)).rows[0]?.count)
  const teams = `SELECT id FROM workspace WHERE key LIKE 'team-%'`
  const events = (type: string) =>
    one(`SELECT count(*) FROM event WHERE type = '${type}' AND workspace_id IN (${teams})`)
  return {
    workspaces: await one(`SELECT count(*) FROM (${teams}) w`),
    created: await events('workspace.created'),
    settings: await events('workspace.settings_updated'),
    preferred: await events('workspace.preferences_updated'),
    members: await one(`SELECT count(*) FROM workspace_member WHERE workspace_id IN (${teams})`),
    added: await events('member.added'),
    invites: await one(`SELECT count(*) FROM invite WHERE workspace_id IN (${teams})`),
    invited: await events('invite.created'),
    resent: await events('invite.resent'),
    finished: await one(`SELECT count(*) FROM event WHERE type = 'operation.finished'`),
    gaps: await one(`SELECT count(*) FROM event_stream s
      WHERE s.last_sequence <> (SELECT count(*) FROM event e WHERE e.stream_id = s.id)`),
  }
}

/** How many mails each stranger has got, and how many links are in them. */
async function mailbox(): Promise<Record<string, { mails: number; links: number }>> {
  const boxes: Record<string, { mails: number; links: number }> = {}
  const files = (await readdir(join(folder, 'mail'))).filter((file) => file.endsWith('.json'))
  for (const file of files) {
    const { to, text } = JSON.parse(await readFile(join(folder, 'mail', file), 'utf8')) as {
      to: string
      text: string
    }
    if (!to.startsWith('stranger-')) continue
    const box = boxes[to] ?? { mails: 0, links: 0 }
    boxes[to] = {
      mails: box.mails + 1,
      links: box.links + (text.match(/accept-invite\?token=/g)?.length ?? 0),
    }
  }
  return boxes
}

test(`O16 killed twice, once with two processes at work, it ends in the desired state (CRASH_SEED=${seed})`, async () => {
  process.stdout.write(`CRASH_SEED=${seed}\n`)
  const random = numbers(seed)
  // Asked of a process that works on nothing: it answers and is killed before anybody has begun.
  const greeter = await start(settings())
  const { token, organizationId } = await signUp(greeter)
  await kill(greeter)
  await withClient(url, addColleagues)
  const input = { organizationId, workspaces: wanted, idempotencyKey: 'once' }
  const idle = await start({ ...settings(), JOBS: '0' })
  const { provisionWorkspaces: asked } = await ask<Answer>(idle, token, PROVISION, { input })
  expect(asked).toMatchObject({ __typename: 'ProvisionWorkspacesPayload', operation: { state: 'PENDING' } })
  await kill(idle)

  const first = launch(settings())
  const once = await untilSomewhere(random)
  await kill(first)
  process.stdout.write(`Killed at ${once}\n`)

  // Two processes on one database, killed while they start, work, or write mails.
  const pair = [launch(settings()), launch(settings())]
  const twice = await untilSomewhere(random)
  await Promise.all(pair.map(kill))
  process.stdout.write(`Both killed at ${twice}\n`)

  const last = await start(settings())
  const beside = await start(settings())
  const { id } = asked.operation
  const operation = await eventually(async () => {
    const { operation: now } = await ask<{ operation: { state: string } }>(last, token, LOOK, { id })
    return now.state === 'SUCCEEDED' ? now : null
  }, 120_000)
  expect(operation).toEqual({
    state: 'SUCCEEDED',
    progress: { total: WORKSPACES, done: WORKSPACES, failed: 0 },
    items: { totalCount: WORKSPACES },
  })
  // Whoever asks again with the key is told of the same operation, by every process.
  const again = await ask<Answer>(beside, token, PROVISION, { input })
  expect(again.provisionWorkspaces.operation).toEqual({ id, state: 'SUCCEEDED' })

  const expected = {
    workspaces: WORKSPACES,
    created: WORKSPACES,
    settings: WORKSPACES,
    preferred: WORKSPACES,
    members: WORKSPACES * 2,
    added: WORKSPACES * 2,
    invites: WORKSPACES,
    invited: WORKSPACES,
    resent: 0,
    finished: 1,
    gaps: 0,
  }
  expect(await withClient(url, inventory)).toEqual(expected)
  await eventually(async () => Object.keys(await mailbox()).length === STRANGERS, 30_000)
  await sleep(500)
  const boxes = Object.values(await mailbox())
  expect(boxes.map(({ mails }) => mails)).toEqual(boxes.map(() => 1))
  expect(boxes.reduce((sum, { links }) => sum + links, 0)).toBe(WORKSPACES)

  // The same input as a new run changes nothing, and says so.
  const { provisionWorkspaces: anew } = await ask<Answer>(beside, token, PROVISION, {
    input: { ...input, idempotencyKey: 'twice' },
  })
  const unchanged = await eventually(async () => {
    const { operation: now } = await ask<{ operation: { state: string; plan: object } }>(
      last,
      token,
      'query ($id: ID!) { operation(id: $id) { state plan { create update unchanged refused } } }',
      { id: anew.operation.id },
    )
    return now.state === 'SUCCEEDED' ? now : null
  }, 120_000)
  expect(unchanged.plan).toEqual({ create: 0, update: 0, unchanged: WORKSPACES, refused: 0 })
  expect(await withClient(url, inventory)).toEqual({ ...expected, finished: 2 })
}, 480_000)
