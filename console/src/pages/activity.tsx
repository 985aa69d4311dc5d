import {
  type EventFieldsFragment,
  OrganizationAuditLogDocument,
  useOrganizationEventsSubscription,
} from '@atrium/client'
import { useRef } from 'react'
import { useEndless } from '../lib/endless.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { problemIn } from '../lib/problems.ts'
import { timeOf } from '../lib/words.ts'
import { EndlessList } from '../ui/list.tsx'
import { Section } from '../ui/page.tsx'
import { Badge, Empty, Refused, Why } from '../ui/states.tsx'
import { type OrganizationShown, useOrganization } from './organization.tsx'

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
        row={(event) => <EventRow event={event} />}
      />
    </Section>
  )
}

function EventRow({ event }: { event: EventFieldsFragment }) {
  const { type, actor, workspace, createdAt, changes } = event
  return (
    <div className="row">
      <span className="row-main">
        <span className="row-title">{type.replace('.', ' ').replaceAll('_', ' ')}</span>
        <span className="hint">
          {timeOf(createdAt)} by {actor?.fullName ?? 'the platform'}
          {Object.keys(changes).length > 0 && ` · ${Object.keys(changes).join(', ')}`}
        </span>
      </span>
      {workspace && <Badge>{workspace.name}</Badge>}
    </div>
  )
}
