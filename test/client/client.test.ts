import {
  type AtriumClientOptions,
  CreateWorkspaceDocument,
  createAtriumClient,
  DeleteWorkspaceDocument,
  issuesOf,
  type Problem,
  problemOf,
  settled,
  UpdateWorkspaceDocument,
  ViewerDocument,
  WorkspaceDocument,
  WorkspacesDocument,
} from '@atrium/client'
import { AtriumError, createFetchClient, problemsOf } from '@atrium/client/fetch'
import { afterEach, expect, test } from 'vitest'
import { useTestApp } from '../kit/app.ts'
import { createWorld } from '../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

/** The service behind a `fetch` without a socket, and what was asked of it. */
function served() {
  const requests: { headers: Headers; body: string }[] = []
  const send: typeof fetch = (input, init) => {
    requests.push({ headers: new Headers(init?.headers), body: String(init?.body) })
    return app.current.app.fetch(String(input), init)
  }
  return { requests, url: `${app.current.services.env.PUBLIC_URL}/graphql`, fetch: send }
}

const warnings: string[] = []
const clientOf = (options: AtriumClientOptions) =>
  createAtriumClient({ ...served(), onWarning: (message) => warnings.push(message), ...options })

afterEach(() => expect(warnings.splice(0)).toEqual([]))

/** What a page that stays open shows: the last answer of a query that is kept running. */
function shown<Data, Variables extends Record<string, unknown>>(
  client: ReturnType<typeof createAtriumClient>,
  document: Parameters<typeof client.query<Data, Variables>>[0],
  variables: Variables,
) {
  const state: { data?: Data | undefined } = {}
  const { unsubscribe } = client.query(document, variables).subscribe(({ data }) => {
    state.data = data
  })
  return { state, unsubscribe }
}

test('pages of a list become one, and the whole count stays', async () => {
  const { owner, workspace } = await world().tenant()
  for (const name of ['a', 'b', 'c', 'd']) await workspace({ name, key: `w-${name}` })
  const client = clientOf({ token: owner.token })
  const variables = { first: 2, orderBy: 'title' }
  const page = shown(client, WorkspacesDocument, variables)
  const names = () => page.state.data?.viewer?.workspaces?.nodes.map(({ name }) => name)
  await expect.poll(names).toEqual(['General', 'a'])
  for (const expected of [
    ['General', 'a', 'b', 'c'],
    ['General', 'a', 'b', 'c', 'd'],
  ]) {
    const after = page.state.data?.viewer?.workspaces?.pageInfo.endCursor
    await client.query(WorkspacesDocument, { ...variables, after }).toPromise()
    await expect.poll(names).toEqual(expected)
  }
  expect(page.state.data?.viewer?.workspaces).toMatchObject({
    totalCount: 5,
    pageInfo: { hasNextPage: false },
  })
  page.unsubscribe()
})

test('a mutation changes what is shown: new rows, new values, rows that are gone', async () => {
  const { owner } = await world().tenant()
  const client = clientOf({ token: owner.token })
  const page = shown(client, WorkspacesDocument, { first: 10, orderBy: 'title' })
  const names = () => page.state.data?.viewer?.workspaces?.nodes.map(({ name }) => name)
  await expect.poll(names).toEqual(['General'])
  const created = settled(await client.mutation(CreateWorkspaceDocument, { input: { name: 'Alpha' } }))
  await expect.poll(names).toEqual(['Alpha', 'General'])
  const id = created.payload?.workspace.id ?? ''
  await client.mutation(UpdateWorkspaceDocument, { input: { id, name: 'Beta' } })
  await expect.poll(names).toEqual(['Beta', 'General'])
  await client.mutation(DeleteWorkspaceDocument, { input: { id } })
  await expect.poll(names).toEqual(['General'])
  page.unsubscribe()
})

test('refusals are data with their own fields, problems are codes', async () => {
  const { owner, first, grantee } = await world().tenant()
  const viewer = await grantee(first.workspaceId, 'READ')
  const problems: Problem[] = []
  const client = clientOf({ token: owner.token })
  const reader = clientOf({ token: viewer.token, onProblem: (problem) => problems.push(problem) })

  const invalid = settled(await client.mutation(CreateWorkspaceDocument, { input: { name: '' } }))
  expect(invalid).toMatchObject({
    payload: null,
    problem: null,
    refusal: { __typename: 'ValidationError' },
  })
  expect(Object.keys(issuesOf(invalid.refusal))).toEqual(['name'])
  const taken = settled(
    await client.mutation(CreateWorkspaceDocument, { input: { name: 'G', key: 'general' } }),
  )
  expect(taken.refusal).toMatchObject({ __typename: 'KeyTaken', key: 'general' })

  const forbidden = settled(
    await reader.mutation(UpdateWorkspaceDocument, { input: { id: first.id, name: 'Mine' } }),
  )
  expect(forbidden.problem).toMatchObject({ code: 'FORBIDDEN', permission: 'workspace:update' })
  expect(problems).toMatchObject([{ code: 'FORBIDDEN' }])
  const { error } = await reader.query(WorkspaceDocument, { id: 'nothing' }).toPromise()
  expect(problemOf(error)?.code).toBe('BAD_USER_INPUT')
})

test('who asks: a token that can change, else the cookie with the guard header', async () => {
  const { owner } = await world().tenant()
  const wire = served()
  let token: string | null = null
  const client = createAtriumClient({ ...wire, token: () => token })
  const email = async () =>
    (await client.query(ViewerDocument, {}, { requestPolicy: 'network-only' }).toPromise()).data?.viewer?.user
      .email
  expect(await email()).toBeUndefined()
  token = owner.token
  expect(await email()).toBe(owner.email)
  expect(wire.requests.at(-1)?.headers.get('authorization')).toBe(`Bearer ${token}`)

  const browser = served()
  await createAtriumClient(browser).query(ViewerDocument, {}).toPromise()
  expect(browser.requests[0]?.headers.get('authorization')).toBeNull()
  expect(browser.requests[0]?.headers.get('x-requested-with')).toBe('@atrium/client')
})

test('a service that is away is a problem like others', async () => {
  const away = {
    url: 'http://127.0.0.1:4000/graphql',
    fetch: () => Promise.reject(new TypeError('fetch failed')),
  }
  const { error } = await createAtriumClient(away).query(ViewerDocument, {}).toPromise()
  expect(problemOf(error)).toEqual({ code: 'NETWORK', message: 'fetch failed' })
})

test('the entry without React asks the same', async () => {
  const { owner } = await world().tenant()
  const client = createFetchClient({ ...served(), token: owner.token })
  const { viewer } = await client.request(WorkspacesDocument, { first: 5 })
  expect(viewer?.workspaces?.nodes.map(({ name }) => name)).toEqual(['General'])
  const { createWorkspace } = await client.request(CreateWorkspaceDocument, { input: { name: '' } })
  expect(createWorkspace?.__typename).toBe('ValidationError')
  await expect(createFetchClient(served()).request(ViewerDocument)).rejects.toThrow('Sign in first')
  const wrong = await client.request(WorkspaceDocument, { id: 'nothing' }).catch((error: unknown) => error)
  expect(wrong).toBeInstanceOf(AtriumError)
  expect(problemsOf(wrong as AtriumError)[0]?.code).toBe('BAD_USER_INPUT')
})
