import {
  useCreateEventSubscriptionMutation,
  useDeleteEventSubscriptionMutation,
  useRotateEventSubscriptionSecretMutation,
  useSendTestEventMutation,
  useUpdateEventSubscriptionMutation,
  WorkspaceEventSubscriptionsDocument,
} from '@atrium/client'
import { useState } from 'react'
import { useAction } from '../lib/action.ts'
import { useEndless } from '../lib/endless.ts'
import { Button, Field, Toggle } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Secret } from '../ui/secret.tsx'
import { Badge } from '../ui/states.tsx'
import { Registry } from './registry.tsx'
import type { WorkspaceShown } from './workspace.tsx'

export function EventSubscriptions({ workspace }: { workspace: WorkspaceShown }) {
  const list = useEndless(
    WorkspaceEventSubscriptionsDocument,
    { id: workspace.id, first: 20 },
    (data) => data.workspace?.eventSubscriptions,
  )
  const update = useAction(useUpdateEventSubscriptionMutation())
  const remove = useAction(useDeleteEventSubscriptionMutation())
  const test = useAction(useSendTestEventMutation())
  const notify = useNotify()
  const [rotated, setRotated] = useState<string | null>(null)
  const send = async (id: string) => {
    const { payload, refusal, problem } = await test.run({ input: { id } })
    if (!payload) return notify((refusal ?? problem)?.message ?? '')
    const { outcome, status, reason } = payload.attempt
    notify(
      `The test: ${outcome.toLowerCase()}${status ? `, status ${status}` : ''}.${reason ? ` ${reason}` : ''}`,
    )
  }
  return (
    <>
      <Registry
        workspace={workspace}
        title="Event subscriptions"
        about="Addresses that are told what happens here, by signed messages. Open one to see every attempt."
        nouns={['subscription', 'subscriptions']}
        permission="EVENTS_WRITE"
        list={list}
        addLabel="Subscribe"
        removeLabel="Remove"
        dialog={(close) => <Subscribe workspaceId={workspace.id} onClose={close} />}
        row={({ id, url, types, description, enabled }) => ({
          title: url,
          to: `/organizations/${workspace.organization.slug}/workspaces/${workspace.key}/subscriptions/${id}`,
          hint: `${typesOf(types)}${description ? ` · ${description}` : ''}`,
          badge: <Badge tone={enabled ? 'good' : 'plain'}>{enabled ? 'On' : 'Off'}</Badge>,
          extra: (
            <>
              <Button small aria-label={`Test ${url}`} onPress={() => void send(id)}>
                Test
              </Button>
              <Button small aria-label={`New secret for ${url}`} onPress={() => setRotated(id)}>
                New secret
              </Button>
              <Toggle
                aria-label={url}
                isSelected={enabled}
                onChange={(on) => void update.run({ input: { id, enabled: on } })}
              />
            </>
          ),
        })}
        remove={async ({ id }) => {
          const { refusal, problem } = await remove.run({ input: { id } })
          return (refusal ?? problem)?.message ?? null
        }}
      />
      {rotated && <RotateSecret id={rotated} onClose={() => setRotated(null)} />}
    </>
  )
}

/** Which events are subscribed to, in words. */
export const typesOf = (types: readonly string[]): string =>
  types.includes('*') ? 'All events' : types.join(', ')

function RotateSecret({ id, onClose }: { id: string; onClose(): void }) {
  const action = useAction(useRotateEventSubscriptionSecretMutation())
  const [secret, setSecret] = useState<string | null>(null)
  const rotate = async () => {
    const { payload } = await action.run({ input: { id } })
    if (payload) setSecret(payload.secret)
  }
  return (
    <Ask
      title="A new secret?"
      isOpen
      onClose={onClose}
      submit="Make a new one"
      busy={action.busy}
      message={action.message}
      isDone={secret !== null}
      onSubmit={() => void rotate()}
    >
      {secret ? (
        <Secret label="The new secret" value={secret} />
      ) : (
        <p>For a while messages are signed with both, so that the receiver can change over.</p>
      )}
    </Ask>
  )
}

function Subscribe({ workspaceId, onClose }: { workspaceId: string; onClose(): void }) {
  const action = useAction(useCreateEventSubscriptionMutation())
  const [secret, setSecret] = useState<string | null>(null)
  const send = async (fields: FormData) => {
    const { payload } = await action.run({
      input: {
        workspaceId,
        url: textOf(fields, 'url'),
        types: textOf(fields, 'types')
          .split(/[\s,]+/)
          .filter(Boolean),
        description: textOf(fields, 'description'),
      },
    })
    if (payload) setSecret(payload.secret)
  }
  return (
    <Ask
      title="Subscribe an address"
      isOpen
      onClose={onClose}
      submit="Subscribe"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      isDone={secret !== null}
      onSubmit={(fields) => void send(fields)}
    >
      {secret ? (
        <Secret label="The secret that signs the messages" value={secret} />
      ) : (
        <>
          <Field label="Address" name="url" placeholder="https://example.com/hooks" isRequired autoFocus />
          <Field
            label="Events"
            name="types"
            defaultValue="*"
            hint="Types like member.added, member.* or *, with commas between."
            isRequired
          />
          <Field label="Description" name="description" />
        </>
      )}
    </Ask>
  )
}
