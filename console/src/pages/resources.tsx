import {
  type ResourceKind,
  useRegisterResourceMutation,
  useRemoveResourceMutation,
  WorkspaceResourcesDocument,
} from '@atrium/client'
import { useState } from 'react'
import { useAction } from '../lib/action.ts'
import { useEndless } from '../lib/endless.ts'
import { Choice, Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { Badge } from '../ui/states.tsx'
import { Registry } from './registry.tsx'
import type { WorkspaceShown } from './workspace.tsx'

const KINDS = [
  { id: 'REPOSITORY', label: 'Repository' },
  { id: 'BUCKET', label: 'Bucket' },
] as const

export function Resources({ workspace }: { workspace: WorkspaceShown }) {
  const list = useEndless(
    WorkspaceResourcesDocument,
    { id: workspace.id, first: 20 },
    (data) => data.workspace?.resources,
  )
  const remove = useAction(useRemoveResourceMutation())
  return (
    <Registry
      workspace={workspace}
      title="Resources"
      about="Repositories and buckets. A workspace that holds some can not be deleted."
      nouns={['resource', 'resources']}
      permission="RESOURCE_WRITE"
      list={list}
      addLabel="Register resource"
      removeLabel="Remove"
      dialog={(close) => <RegisterResource workspaceId={workspace.id} onClose={close} />}
      row={({ name, kind, uri }) => ({
        title: name,
        hint: uri ?? 'No address',
        badge: <Badge>{kind === 'BUCKET' ? 'Bucket' : 'Repository'}</Badge>,
      })}
      remove={async ({ id }) => {
        const { refusal, problem } = await remove.run({ input: { id } })
        return (refusal ?? problem)?.message ?? null
      }}
    />
  )
}

function RegisterResource({ workspaceId, onClose }: { workspaceId: string; onClose(): void }) {
  const action = useAction(useRegisterResourceMutation())
  const [kind, setKind] = useState<ResourceKind>('REPOSITORY')
  const send = async (fields: FormData) => {
    const uri = textOf(fields, 'uri')
    const { payload } = await action.run({
      input: { workspaceId, kind, name: textOf(fields, 'name'), ...(uri ? { uri } : {}) },
    })
    if (payload) onClose()
  }
  return (
    <Ask
      title="Register a resource"
      isOpen
      onClose={onClose}
      submit="Register"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={(fields) => void send(fields)}
    >
      <Choice label="Kind" options={KINDS} value={kind} onChange={setKind} />
      <Field label="Name" name="name" isRequired autoFocus />
      <Field label="Address" name="uri" hint="Where it is, if that is known." />
    </Ask>
  )
}
