import { useMemo, useState, useTransition } from 'react'
import { graphql, useLazyLoadQuery, usePaginationFragment, useSubscription } from 'react-relay'
import type { workspace_members$key } from './__generated__/workspace_members.graphql.ts'
import type { workspaceEventsSubscription } from './__generated__/workspaceEventsSubscription.graphql.ts'
import type { workspacePageQuery } from './__generated__/workspacePageQuery.graphql.ts'

export function Workspace({ id }: { id: string }) {
  const { workspace } = useLazyLoadQuery<workspacePageQuery>(
    graphql`
      query workspacePageQuery($id: ID!) {
        workspace(id: $id) {
          name
          viewerAccess
          ...workspace_members
        }
      }
    `,
    { id },
  )
  if (!workspace) return null
  return (
    <section>
      <h2>{workspace.name}</h2>
      <p>Your access: {workspace.viewerAccess}</p>
      <Members workspace={workspace} />
      <Events workspaceId={id} />
    </section>
  )
}

/** Pages and a search: both read the fragment again through `node(id:)`, in a query that the compiler writes. */
function Members({ workspace }: { workspace: workspace_members$key }) {
  const [isSearching, startSearch] = useTransition()
  const { data, loadNext, hasNext, refetch } = usePaginationFragment(
    graphql`
      fragment workspace_members on Workspace
      @refetchable(queryName: "workspaceMembersRefetchQuery")
      @argumentDefinitions(
        first: { type: "Int", defaultValue: 1 }
        after: { type: "String" }
        filter: { type: "String" }
      ) {
        members(first: $first, after: $after, filter: $filter, orderBy: "display_name")
          @connection(key: "Members_members", filters: ["filter"]) {
          totalCount
          edges {
            node { id source user { fullName } role { name } }
          }
        }
      }
    `,
    workspace,
  )
  const search = (text: string) =>
    startSearch(() => {
      refetch({ filter: text ? `search:${JSON.stringify(text)}` : null })
    })
  return (
    <>
      <input
        type="search"
        aria-label="Search members"
        placeholder="Search members"
        aria-busy={isSearching}
        onChange={(event) => search(event.currentTarget.value)}
      />
      <ul>
        {data.members.edges.map(({ node }) => (
          <li key={node.id}>
            {node.user.fullName}, {node.role.name} ({node.source})
          </li>
        ))}
      </ul>
      {hasNext && (
        <button type="button" onClick={() => loadNext(1)}>
          More members
        </button>
      )}
    </>
  )
}

/** What happens while the page is open. An object in an event changes wherever the page shows it. */
function Events({ workspaceId }: { workspaceId: string }) {
  const [seen, setSeen] = useState<{ id: string; type: string; subject: { type: string } }[]>([])
  const config = useMemo(
    () => ({
      subscription: graphql`
        subscription workspaceEventsSubscription($workspaceId: ID!) {
          workspaceEvents(workspaceId: $workspaceId) {
            id
            type
            subject { type id }
            workspace { id name }
          }
        }
      `,
      variables: { workspaceId },
      onNext: (response?: workspaceEventsSubscription['response'] | null) => {
        const event = response?.workspaceEvents
        if (event) setSeen((before) => [...before, event])
      },
    }),
    [workspaceId],
  )
  useSubscription<workspaceEventsSubscription>(config)
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
