import {
  OrganizationsDocument,
  useCreateOrganizationMutation,
  ViewerInvitesDocument,
  WorkspacesDocument,
} from '@atrium/client'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { useEndless } from '../lib/endless.ts'
import { useUser } from '../lib/session.tsx'
import { dateOf } from '../lib/words.ts'
import { Button, Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { EndlessList } from '../ui/list.tsx'
import { Page, Section } from '../ui/page.tsx'
import { Avatar, Badge, Empty } from '../ui/states.tsx'
import { WorkspaceRow } from './workspace-row.tsx'

export function HomePage() {
  const user = useUser()
  const [isCreating, setCreating] = useState(false)
  const organizations = useEndless(
    OrganizationsDocument,
    { first: 20, orderBy: 'title' },
    ({ viewer }) => viewer?.organizations,
  )
  const workspaces = useEndless(
    WorkspacesDocument,
    { first: 10, orderBy: 'update_time desc' },
    ({ viewer }) => viewer?.workspaces,
  )
  return (
    <Page
      title={`Hello, ${user.fullName.split(' ')[0]}`}
      about="The organizations and workspaces that you can reach."
      actions={
        <Button kind="primary" onPress={() => setCreating(true)}>
          New organization
        </Button>
      }
    >
      <Invitations />
      <Section title="Organizations">
        <EndlessList
          label="Organizations"
          list={organizations}
          nouns={['organization', 'organizations']}
          keyOf={({ id }) => id}
          empty={
            <Empty title="You belong to no organization yet">
              <p>Create one, or open the link of an invite.</p>
            </Empty>
          }
          row={({ name, slug, viewerRole }) => (
            <Link className="row" to={`/organizations/${slug}`}>
              <Avatar name={name} />
              <span className="row-main">
                <span className="row-title">{name}</span>
                <span className="hint">{slug}</span>
              </span>
              <Badge>{viewerRole?.name ?? 'Guest'}</Badge>
            </Link>
          )}
        />
      </Section>
      <Section title="Recent workspaces" about="Those that changed last come first.">
        <EndlessList
          label="Recent workspaces"
          list={workspaces}
          nouns={['workspace', 'workspaces']}
          keyOf={({ id }) => id}
          empty={<Empty title="No workspace yet" />}
          row={(workspace) => <WorkspaceRow workspace={workspace} showOrganization />}
        />
      </Section>
      <CreateOrganization isOpen={isCreating} onClose={() => setCreating(false)} />
    </Page>
  )
}

/** Invites for the address of the person, which are accepted by the link of their mail. */
function Invitations() {
  const invites = useEndless(
    ViewerInvitesDocument,
    { first: 10, where: { status: { eq: 'PENDING' } } },
    ({ viewer }) => viewer?.invites,
  )
  if (invites.rows.length === 0) return null
  return (
    <Section title="Invites for you" about="Accept one by the link of its mail.">
      <EndlessList
        label="Invites for you"
        list={invites}
        nouns={['invite', 'invites']}
        keyOf={({ id }) => id}
        empty={null}
        row={({ scopeName, role, invitedBy, expiresAt }) => (
          <div className="row">
            <Avatar name={scopeName} />
            <span className="row-main">
              <span className="row-title">{scopeName}</span>
              <span className="hint">
                {invitedBy?.fullName ?? 'Somebody'} invites you, until {dateOf(expiresAt)}
              </span>
            </span>
            <Badge tone="accent">{role.name}</Badge>
            <Link className="button plain small" to="/accept-invite">
              I have the link
            </Link>
          </div>
        )}
      />
    </Section>
  )
}

function CreateOrganization({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  const action = useAction(useCreateOrganizationMutation())
  const navigate = useNavigate()
  const send = async (fields: FormData) => {
    const slug = textOf(fields, 'slug')
    const workspaceName = textOf(fields, 'workspaceName')
    const { payload } = await action.run({
      input: {
        name: textOf(fields, 'name'),
        ...(slug ? { slug } : {}),
        ...(workspaceName ? { workspaceName } : {}),
      },
    })
    if (payload) void navigate(`/organizations/${payload.organization.slug}`)
  }
  return (
    <Ask
      title="New organization"
      isOpen={isOpen}
      onClose={onClose}
      submit="Create"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={(fields) => void send(fields)}
    >
      <Field label="Name" name="name" isRequired autoFocus />
      <Field label="Name in links" name="slug" hint="Left empty, it is made from the name." />
      <Field label="First workspace" name="workspaceName" placeholder="General" />
    </Ask>
  )
}
