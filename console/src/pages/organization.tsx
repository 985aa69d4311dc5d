import { type OrganizationBySlugQuery, useOrganizationBySlugQuery } from '@atrium/client'
import { Link, Outlet, useOutletContext, useParams } from 'react-router-dom'
import { may } from '../lib/permissions.ts'
import { problemIn } from '../lib/problems.ts'
import { Page, TabLinks } from '../ui/page.tsx'
import { Badge, Failure, Loading } from '../ui/states.tsx'

export type OrganizationShown = NonNullable<OrganizationBySlugQuery['organizationBySlug']>

/** The heading and the tabs of an organization, around whichever of its parts is open. */
export function OrganizationLayout() {
  const { slug = '' } = useParams()
  const [{ data, fetching, error }, reload] = useOrganizationBySlugQuery({ variables: { slug } })
  const organization = data?.organizationBySlug
  const problem = problemIn(error)
  if (!organization) {
    return (
      <Page title="Organization" above={<Link to="/">Home</Link>}>
        {fetching || !problem ? (
          <Loading />
        ) : (
          <Failure problem={problem} retry={() => reload({ requestPolicy: 'network-only' })} />
        )}
      </Page>
    )
  }
  const { viewerRole } = organization
  const tabs = [
    { to: 'workspaces', label: 'Workspaces' },
    { to: 'members', label: 'Members' },
    { to: 'invites', label: 'Invites', hidden: !may(organization, 'ORGANIZATION_INVITES') },
    { to: 'roles', label: 'Roles' },
    { to: 'settings', label: 'Settings' },
    { to: 'activity', label: 'Activity', hidden: !may(organization, 'ORGANIZATION_SETTINGS') },
    {
      to: 'provision',
      label: 'Provision',
      hidden: !may(organization, 'WORKSPACE_CREATE'),
      holds: 'operations',
    },
    { to: 'general', label: 'General' },
  ]
  return (
    <Page
      title={organization.name}
      above={<Link to="/">Home</Link>}
      about={
        <>
          {organization.slug} <Badge>{viewerRole?.name ?? 'Guest'}</Badge>
        </>
      }
    >
      <TabLinks label={`Parts of ${organization.name}`} tabs={tabs} />
      <Outlet context={organization} />
    </Page>
  )
}

export const useOrganization = (): OrganizationShown => useOutletContext<OrganizationShown>()
