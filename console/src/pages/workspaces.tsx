import {
  type Deleted,
  OrganizationWorkspacesDocument,
  useRestoreWorkspaceMutation,
  type WorkspaceFieldsFragment,
  type WorkspaceWhere,
} from '@atrium/client'
import { useState } from 'react'
import { useAction } from '../lib/action.ts'
import { useDebounced } from '../lib/debounced.ts'
import { useEndless } from '../lib/endless.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { Button, Check, Choice, Field, type Option, Search } from '../ui/controls.tsx'
import { EndlessList } from '../ui/list.tsx'
import { useNotify } from '../ui/notices.tsx'
import { SelectionBar, useSelection } from '../ui/selection.tsx'
import { Empty, Why } from '../ui/states.tsx'
import { CreateWorkspace } from './create-workspace.tsx'
import { useOrganization } from './organization.tsx'
import { WorkspaceRow } from './workspace-row.tsx'
import { SwitchMl } from './workspaces-ml.tsx'

const ORDERS = [
  { id: 'title', label: 'Name' },
  { id: 'update_time desc', label: 'Last changed' },
  { id: 'create_time desc', label: 'Newest' },
  { id: 'create_time', label: 'Oldest' },
  { id: 'key', label: 'Key' },
] as const satisfies Option<string>[]

const SHOWN = [
  { id: 'EXCLUDE', label: 'In use' },
  { id: 'ONLY', label: 'Deleted' },
  { id: 'INCLUDE', label: 'All' },
] as const satisfies Option<Deleted>[]

export function WorkspacesPage() {
  const organization = useOrganization()
  const [search, setSearch] = useState('')
  const [filter, setFilter] = useState('')
  const [orderBy, setOrder] = useState<(typeof ORDERS)[number]['id']>('title')
  const [deleted, setDeleted] = useState<Deleted>('EXCLUDE')
  const [isCreating, setCreating] = useState(false)
  const asked = useDebounced(search.trim())
  const askedFilter = useDebounced(filter.trim())
  const list = useEndless(
    OrganizationWorkspacesDocument,
    {
      id: organization.id,
      first: 30,
      orderBy,
      deleted,
      ...(asked ? { where: matching(asked) } : {}),
      ...(askedFilter ? { filter: askedFilter } : {}),
    },
    (data) => data.organization?.workspaces,
  )
  const isNarrowed = asked !== '' || askedFilter !== '' || deleted !== 'EXCLUDE'
  const mayCreate = may(organization, 'WORKSPACE_CREATE')
  const { viewerAccess } = organization
  const maySwitch = viewerAccess === 'ADMIN' || viewerAccess === 'OWNER'
  const inUse = list.rows.filter(({ deletedAt }) => !deletedAt)
  const selection = useSelection(inUse, ({ id }) => id)
  return (
    <>
      <div className="toolbar">
        <Search label="Search workspaces" value={search} onChange={setSearch} />
        <Choice label="Order" hideLabel options={ORDERS} value={orderBy} onChange={setOrder} />
        <Choice label="Show" hideLabel options={SHOWN} value={deleted} onChange={setDeleted} />
        {mayCreate && (
          <Button kind="primary" onPress={() => setCreating(true)}>
            New workspace
          </Button>
        )}
      </div>
      <details className="more">
        <summary>Filter by more</summary>
        <Field
          label="Filter"
          value={filter}
          onChange={setFilter}
          placeholder={'labels:survey AND create_time > "2026-01-01T00:00:00Z"'}
          hint="The filter language of the API: title, key, description, labels, ml_enabled, create_time, update_time, created_by."
        />
      </details>
      {!mayCreate && <Why>{whyNot(organization, 'WORKSPACE_CREATE')}</Why>}
      {!maySwitch && (
        <Why>Only administrators of the organization switch machine learning for several workspaces.</Why>
      )}
      {maySwitch && inUse.length > 0 && (
        <SelectionBar nouns={['workspace', 'workspaces']} selection={selection}>
          <SwitchMl organization={organization} selection={selection} />
        </SelectionBar>
      )}
      <EndlessList
        label="Workspaces"
        list={list}
        nouns={['workspace', 'workspaces']}
        keyOf={({ id }) => id}
        empty={
          isNarrowed ? (
            <Empty title="Nothing matches">
              <p>Search for less, or show others.</p>
            </Empty>
          ) : (
            <Empty title="No workspace yet" />
          )
        }
        row={(workspace) => (
          <WorkspaceRow
            workspace={workspace}
            check={
              maySwitch &&
              !workspace.deletedAt && (
                <Check
                  aria-label={`Choose ${workspace.name}`}
                  isSelected={selection.has(workspace)}
                  onChange={(isChosen) => selection.set(workspace, isChosen)}
                />
              )
            }
            actions={workspace.deletedAt && <Restore workspace={workspace} />}
          />
        )}
      />
      <CreateWorkspace organization={organization} isOpen={isCreating} onClose={() => setCreating(false)} />
    </>
  )
}

const matching = (text: string): WorkspaceWhere => ({
  or: [{ name: { contains: text } }, { key: { contains: text } }, { description: { contains: text } }],
})

function Restore({ workspace }: { workspace: WorkspaceFieldsFragment }) {
  const action = useAction(useRestoreWorkspaceMutation())
  const notify = useNotify()
  if (!may(workspace, 'WORKSPACE_DELETE')) return null
  const restore = async () => {
    const { payload } = await action.run({ input: { id: workspace.id } })
    if (payload) notify(`${payload.workspace.name} is back.`)
  }
  return (
    <Button
      small
      isPending={action.busy}
      onPress={() => void restore()}
      aria-label={`Restore ${workspace.name}`}
    >
      Restore
    </Button>
  )
}
