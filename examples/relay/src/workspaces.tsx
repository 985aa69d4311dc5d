import { Suspense, startTransition, useState } from 'react'
import { graphql, useLazyLoadQuery, usePaginationFragment } from 'react-relay'
import type { workspaces_viewer$key } from './__generated__/workspaces_viewer.graphql.ts'
import type { workspacesPageQuery } from './__generated__/workspacesPageQuery.graphql.ts'
import { NewWorkspace } from './new-workspace.tsx'
import { Workspace } from './workspace.tsx'

export function Workspaces() {
  const { viewer } = useLazyLoadQuery<workspacesPageQuery>(
    graphql`
      query workspacesPageQuery {
        viewer {
          user { fullName }
          ...workspaces_viewer
        }
      }
    `,
    {},
  )
  if (!viewer) return null
  return (
    <main>
      <h1>Workspaces of {viewer.user.fullName}</h1>
      <List viewer={viewer} />
    </main>
  )
}

function List({ viewer }: { viewer: workspaces_viewer$key }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const { data, loadNext, hasNext, isLoadingNext, refetch } = usePaginationFragment(
    graphql`
      fragment workspaces_viewer on Viewer
      @refetchable(queryName: "workspacesRefetchQuery")
      @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" }) {
        workspaces(first: $first, after: $after, orderBy: "title") @connection(key: "List_workspaces") {
          totalCount
          edges {
            node { id name organization { name } }
          }
        }
      }
    `,
    viewer,
  )
  // Where a new workspace stands depends on the order, so the list is read again instead of patched.
  const readAgain = () =>
    startTransition(() => {
      refetch({}, { fetchPolicy: 'network-only' })
    })
  const { workspaces } = data
  if (!workspaces) return null
  return (
    <>
      <p>
        {workspaces.edges.length} of {workspaces.totalCount}
      </p>
      <ul>
        {workspaces.edges.map(({ node }) => (
          <li key={node.id}>
            <button type="button" onClick={() => setChosen(node.id)}>
              {node.name}
            </button>{' '}
            of {node.organization.name}
          </li>
        ))}
      </ul>
      {hasNext && (
        <button type="button" disabled={isLoadingNext} onClick={() => loadNext(2)}>
          More
        </button>
      )}
      <NewWorkspace onCreated={readAgain} />
      <Suspense fallback={<p>Loading…</p>}>{chosen && <Workspace key={chosen} id={chosen} />}</Suspense>
    </>
  )
}
