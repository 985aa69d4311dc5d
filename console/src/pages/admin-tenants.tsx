import {
  AdminOrganizationsDocument,
  AdminWorkspacesDocument,
  type Deleted,
  usePurgeWorkspaceMutation,
  useRestoreOrganizationMutation,
  useRestoreWorkspaceMutation,
  type WorkspaceFieldsFragment,
} from '@atrium/client'
import { useState } from 'react'
import { Link } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { useDebounced } from '../lib/debounced.ts'
import { useEndless } from '../lib/endless.ts'
import { dateOf } from '../lib/words.ts'
import { Button, Choice, Search } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { EndlessList } from '../ui/list.tsx'
import { LookUp } from '../ui/look-up.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Avatar, Badge, Empty } from '../ui/states.tsx'

const SHOWN = [
  { id: 'EXCLUDE', label: 'In use' },
  { id: 'ONLY', label: 'Deleted' },
  { id: 'INCLUDE', label: 'All' },
] as const

function useNarrowing() {
  const [search, setSearch] = useState('')
  const [deleted, setDeleted] = useState<Deleted>('EXCLUDE')
  const text = useDebounced(search.trim())
  const variables = { deleted, ...(text ? { where: { name: { contains: text } } } : {}) }
  const toolbar = (label: string) => (
    <div className="toolbar">
      <Search label={label} value={search} onChange={setSearch} />
      <Choice label="Show" hideLabel options={SHOWN} value={deleted} onChange={setDeleted} />
    </div>
  )
  return { variables, toolbar }
}

export function AdminOrganizationsPage() {
  const { variables, toolbar } = useNarrowing()
  const list = useEndless(
    AdminOrganizationsDocument,
    { first: 50, orderBy: 'title', ...variables },
    ({ admin }) => admin?.organizations,
  )
  const restore = useAction(useRestoreOrganizationMutation())
  const notify = useNotify()
  const bringBack = async (id: string, name: string) => {
    const { payload, refusal, problem } = await restore.run({ input: { id } })
    notify(payload ? `${name} is back.` : ((refusal ?? problem)?.message ?? ''))
  }
  return (
    <>
      <LookUp label="Id or name in links of an organization" under="/admin/organizations" />
      {toolbar('Search organizations')}
      <EndlessList
        label="Organizations"
        list={list}
        nouns={['organization', 'organizations']}
        keyOf={({ id }) => id}
        empty={<Empty title="None matches" />}
        row={({ id, name, slug, createdAt, deletedAt }) => (
          <div className="row-line">
            <div className="row">
              <Avatar name={name} />
              <span className="row-main">
                <span className="row-title">
                  <Link to={`/admin/organizations/${id}`}>{name}</Link>
                </span>
                <span className="hint">
                  {slug} · since {dateOf(createdAt)}
                </span>
              </span>
              {deletedAt && <Badge tone="bad">Deleted {dateOf(deletedAt)}</Badge>}
            </div>
            {deletedAt && (
              <Button small aria-label={`Restore ${name}`} onPress={() => void bringBack(id, name)}>
                Restore
              </Button>
            )}
          </div>
        )}
      />
    </>
  )
}

export function AdminWorkspacesPage() {
  const { variables, toolbar } = useNarrowing()
  const [purged, setPurged] = useState<WorkspaceFieldsFragment | null>(null)
  const list = useEndless(
    AdminWorkspacesDocument,
    { first: 50, orderBy: 'title', ...variables },
    ({ admin }) => admin?.workspaces,
  )
  const restore = useAction(useRestoreWorkspaceMutation())
  const notify = useNotify()
  const bringBack = async (id: string, name: string) => {
    const { payload, refusal, problem } = await restore.run({ input: { id } })
    notify(payload ? `${name} is back.` : ((refusal ?? problem)?.message ?? ''))
  }
  return (
    <>
      <LookUp label="Id of a workspace" under="/admin/workspaces" />
      {toolbar('Search workspaces')}
      <EndlessList
        label="Workspaces"
        list={list}
        nouns={['workspace', 'workspaces']}
        keyOf={({ id }) => id}
        empty={<Empty title="None matches" />}
        row={(workspace) => (
          <div className="row-line">
            <div className="row">
              <span className="row-main">
                <span className="row-title">
                  <Link to={`/admin/workspaces/${workspace.id}`}>{workspace.name}</Link>
                </span>
                <span className="hint">
                  {workspace.organization.name} · {workspace.key} · since {dateOf(workspace.createdAt)}
                </span>
              </span>
              {workspace.deletedAt && <Badge tone="bad">Deleted {dateOf(workspace.deletedAt)}</Badge>}
            </div>
            {workspace.deletedAt && (
              <div className="row-actions">
                <Button
                  small
                  aria-label={`Restore ${workspace.name}`}
                  onPress={() => void bringBack(workspace.id, workspace.name)}
                >
                  Restore
                </Button>
                <Button
                  small
                  kind="quiet"
                  aria-label={`Purge ${workspace.name}`}
                  onPress={() => setPurged(workspace)}
                >
                  Purge
                </Button>
              </div>
            )}
          </div>
        )}
      />
      {purged && <Purge workspace={purged} onClose={() => setPurged(null)} />}
    </>
  )
}

function Purge({ workspace, onClose }: { workspace: WorkspaceFieldsFragment; onClose(): void }) {
  const action = useAction(usePurgeWorkspaceMutation())
  const notify = useNotify()
  const send = async () => {
    const { payload } = await action.run({ input: { id: workspace.id } })
    if (!payload) return
    notify(`${workspace.name} is gone for ever.`)
    onClose()
  }
  return (
    <Ask
      title={`Purge ${workspace.name}?`}
      isOpen
      onClose={onClose}
      submit="Purge"
      isDangerous
      busy={action.busy}
      message={action.message}
      onSubmit={() => void send()}
    >
      <p>Everything in it is erased now. There is no way back.</p>
    </Ask>
  )
}
