import {
  type DeliveryAttemptFieldsFragment,
  useEventByIdQuery,
  useReplayEventSubscriptionMutation,
} from '@atrium/client'
import { useAction } from '../lib/action.ts'
import { problemIn } from '../lib/problems.ts'
import { timeOf } from '../lib/words.ts'
import { Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { useNotify } from '../ui/notices.tsx'

interface ReplayProps {
  subscriptionId: string
  /** The one whose event is the first to be sent; null to be asked for an instant. */
  attempt: DeliveryAttemptFieldsFragment | null
  onClose(): void
}

/** Sends events of the past again: from an instant on, or from the event of an attempt on. */
export function Replay({ subscriptionId, attempt, onClose }: ReplayProps) {
  const action = useAction(useReplayEventSubscriptionMutation())
  const notify = useNotify()
  const eventId = attempt?.eventId ?? null
  const [{ data, error }] = useEventByIdQuery({ variables: { id: eventId ?? '' }, pause: !eventId })
  const event = data?.node?.__typename === 'Event' ? data.node : null
  const problem = problemIn(error)
  const send = async (fields: FormData) => {
    const typed = textOf(fields, 'fromAt')
    const fromAt = event?.createdAt ?? (typed && new Date(typed).toISOString())
    if (!fromAt) return
    const { payload } = await action.run({ input: { id: subscriptionId, fromAt } })
    if (!payload) return
    notify(`Everything from ${timeOf(fromAt)} on is sent again.`)
    onClose()
  }
  return (
    <Ask
      title="Send events again?"
      isOpen
      onClose={onClose}
      submit="Send again"
      busy={action.busy || (eventId !== null && !event && !problem)}
      issues={action.issues}
      message={problem ? 'The log does not have this event any more.' : action.message}
      isDone={problem !== null}
      onSubmit={(fields) => void send(fields)}
    >
      <p>
        Each has the id that it had, so that the receiver can tell what it knows already. A wait after
        failures is over.
      </p>
      {attempt ? (
        <p>
          The first is <strong>{attempt.type}</strong>
          {event && ` of ${timeOf(event.createdAt)}`}, and everything behind it follows.
        </p>
      ) : (
        <Field
          label="From"
          name="fromAt"
          type="datetime-local"
          hint="Everything from then on that it subscribes to."
          isRequired
          autoFocus
        />
      )}
    </Ask>
  )
}
