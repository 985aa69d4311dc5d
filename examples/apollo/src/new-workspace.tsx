import { useMutation } from '@apollo/client/react'
import type { FormEvent } from 'react'
import type { CreateWorkspaceMutation } from './__generated__/graphql.ts'
import { graphql } from './__generated__/index.ts'

const CREATE_WORKSPACE = graphql(`
  mutation CreateWorkspace($input: CreateWorkspaceInput!) {
    createWorkspace(input: $input) {
      __typename
      ... on CreateWorkspacePayload { workspace { id key } }
      ... on KeyTaken { key }
      ... on Error { message }
    }
  }
`)

export function NewWorkspace({ onCreated }: { onCreated(): void }) {
  const [create, { data, error, loading }] = useMutation(CREATE_WORKSPACE, {
    // Where it stands depends on the order of the list, so the list is read again instead of patched.
    onCompleted: ({ createWorkspace: result }) =>
      result?.__typename === 'CreateWorkspacePayload' && onCreated(),
    onError: () => undefined,
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const input = { name: String(fields.get('name')), key: String(fields.get('key')) }
    void create({ variables: { input } })
  }
  return (
    <form onSubmit={submit}>
      <input name="name" aria-label="Name" placeholder="Name" />
      <input name="key" aria-label="Key" placeholder="key" />
      <button type="submit" disabled={loading}>
        Create
      </button>
      <p role="alert">{sentence(data) ?? error?.message}</p>
    </form>
  )
}

/** Why there is no workspace; `__typename` tells which of the refusals it is, and what it knows. */
function sentence(data: CreateWorkspaceMutation | null | undefined): string | undefined {
  const result = data?.createWorkspace
  if (!result || result.__typename === 'CreateWorkspacePayload') return undefined
  return result.__typename === 'KeyTaken' ? `The key ${result.key} is taken.` : result.message
}
