import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenIn, waitForMail } from '../kit/mail.ts'
import { endLaunched, type Running, start } from '../kit/process.ts'

/** What an id that belongs to nothing looks like: never to be told apart from somebody else's. */
const ABSENT = Buffer.from('Workspace:00000000-0000-4000-8000-000000000000').toString('base64url')
const PASSWORD = 'correct horse'

let folder = ''
let service: Running

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrium-job-'))
  service = await start({ DATA_DIR: folder })
})

afterAll(async () => {
  service?.signal('SIGTERM')
  await service?.exited
  await endLaunched()
  await rm(folder, { recursive: true, force: true })
})

interface Answer {
  status: number
  data: Record<string, Record<string, never> | null>
  errors?: { message: string; extensions: { code: string; permission?: string } }[]
}

async function ask(
  token: string | null,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const response = await fetch(`${service.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  })
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) }
}

/** Calls a mutation and gives its result back: the payload, or the refusal. */
async function call(
  token: string | null,
  mutation: string,
  input: Record<string, unknown>,
  fields = '',
): Promise<{
  result: Record<string, never> & { __typename?: string }
  code: string | undefined
  errors: Answer['errors']
}> {
  const Name = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}`
  const document = `mutation ($input: ${Name}Input!) { result: ${mutation}(input: $input) {
    __typename ... on Error { message } ${fields && `... on ${Name}Payload { ${fields} }`} } }`
  const { data, errors } = await ask(token, document, { input })
  return { result: (data?.result ?? {}) as never, code: errors?.[0]?.extensions.code, errors }
}

async function signUp(email: string, fullName: string) {
  const { result } = await call(
    null,
    'signUp',
    { email, password: PASSWORD, fullName, organizationName: `${fullName} & Co` },
    'token user { id } organization { id slug }',
  )
  const made = result as unknown as {
    token: string
    user: { id: string }
    organization: { id: string; slug: string }
  }
  const mail = await waitForMail({ mailDir: join(folder, 'mail') }, email)
  return { ...made, email, verification: tokenIn(mail) }
}

const WORKSPACE = `query ($id: ID!) { workspace(id: $id) { name key viewerAccess viewerPermissions } }`

test('the main job: two people, one workspace, one invite, and nobody does what they may not', async () => {
  // Two people sign up. Before they verify their address they may look at themselves and no more (T2).
  const ada = await signUp('ada@example.com', 'Ada')
  const grace = await signUp('grace@example.com', 'Grace')
  const wanted = { organizationId: ada.organization.id, name: 'Rhine survey', key: 'rhine' }
  expect((await call(ada.token, 'createWorkspace', wanted)).code).toBe('ACCOUNT_NOT_VERIFIED')
  for (const { verification } of [ada, grace])
    expect((await call(null, 'verifyEmail', { token: verification })).result.__typename).toBe(
      'VerifyEmailPayload',
    )

  // One makes a workspace with a key, and invites the other to read.
  const { result: created } = await call(ada.token, 'createWorkspace', wanted, 'workspace { id key }')
  expect(created).toMatchObject({ __typename: 'CreateWorkspacePayload', workspace: { key: 'rhine' } })
  const { id } = (created as unknown as { workspace: { id: string } }).workspace
  expect((await call(ada.token, 'createWorkspace', wanted)).result.__typename).toBe('KeyTaken')
  const invites = { scopeId: id, invites: [{ email: 'Grace@Example.com', role: 'READ' }] }
  const { result: invited } = await call(ada.token, 'createInvites', invites, 'results { email outcome }')
  expect(invited).toMatchObject({ results: [{ email: grace.email, outcome: 'INVITED' }] })

  // Until she accepts, there is no such workspace for her: the same words as for an id of nothing.
  const hidden = await ask(grace.token, WORKSPACE, { id })
  expect(hidden).toEqual(await ask(grace.token, WORKSPACE, { id: ABSENT }))
  const mail = await waitForMail({ mailDir: join(folder, 'mail') }, grace.email, 2)
  expect(mail.text).toContain(`${service.url}/accept-invite?token=`)
  const token = tokenIn(mail)
  const preview = await ask(
    null,
    'query ($token: String!) { invite(token: $token) { organizationName workspaceName } }',
    { token },
  )
  expect(preview.data.invite).toEqual({ organizationName: 'Ada & Co', workspaceName: 'Rhine survey' })
  expect((await call(grace.token, 'acceptInvite', { token })).result.__typename).toBe('AcceptInvitePayload')

  // READ
  const seen = async () => (await ask(grace.token, WORKSPACE, { id })).data.workspace
  const update = (name: string) => call(grace.token, 'updateWorkspace', { id, name }, 'workspace { name }')
  const grant = (token: string, role: string) =>
    call(token, 'setMemberRole', { scopeId: id, userId: grace.user.id, role })
  const invite = () =>
    call(
      grace.token,
      'createInvites',
      { scopeId: id, invites: [{ email: 'linus@example.com', role: 'READ' }] },
      'results { outcome }',
    )
  expect(await seen()).toMatchObject({ key: 'rhine', viewerAccess: 'READ' })
  const readOnly = await update('Taken over')
  expect(readOnly).toMatchObject({
    code: 'FORBIDDEN',
    errors: [{ extensions: { permission: 'workspace:update' } }],
  })
  expect((await grant(grace.token, 'ADMIN')).code).toBe('FORBIDDEN')
  expect((await invite()).code).toBe('FORBIDDEN')

  // WRITE: works inside, still does not administer.
  expect((await grant(ada.token, 'WRITE')).result.__typename).toBe('SetMemberRolePayload')
  expect(await seen()).toMatchObject({
    viewerAccess: 'WRITE',
    viewerPermissions: expect.arrayContaining(['RESOURCE_WRITE']),
  })
  expect((await update('Taken over')).code).toBe('FORBIDDEN')
  expect((await invite()).code).toBe('FORBIDDEN')

  // ADMIN: changes the workspace and invites, but gives nobody more than she has, and touches no owner.
  expect((await grant(ada.token, 'ADMIN')).result.__typename).toBe('SetMemberRolePayload')
  expect((await update('Rhine survey 2026')).result).toMatchObject({
    workspace: { name: 'Rhine survey 2026' },
  })
  expect((await invite()).result).toMatchObject({ results: [{ outcome: 'INVITED' }] })
  expect((await grant(grace.token, 'OWNER')).result.__typename).toBe('RoleTooHigh')
  const dethrone = { scopeId: id, userId: ada.user.id, role: 'READ' }
  expect((await call(grace.token, 'setMemberRole', dethrone)).result.__typename).toBe('RoleTooHigh')
  const elsewhere = { organizationId: ada.organization.id, name: 'More' }
  expect((await call(grace.token, 'createWorkspace', elsewhere)).code).toBe('FORBIDDEN')

  // A stranger can't tell it from nothing, whichever way they ask.
  const mallory = await signUp('mallory@example.com', 'Mallory')
  await call(null, 'verifyEmail', { token: mallory.verification })
  const ways = [
    WORKSPACE,
    'query ($id: ID!) { node(id: $id) { id } }',
    'query ($id: ID!) { nodes(ids: [$id]) { id } }',
    'mutation ($id: ID!) { updateWorkspace(input: { id: $id, name: "X" }) { __typename } }',
    'mutation ($id: ID!) { createInvites(input: { scopeId: $id, invites: [{ email: "m@example.com", role: "READ" }] }) { __typename } }',
  ]
  for (const way of ways) {
    const foreign = await ask(mallory.token, way, { id })
    expect(foreign.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    expect(foreign).toEqual(await ask(mallory.token, way, { id: ABSENT }))
  }

  // The power fails. Everything is still there, sessions included.
  service.signal('SIGKILL')
  expect((await service.exited).signal).toBe('SIGKILL')
  service = await start({ DATA_DIR: folder })
  expect(await seen()).toMatchObject({ key: 'rhine', name: 'Rhine survey 2026', viewerAccess: 'ADMIN' })
  const { result: again } = await call(
    null,
    'signIn',
    { email: 'ADA@example.com', password: PASSWORD },
    'token user { id }',
  )
  expect(again).toMatchObject({ user: { id: ada.user.id } })
  const members = await ask(
    String(again.token),
    'query ($id: ID!) { workspace(id: $id) { viewerAccess members { nodes { user { fullName } role { key } } } } }',
    { id },
  )
  expect(members.data.workspace).toMatchObject({
    viewerAccess: 'OWNER',
    members: { nodes: expect.arrayContaining([{ user: { fullName: 'Grace' }, role: { key: 'ADMIN' } }]) },
  })
}, 120_000)
