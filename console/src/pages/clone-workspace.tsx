import { type CloneWorkspaceMutation, type PayloadOf, useCloneWorkspaceMutation } from '@atrium/client'
import { useState } from 'react'
import { CheckboxGroup, Label } from 'react-aria-components'
import { useNavigate } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { plural } from '../lib/words.ts'
import { Check, Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Secret } from '../ui/secret.tsx'
import type { WorkspaceShown } from './workspace.tsx'

type Cloned = PayloadOf<NonNullable<CloneWorkspaceMutation['cloneWorkspace']>>

const PARTS = {
  members: 'Members with their roles',
  roles: 'Custom roles that are missing there',
  extensions: 'Extensions',
  capabilities: 'Capabilities',
  eventSubscriptions: 'Event subscriptions, with new secrets',
} as const

interface CloneProps {
  workspace: WorkspaceShown
  onClose(): void
}

/** A copy of a workspace: first what it would have, then the thing itself. */
export function CloneWorkspace({ workspace, onClose }: CloneProps) {
  const action = useAction(useCloneWorkspaceMutation())
  const navigate = useNavigate()
  const notify = useNotify()
  const [parts, setParts] = useState<string[]>(['extensions', 'capabilities'])
  const [plan, setPlan] = useState<Cloned['plan'] | null>(null)
  const [done, setDone] = useState<Cloned | null>(null)
  const [idempotencyKey] = useState(() => crypto.randomUUID())
  const send = async (fields: FormData) => {
    const key = textOf(fields, 'key')
    const { payload } = await action.run({
      input: {
        workspaceId: workspace.id,
        name: textOf(fields, 'name'),
        include: Object.fromEntries(Object.keys(PARTS).map((part) => [part, parts.includes(part)])),
        ...(key ? { key } : {}),
        ...(plan ? { idempotencyKey } : { validateOnly: true }),
      },
    })
    if (!payload) return
    if (!plan) setPlan(payload.plan)
    else if (payload.eventSubscriptions.some(({ secret }) => secret)) setDone(payload)
    else leaveFor(payload)
  }
  const leaveFor = ({ workspace: clone }: Cloned) => {
    if (!clone) return
    notify(`${clone.name} was made.`)
    void navigate(`/organizations/${clone.organization.slug}/workspaces/${clone.key}`)
    onClose()
  }
  const change = (changed: string[]) => {
    setParts(changed)
    setPlan(null)
  }
  return (
    <Ask
      title={`Clone ${workspace.name}`}
      wide
      isOpen
      onClose={() => (done ? leaveFor(done) : onClose())}
      submit={plan ? 'Clone' : 'Preview'}
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      isDone={done !== null}
      onSubmit={(fields) => void send(fields)}
    >
      {done ? (
        done.eventSubscriptions.map(({ secret, eventSubscription: { id, url } }) =>
          secret ? <Secret key={id} label={`The secret of ${url}`} value={secret} /> : null,
        )
      ) : (
        <>
          <Field
            label="Name"
            name="name"
            defaultValue={`${workspace.name} (copy)`}
            onChange={() => setPlan(null)}
            isRequired
            autoFocus
          />
          <Field
            label="Key"
            name="key"
            onChange={() => setPlan(null)}
            hint="Left empty, a free one is made."
          />
          <CheckboxGroup className="field" value={parts} onChange={change}>
            <Label>With</Label>
            {Object.entries(PARTS).map(([part, label]) => (
              <Check key={part} value={part}>
                {label}
              </Check>
            ))}
          </CheckboxGroup>
          {plan && <Plan plan={plan} />}
        </>
      )}
    </Ask>
  )
}

function Plan({ plan }: { plan: Cloned['plan'] }) {
  const list = (names: readonly string[]) => names.join(', ') || 'None'
  return (
    <section className="card" aria-label="What the clone would have">
      <div role="status">Nothing was made yet. It would have:</div>
      <dl className="facts">
        <dt>Key</dt>
        <dd>{plan.key}</dd>
        <dt>Members</dt>
        <dd>{plural(plan.members, 'member')} beside you</dd>
        <dt>Roles</dt>
        <dd>{list(plan.roles)}</dd>
        <dt>Extensions</dt>
        <dd>{list(plan.extensions)}</dd>
        <dt>Capabilities</dt>
        <dd>{list(plan.capabilities)}</dd>
        <dt>Event subscriptions</dt>
        <dd>{list(plan.eventSubscriptions)}</dd>
      </dl>
    </section>
  )
}
