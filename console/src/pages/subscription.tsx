import {
  type DeliveryAttemptFieldsFragment,
  DeliveryAttemptsDocument,
  type DeliveryOutcome,
  type EventSubscriptionFieldsFragment,
  type Problem,
  useEventSubscriptionByIdQuery,
} from '@atrium/client'
import { useState } from 'react'
import { Link, useParams } from 'react-router-dom'
import { useEndless } from '../lib/endless.ts'
import { useEvery } from '../lib/every.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { problemIn } from '../lib/problems.ts'
import { plural, timeOf } from '../lib/words.ts'
import { Button, Choice } from '../ui/controls.tsx'
import { EndlessList } from '../ui/list.tsx'
import { Section } from '../ui/page.tsx'
import { Badge, Empty, Failure, Loading, Why } from '../ui/states.tsx'
import { typesOf } from './event-subscriptions.tsx'
import { Replay } from './replay.tsx'
import { useWorkspace } from './workspace.tsx'

const ANOTHER = {
  code: 'NOT_FOUND',
  message: 'This is no event subscription.',
} satisfies Problem

/** Messages leave in the background, so the page looks for what has become of them by itself. */
const LOOK_AGAIN_MS = 4_000

/** One event subscription: how it is, and every attempt to reach its address. */
export function SubscriptionPage() {
  const workspace = useWorkspace()
  const { slug = '', key = '', id = '' } = useParams()
  return (
    <>
      <p className="above">
        <Link to={`/organizations/${slug}/workspaces/${key}/contents`}>All event subscriptions</Link>
      </p>
      {may(workspace, 'EVENTS_WRITE') ? (
        <Subscription id={id} />
      ) : (
        <Why>{whyNot(workspace, 'EVENTS_WRITE')}</Why>
      )}
    </>
  )
}

function Subscription({ id }: { id: string }) {
  const [{ data, error }, reload] = useEventSubscriptionByIdQuery({ variables: { id } })
  useEvery(LOOK_AGAIN_MS, () => reload({ requestPolicy: 'network-only' }))
  const [replayed, setReplayed] = useState<DeliveryAttemptFieldsFragment | 'all' | null>(null)
  const problem = problemIn(error)
  const subscription = data?.node?.__typename === 'EventSubscription' ? data.node : null
  if (!subscription) {
    if (problem) return <Failure problem={problem} retry={() => reload({ requestPolicy: 'network-only' })} />
    return data ? <Failure problem={ANOTHER} /> : <Loading />
  }
  return (
    <>
      <Section
        title="Event subscription"
        about={<code>{subscription.url}</code>}
        actions={<Button onPress={() => setReplayed('all')}>Send events again</Button>}
      >
        <State subscription={subscription} />
      </Section>
      <Attempts id={id} onReplay={setReplayed} />
      {replayed && (
        <Replay
          subscriptionId={id}
          attempt={replayed === 'all' ? null : replayed}
          onClose={() => setReplayed(null)}
        />
      )}
    </>
  )
}

const DISABLED = {
  FAILING: 'It was switched off by itself: every attempt has failed for days.',
  GONE: 'It was switched off by itself: the receiver answered that it is gone for ever.',
} as const

function State({ subscription }: { subscription: EventSubscriptionFieldsFragment }) {
  const { enabled, types, description, failures, disabledReason, nextAttemptAt } = subscription
  return (
    <dl className="facts card">
      <dt>State</dt>
      <dd>
        <Badge tone={enabled ? 'good' : 'plain'}>{enabled ? 'On' : 'Off'}</Badge>{' '}
        {disabledReason && DISABLED[disabledReason]}
        {failures > 0 && `${plural(failures, 'attempt')} in a row failed.`}
        {failures > 0 && nextAttemptAt && ` The next one is not before ${timeOf(nextAttemptAt)}.`}
      </dd>
      <dt>Events</dt>
      <dd>{typesOf(types)}</dd>
      <dt>Description</dt>
      <dd>{description || 'None'}</dd>
    </dl>
  )
}

const SHOWN = [
  { id: 'ALL', label: 'All' },
  { id: 'DELIVERED', label: 'Delivered' },
  { id: 'FAILED', label: 'Failed' },
] as const

interface AttemptsProps {
  id: string
  onReplay(attempt: DeliveryAttemptFieldsFragment): void
}

function Attempts({ id, onReplay }: AttemptsProps) {
  const [shown, setShown] = useState<DeliveryOutcome | 'ALL'>('ALL')
  const list = useEndless(
    DeliveryAttemptsDocument,
    { id, first: 50, ...(shown === 'ALL' ? {} : { where: { outcome: { eq: shown } } }) },
    ({ node }) => (node?.__typename === 'EventSubscription' ? node.attempts : null),
  )
  useEvery(LOOK_AGAIN_MS, list.refresh)
  return (
    <Section
      title="Attempts"
      about="Every request to the address, newest first. New ones come by themselves."
      actions={<Choice label="Show" hideLabel options={SHOWN} value={shown} onChange={setShown} />}
    >
      <EndlessList
        label="Attempts"
        list={list}
        nouns={['attempt', 'attempts']}
        keyOf={(attempt) => attempt.id}
        empty={
          <Empty title={shown === 'ALL' ? 'Nothing was sent yet' : 'None is like this'}>
            <p>A message leaves soon behind each event that is subscribed to.</p>
          </Empty>
        }
        row={(attempt) => <AttemptRow attempt={attempt} onReplay={() => onReplay(attempt)} />}
      />
    </Section>
  )
}

function AttemptRow({ attempt, onReplay }: { attempt: DeliveryAttemptFieldsFragment; onReplay(): void }) {
  const { type, outcome, status, reason, durationMs, eventId, createdAt } = attempt
  const answer = status === null || status === undefined ? (reason ?? 'no answer') : `status ${status}`
  return (
    <div className="row-line">
      <div className="row">
        <span className="row-main">
          <span className="row-title">{type}</span>
          <span className="hint">
            {timeOf(createdAt)} · {answer} · {durationMs} ms
          </span>
        </span>
        <Badge tone={outcome === 'DELIVERED' ? 'good' : 'bad'}>
          {outcome === 'DELIVERED' ? 'Delivered' : 'Failed'}
        </Badge>
      </div>
      {eventId && (
        <div className="row-actions">
          <Button
            small
            aria-label={`Send again from here: ${type} of ${timeOf(createdAt)}`}
            onPress={onReplay}
          >
            Send again from here
          </Button>
        </div>
      )}
    </div>
  )
}
