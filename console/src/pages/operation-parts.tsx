import { type OperationItemFieldsFragment, OperationItemsDocument, useOperationQuery } from '@atrium/client'
import { Link } from 'react-router-dom'
import { changesIn } from '../lib/changes.ts'
import { useEndless } from '../lib/endless.ts'
import { Changes } from '../ui/changes.tsx'
import { EndlessList } from '../ui/list.tsx'
import { Badge } from '../ui/states.tsx'

export const STATES = {
  PENDING: { text: 'Waiting', tone: 'plain' },
  RUNNING: { text: 'Running', tone: 'accent' },
  SUCCEEDED: { text: 'Done', tone: 'good' },
  FAILED: { text: 'Failed', tone: 'bad' },
  CANCELLED: { text: 'Cancelled', tone: 'plain' },
} as const

const ACTIONS = {
  CREATE: { text: 'Create', tone: 'good' },
  UPDATE: { text: 'Change', tone: 'accent' },
  UNCHANGED: { text: 'Unchanged', tone: 'plain' },
  REFUSED: { text: 'Refused', tone: 'bad' },
} as const

/** How many workspaces a plan creates, changes, leaves and refuses. */
export function PlanCounts({ id }: { id: string }) {
  const [{ data }] = useOperationQuery({ variables: { id } })
  const plan = data?.operation?.plan
  if (!plan) return null
  return (
    <p role="status" className="counts">
      <Badge tone="good">{plan.create} to create</Badge> <Badge tone="accent">{plan.update} to change</Badge>{' '}
      <Badge>{plan.unchanged} unchanged</Badge>{' '}
      <Badge tone={plan.refused ? 'bad' : 'plain'}>{plan.refused} refused</Badge>
    </p>
  )
}

/** What an operation does to each workspace, and what became of it. */
export function OperationItems({ id, slug }: { id: string; slug: string }) {
  const list = useEndless(OperationItemsDocument, { id, first: 50 }, (data) => data.operation?.items)
  return (
    <EndlessList
      label="Workspaces of the operation"
      list={list}
      nouns={['workspace', 'workspaces']}
      keyOf={({ key }) => key}
      empty={null}
      row={(item) => <Item item={item} slug={slug} />}
    />
  )
}

function Item({ item, slug }: { item: OperationItemFieldsFragment; slug: string }) {
  const { key, action, changes, error, workspace } = item
  const shown = changesIn(Object.fromEntries(changes.map(({ field, ...change }) => [field, change])))
  return (
    <div className="row">
      <div className="row-main">
        <span className="row-title">
          {workspace ? <Link to={`/organizations/${slug}/workspaces/${workspace.key}`}>{key}</Link> : key}
        </span>
        {error && <span className="hint">{error.message}</span>}
        {!error && shown.length === 0 && <span className="hint">Nothing changes</span>}
        {!error && <Changes changes={shown} />}
      </div>
      <Badge tone={ACTIONS[action].tone}>{ACTIONS[action].text}</Badge>
    </div>
  )
}
