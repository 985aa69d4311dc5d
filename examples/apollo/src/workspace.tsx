import { useQuery, useSubscription } from '@apollo/client/react'
import { useState } from 'react'
import { graphql } from './__generated__/index.ts'

const WORKSPACE = graphql(`
  query Workspace($id: ID!, $after: String, $filter: String) {
    workspace(id: $id) {
      id
      name
      viewerAccess
      members(first: 1, after: $after, filter: $filter, orderBy: "display_name") {
        edges {
          node { id source user { id fullName } role { id name } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

const EVENTS = graphql(`
  subscription Events($workspaceId: ID!) {
    workspaceEvents(workspaceId: $workspaceId) {
      id
      type
      subject { type id }
      workspace { id name }
    }
  }
`)

export function Workspace({ id }: { id: string }) {
  const [text, setText] = useState('')
  const filter = text ? `search:${JSON.stringify(text)}` : null
  const { data, previousData, error, fetchMore } = useQuery(WORKSPACE, { variables: { id, filter } })
  const workspace = (data ?? previousData)?.workspace
  if (!workspace) return <p role="alert">{error?.message ?? 'Loading…'}</p>
  const { edges, pageInfo } = workspace.members
  return (
    <section>
      <h2>{workspace.name}</h2>
      <p>Your access: {workspace.viewerAccess}</p>
      <input
        type="search"
        aria-label="Search members"
        placeholder="Search members"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ul>
        {edges.map(({ node }) => (
          <li key={node.id}>
            {node.user.fullName}, {node.role.name} ({node.source})
          </li>
        ))}
      </ul>
      {pageInfo.hasNextPage && (
        <button type="button" onClick={() => void fetchMore({ variables: { after: pageInfo.endCursor } })}>
          More members
        </button>
      )}
      <Events workspaceId={id} />
    </section>
  )
}

/** What happens while the page is open. An object in an event changes wherever the page shows it. */
function Events({ workspaceId }: { workspaceId: string }) {
  const [seen, setSeen] = useState<{ id: string; type: string; subject: { type: string } }[]>([])
  useSubscription(EVENTS, {
    variables: { workspaceId },
    onData: ({ data: { data } }) => {
      const event = data?.workspaceEvents
      if (event) setSeen((before) => [...before, event])
    },
  })
  return (
    <ol aria-label="Events">
      {seen.map(({ id, type, subject }) => (
        <li key={id}>
          {type} ({subject.type})
        </li>
      ))}
    </ol>
  )
}
