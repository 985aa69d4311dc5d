import type { Answer, TestApp } from './app.ts'
import type { Person, Tenant } from './world.ts'

/** A row as an answer shows it. */
export interface Row {
  id: string
  [field: string]: unknown
}

/** What any mutation answers, for tests that go through many of them. */
export type Result = { __typename: string; issues?: { path: string; message: string }[] } & Record<
  string,
  unknown
>

/** The row of this name in a payload. */
export function rowIn(result: Result | null, name: string): Row {
  const row = result?.[name]
  if (!row) throw new Error(`No ${name} in ${JSON.stringify(result)}`)
  return row as Row
}

/** Calls a mutation by its name, and tells its result or the error's code. */
export async function mutate(app: TestApp, name: string, input: object, { token }: Person, selection = '') {
  const Name = `${name[0]?.toUpperCase()}${name.slice(1)}`
  const document = `mutation ($input: ${Name}Input!) { ${name}(input: $input) {
    __typename ... on ValidationError { issues { path message } } ... on ${Name}Payload { ${selection || '__typename'} } } }`
  const answer: Answer<Record<string, Result | null> | null> = await app.run<Record<
    string,
    Result | null
  > | null>(document, { input }, token)
  return { result: answer.data?.[name] ?? null, error: answer.errors?.[0]?.extensions }
}

/** The first page of a list of a workspace. */
export async function listOf(
  app: TestApp,
  field: string,
  workspaceId: string,
  { token }: Person,
  selection: string,
) {
  const document = `query ($id: ID!) { workspace(id: $id) { list: ${field} { totalCount nodes { ${selection} } } } }`
  type Listed = { workspace: { list: { totalCount: number; nodes: Row[] } | null } | null } | null
  const answer: Answer<Listed> = await app.run<Listed>(document, { id: workspaceId }, token)
  return { list: answer.data?.workspace?.list ?? null, error: answer.errors?.[0]?.extensions }
}

/** The events about one noun in a tenant's log. */
export const eventsAbout = (app: TestApp, { organizationId }: Tenant, noun: string) =>
  app.services.db.event.findMany({
    where: { organizationId, type: { startsWith: `${noun}.` } },
    orderBy: { sequence: 'asc' },
    select: { type: true, workspaceId: true, subjectId: true, changes: true },
  })
