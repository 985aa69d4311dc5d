import {
  type EventFieldsFragment,
  OrganizationAuditLogDocument,
  useNodesQuery,
  useOrganizationEventsSubscription,
} from '@atrium/client'
import { useRef } from 'react'
import { changesIn, eventName, peopleIn } from '../lib/changes.ts'
import { useEndless } from '../lib/endless.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { problemIn } from '../lib/problems.ts'
import { timeOf } from '../lib/words.ts'
import { Changes } from '../ui/changes.tsx'
import { EndlessList } from '../ui/list.tsx'
import { Section } from '../ui/page.tsx'
import { Badge, Empty, Refused, Why } from '../ui/states.tsx'
import { type OrganizationShown, useOrganization } from './organization.tsx'

/** The API looks up so many objects at once. */
const MOST_NODES = 100

/** Who has done what, as it happens. */
export function ActivityPage() {
  const organization = useOrganization()
  if (!may(organization, 'ORGANIZATION_SETTINGS')) {
    return <Why>{whyNot(organization, 'ORGANIZATION_SETTINGS')}</Why>
  }
  return <Activity organization={organization} />
}

function Activity({ organization }: { organization: OrganizationShown }) {
  const { id } = organization
  const list = useEndless(
    OrganizationAuditLogDocument,
    { id, first: 50 },
    (data) => data.organization?.auditLog,
  )
  // From the newest entry on, so that nothing is lost between the list and the first event. The cache forgets the list
  // behind each event, and what is shown is read again.
  const nameOf = usePeople(list.rows)
  const newest = useRef<string | null>(null)
  if (!list.loading) newest.current ??= list.rows[0]?.cursor ?? ''
  const [{ error }] = useOrganizationEventsSubscription({
    variables: { organizationId: id, ...(newest.current ? { after: newest.current } : {}) },
    pause: newest.current === null,
  })
  return (
    <Section
      title="Activity"
      about="Everything that was changed here, newest first. New entries come by themselves."
    >
      <Refused message={problemIn(error)?.message ?? null} />
      <EndlessList
        label="Activity"
        list={list}
        nouns={['event', 'events']}
        keyOf={(event) => event.id}
        empty={<Empty title="Nothing has happened yet" />}
        row={(event) => <EventRow event={event} nameOf={nameOf} />}
      />
    </Section>
  )
}

interface RowProps {
  event: EventFieldsFragment
  nameOf(userId: string): string | undefined
}

function EventRow({ event, nameOf }: RowProps) {
  const { type, actor, workspace, createdAt, changes } = event
  return (
    <div className="row">
      <div className="row-main">
        <span className="row-title">{eventName(type)}</span>
        <span className="hint">
          {timeOf(createdAt)} by {actor?.fullName ?? 'the platform'}
        </span>
        <Changes changes={changesIn(changes, nameOf)} />
      </div>
      {workspace && <Badge>{workspace.name}</Badge>}
    </div>
  )
}

/** The names of the people whom events are about: the log keeps their ids. */
function usePeople(events: readonly EventFieldsFragment[]): (userId: string) => string | undefined {
  const userIds = [...new Set(events.flatMap(({ changes }) => peopleIn(changes)))].slice(0, MOST_NODES)
  const ids = userIds.map((userId) => btoa(`User:${userId}`).replace(/=+$/, ''))
  const [{ data, fetching }] = useNodesQuery({ variables: { ids }, pause: ids.length === 0 })
  const names = new Map(
    data?.nodes?.flatMap((node) => (node?.__typename === 'User' ? [[node.id, node.fullName] as const] : [])),
  )
  return (userId) => names.get(ids[userIds.indexOf(userId)] ?? '') ?? (fetching ? '…' : undefined)
}
