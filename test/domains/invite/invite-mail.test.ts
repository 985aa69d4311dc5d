import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../kit/app.ts'
import { tokenIn } from '../../kit/mail.ts'
import { type Mutated, mutate } from '../../kit/mutate.ts'
import { type MailServer, type ReceivedMail, startMailServer } from '../../kit/smtp.ts'
import { createWorld, type Tenant } from '../../kit/world.ts'

let server: MailServer
let app: TestApp
let tenant: Tenant

beforeAll(async () => {
  server = await startMailServer()
  app = await openTestApp({ SMTP_URL: `smtp://127.0.0.1:${server.port}` })
  tenant = await createWorld(app).tenant()
})

afterAll(async () => {
  await app?.close()
  await server?.stop()
})

async function until<T>(what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const answer = await ask()
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`It never came: ${what}`)
}

const mailsTo = (email: string): ReceivedMail[] => server.received.filter(({ to }) => to.includes(email))

/** How often the jobs that wait were tried. */
const attempts = async () =>
  (
    await app.services.db.$queryRaw<
      { attempts: number }[]
    >`SELECT attempts FROM graphile_worker._private_jobs ORDER BY id`
  ).map((job) => Number(job.attempts))

const settled = () => until('no job left', async () => (await attempts()).length === 0)

const send = (name: string, input: object, fields?: string): Promise<Mutated> =>
  mutate(app, tenant.owner.token, name, { ...input }, fields)

let guests = 0

/** Invites so many people. A request that waited for a mail server that is not there would never be answered. */
async function inviteSome(count: number): Promise<{ emails: string[]; ids: string[] }> {
  const emails = Array.from({ length: count }, () => `guest${++guests}@example.com`)
  const { result } = await send(
    'createInvites',
    { scopeId: tenant.id, invites: emails.map((email) => ({ email, role: 'MEMBER' })) },
    'results { outcome invite { id } }',
  )
  const results = (result?.results ?? []) as { outcome: string; invite: { id: string } }[]
  expect(results.map(({ outcome }) => outcome)).toEqual(Array(count).fill('INVITED'))
  return { emails, ids: results.map(({ invite }) => invite.id) }
}

test('M11 each invite is one mail on a real mail server, and its link works', async () => {
  const { emails } = await inviteSome(30)
  await settled()
  for (const email of emails) expect(mailsTo(email)).toHaveLength(1)
  expect(new Set(server.received.map(({ messageId }) => messageId)).size).toBe(30)
  const [mail] = mailsTo(emails[0] ?? '')
  const token = tokenIn({ text: mail?.text ?? '' } as never)
  const { data } = await app.run<{ invite: { email: string } }>(
    'query ($token: String!) { invite(token: $token) { email } }',
    { token },
  )
  expect(data.invite.email).toBe(emails[0])
})

test('M11 while the mail server is down no request waits, and each mail leaves once when it is back', async () => {
  const { port } = server
  await server.stop()
  const { emails, ids } = await inviteSome(4)
  await until('every mail was tried', async () => (await attempts()).every((count) => count >= 1))
  expect(await attempts()).toHaveLength(4)
  // One is sent again, and one taken back, before the first mail of either could leave.
  const before = await app.services.db.invite.findFirstOrThrow({ where: { email: emails[0] ?? '' } })
  expect((await send('resendInvite', { id: ids[0] })).kind).toBe('ResendInvitePayload')
  expect((await send('revokeInvite', { id: ids[1] })).kind).toBe('RevokeInvitePayload')
  server = await startMailServer(port)
  await settled()
  expect(emails.map((email) => mailsTo(email).length)).toEqual([1, 0, 1, 1])
  const after = await app.services.db.invite.findFirstOrThrow({ where: { email: emails[0] ?? '' } })
  expect(after.tokenHash).not.toBe(before.tokenHash)
  const token = tokenIn({ text: mailsTo(emails[0] ?? '')[0]?.text ?? '' } as never)
  const { data } = await app.run('query ($token: String!) { invite(token: $token) { status } }', { token })
  expect(data).toEqual({ invite: { status: 'PENDING' } })
  expect(app.logs.join('')).not.toContain(token)
})

test('M11 a mail that the server refuses for now is tried again, and comes once', async () => {
  let refusals = 0
  server.refuse = () => (refusals++ === 0 ? Object.assign(new Error('busy'), { responseCode: 451 }) : null)
  const { emails } = await inviteSome(1)
  await settled()
  server.refuse = null
  expect(refusals).toBe(2)
  expect(mailsTo(emails[0] ?? '')).toHaveLength(1)
})

test('M11 a mail server that never answers keeps no request waiting', async () => {
  const { port } = server
  await server.stop()
  const sockets: Socket[] = []
  const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve))
  const { emails } = await inviteSome(6)
  await until('the worker waits for it', () => sockets.length > 0)
  expect((await app.run('{ viewer { user { id } } }', {}, tenant.owner.token)).errors).toBeUndefined()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => silent.close(resolve))
  server = await startMailServer(port)
  await settled()
  for (const email of emails) expect(mailsTo(email)).toHaveLength(1)
})
