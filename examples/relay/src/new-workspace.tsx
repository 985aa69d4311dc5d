import { type FormEvent, useState } from 'react'
import { graphql, useMutation } from 'react-relay'
import type { newWorkspaceMutation } from './__generated__/newWorkspaceMutation.graphql.ts'

export function NewWorkspace({ onCreated }: { onCreated(): void }) {
  const [message, setMessage] = useState('')
  const [create, isBusy] = useMutation<newWorkspaceMutation>(graphql`
    mutation newWorkspaceMutation($input: CreateWorkspaceInput!) {
      createWorkspace(input: $input) {
        __typename
        ... on CreateWorkspacePayload {
          workspace { key }
        }
        ... on KeyTaken { key }
        ... on Error { message }
      }
    }
  `)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    create({
      variables: { input: { name: String(fields.get('name')), key: String(fields.get('key')) } },
      onCompleted: ({ createWorkspace: result }) => {
        if (result?.__typename === 'CreateWorkspacePayload') onCreated()
        setMessage(
          result?.__typename === 'KeyTaken' ? `The key ${result.key} is taken.` : (result?.message ?? ''),
        )
      },
      onError: (error) => setMessage(error.message),
    })
  }
  return (
    <form onSubmit={submit}>
      <input name="name" aria-label="Name" placeholder="Name" />
      <input name="key" aria-label="Key" placeholder="key" />
      <button type="submit" disabled={isBusy}>
        Create
      </button>
      <p role="alert">{message}</p>
    </form>
  )
}
