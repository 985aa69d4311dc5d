import {
  useRegisterCapabilityMutation,
  useRemoveCapabilityMutation,
  WorkspaceCapabilitiesDocument,
} from '@atrium/client'
import { useAction } from '../lib/action.ts'
import { useEndless } from '../lib/endless.ts'
import { Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { Badge } from '../ui/states.tsx'
import { Registry } from './registry.tsx'
import type { WorkspaceShown } from './workspace.tsx'

export function Capabilities({ workspace }: { workspace: WorkspaceShown }) {
  const list = useEndless(
    WorkspaceCapabilitiesDocument,
    { id: workspace.id, first: 20 },
    (data) => data.workspace?.capabilities,
  )
  const remove = useAction(useRemoveCapabilityMutation())
  return (
    <Registry
      workspace={workspace}
      title="Capabilities"
      about="What this workspace can do, under a name by which others look it up."
      nouns={['capability', 'capabilities']}
      permission="CAPABILITY_WRITE"
      list={list}
      addLabel="Register capability"
      removeLabel="Remove"
      dialog={(close) => <RegisterCapability workspaceId={workspace.id} onClose={close} />}
      row={({ name, description, version }) => ({
        title: name,
        hint: description || 'No description',
        badge: version ? <Badge>{version}</Badge> : null,
      })}
      remove={async ({ id }) => {
        const { refusal, problem } = await remove.run({ input: { id } })
        return (refusal ?? problem)?.message ?? null
      }}
    />
  )
}

function RegisterCapability({ workspaceId, onClose }: { workspaceId: string; onClose(): void }) {
  const action = useAction(useRegisterCapabilityMutation())
  const send = async (fields: FormData) => {
    const version = textOf(fields, 'version')
    const { payload } = await action.run({
      input: {
        workspaceId,
        name: textOf(fields, 'name'),
        description: textOf(fields, 'description'),
        ...(version ? { version } : {}),
      },
    })
    if (payload) onClose()
  }
  return (
    <Ask
      title="Register a capability"
      isOpen
      onClose={onClose}
      submit="Register"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={(fields) => void send(fields)}
    >
      <Field label="Name" name="name" isRequired autoFocus />
      <Field label="Description" name="description" />
      <Field label="Version" name="version" />
    </Ask>
  )
}
