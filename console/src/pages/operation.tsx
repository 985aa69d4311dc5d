import {
  type OperationFieldsFragment,
  useCancelOperationMutation,
  useOperationQuery,
  useOperationSubscription,
} from '@atrium/client'
import { ProgressBar } from 'react-aria-components'
import { Link, useParams } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { problemIn } from '../lib/problems.ts'
import { timeOf } from '../lib/words.ts'
import { Button } from '../ui/controls.tsx'
import { Section } from '../ui/page.tsx'
import { Badge, Failure, Loading, Refused } from '../ui/states.tsx'
import { OperationItems, STATES } from './operation-parts.tsx'

/** One operation, as it goes on. */
export function OperationPage() {
  const { slug = '', id = '' } = useParams()
  const [{ data, error, fetching }, reload] = useOperationQuery({
    variables: { id },
    requestPolicy: 'cache-and-network',
  })
  const operation = data?.operation
  const problem = problemIn(error)
  if (!operation) {
    if (fetching || !problem) return <Loading />
    return <Failure problem={problem} retry={() => reload({ requestPolicy: 'network-only' })} />
  }
  const hasEnded = operation.finishedAt !== null
  return (
    <>
      <p className="above">
        <Link to={`/organizations/${slug}/provision`}>All operations</Link>
      </p>
      <Section
        title="Operation"
        about={`Asked for ${timeOf(operation.createdAt)} by ${operation.requestedBy?.fullName ?? 'somebody who is gone'}`}
        actions={!hasEnded && <Cancel id={id} />}
      >
        {!hasEnded && <Live id={id} />}
        <Progress operation={operation} />
      </Section>
      <Section title="Workspaces">
        <OperationItems id={id} slug={slug} />
      </Section>
    </>
  )
}

/** Follows the operation; the cache puts what comes into what is shown. */
function Live({ id }: { id: string }) {
  const [{ error }] = useOperationSubscription({ variables: { id } })
  return <Refused message={problemIn(error)?.message ?? null} />
}

function Progress({ operation }: { operation: OperationFieldsFragment }) {
  const { state, progress, error } = operation
  const { total, done, failed } = progress
  return (
    <div className="card form">
      <p role="status">
        <Badge tone={STATES[state].tone}>{STATES[state].text}</Badge> {done} of {total} done
        {failed > 0 && `, ${failed} refused`}
      </p>
      <ProgressBar aria-label="Progress" value={done + failed} maxValue={Math.max(1, total)}>
        {({ percentage = 0 }) => (
          <div className="meter">
            <span ref={widthOf(percentage)} />
          </div>
        )}
      </ProgressBar>
      <Refused message={error?.message ?? null} />
    </div>
  )
}

const widthOf = (percentage: number) => (element: HTMLElement | null) => {
  if (element) element.style.width = `${percentage}%`
}

function Cancel({ id }: { id: string }) {
  const action = useAction(useCancelOperationMutation())
  return (
    <>
      <Refused message={action.message} />
      <Button isPending={action.busy} onPress={() => void action.run({ input: { id } })}>
        Cancel the rest
      </Button>
    </>
  )
}
