import { setTimeout as sleep } from 'node:timers/promises'
import type { TestApp } from '../../kit/app.ts'
import { type Mutated, mutate } from '../../kit/mutate.ts'
import type { Person } from '../../kit/world.ts'

export interface Item {
  key: string
  planned: string
  action: string
  moved: boolean
  changes: { field: string; before: unknown; after: unknown }[]
  workspace: { id: string; key: string } | null
  error: { reason: string; message: string } | null
  doneAt: string | null
}

export interface Operation {
  id: string
  state: string
  validateOnly: boolean
  plan: { create: number; update: number; unchanged: number; refused: number }
  progress: { total: number; done: number; failed: number }
  error: { reason: string; message: string } | null
  finishedAt: string | null
  items: { totalCount: number; nodes: Item[] }
}

export const OPERATION = `id state validateOnly plan { create update unchanged refused } progress { total done failed }
  error { reason message } finishedAt
  items(first: 1000) { totalCount nodes { key planned action moved changes { field before after } workspace { id key }
    error { reason message } doneAt } }`

type Run = Pick<TestApp, 'run'>

/** Sends one run. */
export const provision = (
  app: Run,
  { token }: Pick<Person, 'token'>,
  input: Record<string, unknown>,
  ofError = '',
): Promise<Mutated> => mutate(app, token, 'provisionWorkspaces', input, `operation { ${OPERATION} }`, ofError)

/** The operation as it is now. */
export async function look(app: Run, { token }: Pick<Person, 'token'>, id: string): Promise<Operation> {
  const { data, errors } = await app.run<{ operation: Operation | null }>(
    `query ($id: ID!) { operation(id: $id) { ${OPERATION} } }`,
    { id },
    token,
  )
  if (!data.operation) throw new Error(JSON.stringify(errors))
  return data.operation
}

/** Sends a run and waits until it has ended. */
export async function provisioned(
  app: Run,
  person: Pick<Person, 'token'>,
  input: Record<string, unknown>,
): Promise<Operation> {
  const { kind, result, errors } = await provision(app, person, input)
  if (kind !== 'ProvisionWorkspacesPayload') throw new Error(JSON.stringify(errors ?? result))
  return ended(app, person, (result as unknown as { operation: Operation }).operation.id)
}

/** Waits until an operation has ended. */
export async function ended(app: Run, person: Pick<Person, 'token'>, id: string): Promise<Operation> {
  for (;;) {
    const operation = await look(app, person, id)
    if (operation.finishedAt) return operation
    await sleep(100)
  }
}

/** What was done, by key. */
export const actions = ({ items }: Operation): Record<string, string> =>
  Object.fromEntries(
    items.nodes.map(({ key, action, error }) => [key, error ? `${action} ${error.reason}` : action]),
  )

/** What has changed of an item, by field. */
export const changesOf = ({ items }: Operation, key: string): Record<string, unknown> =>
  Object.fromEntries(
    (items.nodes.find((item) => item.key === key)?.changes ?? []).map(({ field, after }) => [field, after]),
  )
