import { Navigate, Outlet } from 'react-router-dom'
import { useUser } from '../lib/session.tsx'
import { Page, TabLinks } from '../ui/page.tsx'

const TABS = [
  { to: 'users', label: 'People' },
  { to: 'organizations', label: 'Organizations' },
  { to: 'workspaces', label: 'Workspaces' },
]

/** The whole instance, for platform administrators. */
export function AdminLayout() {
  if (useUser().platformRole !== 'ADMIN') return <Navigate to="/" replace />
  return (
    <Page title="Platform" about="The whole instance. Every look at a tenant is in the audit log.">
      <TabLinks label="Parts of the platform" tabs={TABS} />
      <Outlet />
    </Page>
  )
}
