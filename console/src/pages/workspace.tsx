import { useWorkspaceByKeyQuery, type WorkspaceByKeyQuery } from '@atrium/client'
import { Link, Outlet, useOutletContext, useParams } from 'react-router-dom'
import { may } from '../lib/permissions.ts'
import { problemIn } from '../lib/problems.ts'
import { LEVELS, plural } from '../lib/words.ts'
import { Page, TabLinks } from '../ui/page.tsx'
import { Badge, Failure, Loading } from '../ui/states.tsx'

export type WorkspaceShown = NonNullable<WorkspaceByKeyQuery['workspaceByKey']>

/** The heading and the tabs of a workspace, around whichever of its parts is open. */
export function WorkspaceLayout() {
  const { slug = '', key = '' } = useParams()
  const [{ data, fetching, error }, reload] = useWorkspaceByKeyQuery({
    variables: { organizationSlug: slug, key },
  })
  const workspace = data?.workspaceByKey
  const problem = problemIn(error)
  if (!workspace) {
    return (
      <Page title="Workspace" above={<Link to={`/organizations/${slug}`}>{slug}</Link>}>
        {fetching || !problem ? (
          <Loading />
        ) : (
          <Failure problem={problem} retry={() => reload({ requestPolicy: 'network-only' })} />
        )}
      </Page>
    )
  }
  const { name, organization, viewerAccess, viewerRole, memberCount } = workspace
  const tabs = [
    { to: 'overview', label: 'Overview' },
    { to: 'members', label: 'Members' },
    { to: 'invites', label: 'Invites', hidden: !may(workspace, 'INVITE_READ') },
    { to: 'contents', label: 'Contents', holds: 'subscriptions' },
    { to: 'settings', label: 'Settings' },
    { to: 'preferences', label: 'Preferences' },
  ]
  return (
    <Page
      title={name}
      above={
        <>
          <Link to="/">Home</Link> /{' '}
          <Link to={`/organizations/${organization.slug}`}>{organization.name}</Link>
        </>
      }
      about={
        <>
          {workspace.key} · {plural(memberCount, 'member')}{' '}
          {viewerAccess && <Badge tone="accent">{viewerRole?.name ?? LEVELS[viewerAccess]}</Badge>}
        </>
      }
    >
      <TabLinks label={`Parts of ${name}`} tabs={tabs} />
      <Outlet context={workspace} />
    </Page>
  )
}

export const useWorkspace = (): WorkspaceShown => useOutletContext<WorkspaceShown>()
