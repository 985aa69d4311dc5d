import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { graphql } from './__generated__/index.ts'
import { codeOf } from './client.ts'
import { NewWorkspace } from './new-workspace.tsx'
import { SignIn } from './sign-in.tsx'
import { Workspace } from './workspace.tsx'

const WORKSPACES = graphql(`
  query Workspaces($first: Int!, $after: String) {
    viewer {
      user { id fullName }
      workspaces(first: $first, after: $after, orderBy: "title") {
        totalCount
        edges {
          node { id name organization { id name } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

export function Workspaces({ onSignedIn }: { onSignedIn(): void }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const { data, error, loading, fetchMore, refetch } = useQuery(WORKSPACES, { variables: { first: 2 } })
  if (codeOf(error) === 'UNAUTHENTICATED') return <SignIn onSignedIn={onSignedIn} />
  const list = data?.viewer?.workspaces
  if (loading && !list) return <p>Loading…</p>
  if (!list) return <p role="alert">{error?.message}</p>
  const { endCursor, hasNextPage } = list.pageInfo
  return (
    <main>
      <h1>Workspaces of {data.viewer?.user.fullName}</h1>
      <p>
        {list.edges.length} of {list.totalCount}
      </p>
      <ul>
        {list.edges.map(({ node }) => (
          <li key={node.id}>
            <button type="button" onClick={() => setChosen(node.id)}>
              {node.name}
            </button>{' '}
            of {node.organization.name}
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <button type="button" onClick={() => void fetchMore({ variables: { after: endCursor } })}>
          More
        </button>
      )}
      <NewWorkspace onCreated={() => void refetch()} />
      {chosen && <Workspace key={chosen} id={chosen} />}
    </main>
  )
}
