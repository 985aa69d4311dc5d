import {
  useCreateEventSubscriptionMutation,
  useDeleteEventSubscriptionMutation,
  useUpdateEventSubscriptionMutation,
  WorkspaceEventSubscriptionsDocument,
} from '@atrium/client'
import { useState } from 'react'
import { useAction } from '../lib/action.ts'
import { useEndless } from '../lib/endless.ts'
import { Field, Toggle } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
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
  return (
    <Registry
      workspace={workspace}
      title="Event subscriptions"
      about="Addresses that are told what happens here, by signed messages."
      nouns={['subscription', 'subscriptions']}
      permission="EVENTS_WRITE"
      list={list}
      addLabel="Subscribe"
      removeLabel="Remove"
      dialog={(close) => <Subscribe workspaceId={workspace.id} onClose={close} />}
      row={({ id, url, types, description, enabled }) => ({
        title: url,
        hint: `${types.join(', ')}${description ? ` · ${description}` : ''}`,
        badge: <Badge tone={enabled ? 'good' : 'plain'}>{enabled ? 'On' : 'Off'}</Badge>,
        extra: (
          <Toggle
            aria-label={url}
            isSelected={enabled}
            onChange={(on) => void update.run({ input: { id, enabled: on } })}
          />
        ),
      })}
      remove={async ({ id }) => {
        const { refusal, problem } = await remove.run({ input: { id } })
        return (refusal ?? problem)?.message ?? null
      }}
    />
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
