import { lazy, type ReactNode, Suspense } from 'react'
import { RouterProvider } from 'react-aria-components'
import { Navigate, Outlet, Route, Routes, useHref, useNavigate } from 'react-router-dom'
import { SessionProvider, SignedIn } from './lib/session.tsx'
import { AcceptInvitePage } from './pages/accept-invite.tsx'
import { AccountPage } from './pages/account.tsx'
import { ActivityPage } from './pages/activity.tsx'
import { AdminLayout } from './pages/admin.tsx'
import { AdminOrganizationPage, AdminWorkspacePage } from './pages/admin-tenant.tsx'
import { AdminOrganizationsPage, AdminWorkspacesPage } from './pages/admin-tenants.tsx'
import { AdminUsersPage } from './pages/admin-users.tsx'
import { ContentsPage } from './pages/contents.tsx'
import { HomePage } from './pages/home.tsx'
import { OperationPage } from './pages/operation.tsx'
import { OrganizationLayout } from './pages/organization.tsx'
import { OrganizationGeneralPage } from './pages/organization-general.tsx'
import { ForgotPage, ResetPage } from './pages/password.tsx'
import { PreferencesPage } from './pages/preferences.tsx'
import { RolesPage } from './pages/roles.tsx'
import {
  OrganizationInvitesPage,
  OrganizationMembersPage,
  OrganizationSettingsPage,
  WorkspaceInvitesPage,
  WorkspaceMembersPage,
  WorkspaceSettingsPage,
} from './pages/scope-pages.tsx'
import { SignInPage } from './pages/sign-in.tsx'
import { SignUpPage } from './pages/sign-up.tsx'
import { SubscriptionPage } from './pages/subscription.tsx'
import { VerifyPage } from './pages/verify.tsx'
import { WorkspaceLayout } from './pages/workspace.tsx'
import { WorkspaceOverviewPage } from './pages/workspace-overview.tsx'
import { WorkspacesPage } from './pages/workspaces.tsx'
import { Shell } from './shell.tsx'
import { Notices } from './ui/notices.tsx'
import { Page } from './ui/page.tsx'
import { Empty, Loading } from './ui/states.tsx'

/** Brings the readers of YAML and CSV, which nobody else needs. */
const ProvisionPage = lazy(async () => ({ default: (await import('./pages/provision.tsx')).ProvisionPage }))

export function App() {
  const navigate = useNavigate()
  return (
    <RouterProvider navigate={(path) => void navigate(path)} useHref={useHref}>
      <SessionProvider>
        <Notices>
          <Suspense fallback={<Loading />}>
            <Routes>
              <Route path="sign-in" element={<SignInPage />} />
              <Route path="sign-up" element={<SignUpPage />} />
              <Route path="forgot-password" element={<ForgotPage />} />
              <Route path="reset-password" element={<ResetPage />} />
              <Route path="verify-email" element={<VerifyPage />} />
              <Route path="accept-invite" element={<AcceptInvitePage />} />
              <Route element={<Inside />}>
                <Route index element={<HomePage />} />
                <Route path="organizations/:slug" element={<OrganizationLayout />}>
                  <Route index element={<Navigate to="workspaces" replace />} />
                  <Route path="workspaces" element={<WorkspacesPage />} />
                  <Route path="members" element={<OrganizationMembersPage />} />
                  <Route path="invites" element={<OrganizationInvitesPage />} />
                  <Route path="roles" element={<RolesPage />} />
                  <Route path="settings" element={<OrganizationSettingsPage />} />
                  <Route path="activity" element={<ActivityPage />} />
                  <Route
                    path="provision"
                    element={
                      <Suspense fallback={<Loading />}>
                        <ProvisionPage />
                      </Suspense>
                    }
                  />
                  <Route path="operations/:id" element={<OperationPage />} />
                  <Route path="general" element={<OrganizationGeneralPage />} />
                </Route>
                <Route path="organizations/:slug/workspaces/:key" element={<WorkspaceLayout />}>
                  <Route index element={<Navigate to="overview" replace />} />
                  <Route path="overview" element={<WorkspaceOverviewPage />} />
                  <Route path="members" element={<WorkspaceMembersPage />} />
                  <Route path="invites" element={<WorkspaceInvitesPage />} />
                  <Route path="contents" element={<ContentsPage />} />
                  <Route path="subscriptions/:id" element={<SubscriptionPage />} />
                  <Route path="settings" element={<WorkspaceSettingsPage />} />
                  <Route path="preferences" element={<PreferencesPage />} />
                </Route>
                <Route path="account" element={<AccountPage />} />
                <Route path="admin" element={<AdminLayout />}>
                  <Route index element={<Navigate to="users" replace />} />
                  <Route path="users" element={<AdminUsersPage />} />
                  <Route path="organizations" element={<AdminOrganizationsPage />} />
                  <Route path="organizations/:named" element={<AdminOrganizationPage />} />
                  <Route path="workspaces" element={<AdminWorkspacesPage />} />
                  <Route path="workspaces/:id" element={<AdminWorkspacePage />} />
                </Route>
                <Route path="*" element={<NothingHere />} />
              </Route>
            </Routes>
          </Suspense>
        </Notices>
      </SessionProvider>
    </RouterProvider>
  )
}

function Inside(): ReactNode {
  return (
    <SignedIn>
      <Shell>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </Shell>
    </SignedIn>
  )
}

function NothingHere() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page">
        <p>The address may be wrong, or what was here is gone.</p>
      </Empty>
    </Page>
  )
}
