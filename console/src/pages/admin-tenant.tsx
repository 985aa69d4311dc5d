import {
  OrganizationWorkspacesDocument,
  type Problem,
  useAdminOrganizationQuery,
  useAdminOrganizationsQuery,
  useAdminWorkspaceQuery,
} from '@atrium/client'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router-dom'
import { useEndless } from '../lib/endless.ts'
import { problemIn } from '../lib/problems.ts'
import { dateOf, plural, timeOf } from '../lib/words.ts'
import { EndlessList } from '../ui/list.tsx'
import { Section } from '../ui/page.tsx'
import { Badge, Empty, Failure, Loading } from '../ui/states.tsx'

/** Ids of the API have capital letters, names in links have none. */
const isSlug = (text: string): boolean => /^[a-z0-9-]+$/.test(text)

const NOT_FOUND = {
  code: 'NOT_FOUND',
  message: 'No organization has this name in links, not even a deleted one.',
} satisfies Problem

/** One organization of the instance, by its id or its name in links. */
export function AdminOrganizationPage() {
  const { named = '' } = useParams()
  const [{ data, error }] = useAdminOrganizationsQuery({
    variables: { first: 1, deleted: 'INCLUDE', where: { slug: { eq: named } } },
    pause: !isSlug(named),
  })
  const problem = problemIn(error)
  const found = data?.admin?.organizations.nodes[0]
  const isMissing = data !== undefined && !found
  const id = isSlug(named) ? found?.id : named
  return (
    <Found back="organizations" label="All organizations">
      {problem && <Failure problem={problem} />}
      {isMissing && <Failure problem={NOT_FOUND} />}
      {!problem && !isMissing && (id ? <Organization id={id} /> : <Loading />)}
    </Found>
  )
}

function Organization({ id }: { id: string }) {
  const [{ data, error }, reload] = useAdminOrganizationQuery({ variables: { id, deleted: 'INCLUDE' } })
  const organization = data?.admin?.organization
  const problem = problemIn(error)
  if (problem && !organization) {
    return <Failure problem={problem} retry={() => reload({ requestPolicy: 'network-only' })} />
  }
  if (!organization) return <Loading />
  const { name, slug, createdAt, createdBy, updatedAt, version, members, workspaces } = organization
  return (
    <>
      <Section title={name} actions={<OpenLink to={`/organizations/${slug}`} row={organization} />}>
        <dl className="facts card">
          <Identity id={organization.id} row={organization} />
          <dt>Name in links</dt>
          <dd>{slug}</dd>
          <dt>Members</dt>
          <dd>{plural(members.totalCount, 'member')}</dd>
          <dt>Workspaces</dt>
          <dd>{plural(workspaces.totalCount, 'workspace')}</dd>
          <dt>Created</dt>
          <dd>
            {timeOf(createdAt)} by {createdBy?.fullName ?? 'somebody who is gone'}
          </dd>
          <dt>Changed</dt>
          <dd>
            {timeOf(updatedAt)}, version {version}
          </dd>
        </dl>
      </Section>
      <Workspaces id={id} />
    </>
  )
}

function Workspaces({ id }: { id: string }) {
  const list = useEndless(
    OrganizationWorkspacesDocument,
    { id, first: 50, orderBy: 'title' },
    (data) => data.organization?.workspaces,
  )
  return (
    <Section title="Workspaces">
      <EndlessList
        label="Workspaces of the organization"
        list={list}
        nouns={['workspace', 'workspaces']}
        keyOf={(workspace) => workspace.id}
        empty={<Empty title="It has none" />}
        row={({ id: workspaceId, name, key, createdAt }) => (
          <Link className="row" to={`/admin/workspaces/${workspaceId}`}>
            <span className="row-main">
              <span className="row-title">{name}</span>
              <span className="hint">
                {key} · since {dateOf(createdAt)}
              </span>
            </span>
          </Link>
        )}
      />
    </Section>
  )
}

/** One workspace of the instance, by its id. */
export function AdminWorkspacePage() {
  const { id = '' } = useParams()
  const [{ data, error }, reload] = useAdminWorkspaceQuery({ variables: { id, deleted: 'INCLUDE' } })
  const workspace = data?.admin?.workspace
  const problem = problemIn(error)
  return (
    <Found back="workspaces" label="All workspaces">
      {problem && !workspace && (
        <Failure problem={problem} retry={() => reload({ requestPolicy: 'network-only' })} />
      )}
      {!problem && !workspace && <Loading />}
      {workspace && <Workspace workspace={workspace} />}
    </Found>
  )
}

type WorkspaceFound = NonNullable<
  NonNullable<NonNullable<ReturnType<typeof useAdminWorkspaceQuery>[0]['data']>['admin']>['workspace']
>

function Workspace({ workspace }: { workspace: WorkspaceFound }) {
  const { name, key, organization, databaseName, url, mlEnabled, labels, memberCount } = workspace
  const { createdAt, createdBy, updatedAt, version } = workspace
  const to = `/organizations/${organization.slug}/workspaces/${key}`
  return (
    <Section title={name} actions={<OpenLink to={to} row={workspace} />}>
      <dl className="facts card">
        <Identity id={workspace.id} row={workspace} />
        <dt>Organization</dt>
        <dd>
          <Link to={`/admin/organizations/${organization.id}`}>{organization.name}</Link>
        </dd>
        <dt>Key</dt>
        <dd>{key}</dd>
        <dt>Members</dt>
        <dd>{plural(memberCount, 'member')}</dd>
        <dt>Labels</dt>
        <dd>{labels.length ? labels.map((label) => <Badge key={label}>{label}</Badge>) : 'None'}</dd>
        <dt>Machine learning</dt>
        <dd>{mlEnabled ? 'On' : 'Off'}</dd>
        <dt>Database</dt>
        <dd>
          <code>{databaseName}</code>
        </dd>
        <dt>Address</dt>
        <dd>
          <code>{url}</code>
        </dd>
        <dt>Created</dt>
        <dd>
          {timeOf(createdAt)} by {createdBy?.fullName ?? 'somebody who is gone'}
        </dd>
        <dt>Changed</dt>
        <dd>
          {timeOf(updatedAt)}, version {version}
        </dd>
      </dl>
    </Section>
  )
}

interface FoundProps {
  back: string
  label: string
  children: ReactNode
}

function Found({ back, label, children }: FoundProps) {
  return (
    <>
      <p className="above">
        <Link to={`/admin/${back}`}>{label}</Link>
      </p>
      {children}
    </>
  )
}

interface Ended {
  deletedAt?: string | null
  purgeAt?: string | null
}

function Identity({ id, row: { deletedAt, purgeAt } }: { id: string; row: Ended }) {
  return (
    <>
      <dt>Id</dt>
      <dd>
        <code>{id}</code>
      </dd>
      <dt>State</dt>
      <dd>
        {deletedAt ? (
          <Badge tone="bad">Deleted {dateOf(deletedAt)}</Badge>
        ) : (
          <Badge tone="good">In use</Badge>
        )}
        {purgeAt && ` kept until ${dateOf(purgeAt)}`}
      </dd>
    </>
  )
}

/** What is deleted can not be opened. */
function OpenLink({ to, row: { deletedAt } }: { to: string; row: Ended }) {
  if (deletedAt) return null
  return (
    <Link className="button plain" to={to}>
      Open
    </Link>
  )
}
