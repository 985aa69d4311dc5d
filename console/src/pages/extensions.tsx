import {
  useInstallExtensionMutation,
  useUninstallExtensionMutation,
  useUpdateExtensionInstallationMutation,
  WorkspaceExtensionsDocument,
} from '@atrium/client'
import { useAction } from '../lib/action.ts'
import { useEndless } from '../lib/endless.ts'
import { dateOf } from '../lib/words.ts'
import { Field, Toggle } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { Badge } from '../ui/states.tsx'
import { Registry } from './registry.tsx'
import type { WorkspaceShown } from './workspace.tsx'

export function Extensions({ workspace }: { workspace: WorkspaceShown }) {
  const list = useEndless(
    WorkspaceExtensionsDocument,
    { id: workspace.id, first: 20 },
    (data) => data.workspace?.extensions,
  )
  const update = useAction(useUpdateExtensionInstallationMutation())
  const uninstall = useAction(useUninstallExtensionMutation())
  return (
    <Registry
      workspace={workspace}
      title="Extensions"
      about="What is installed here."
      nouns={['extension', 'extensions']}
      permission="EXTENSION_WRITE"
      list={list}
      addLabel="Install extension"
      removeLabel="Uninstall"
      dialog={(close) => <InstallExtension workspaceId={workspace.id} onClose={close} />}
      row={({ id, key, version, enabled, createdAt, installedBy }) => ({
        title: key,
        hint: `${version ?? 'No version'} · installed ${dateOf(createdAt)} by ${installedBy?.fullName ?? 'somebody who is gone'}`,
        badge: <Badge tone={enabled ? 'good' : 'plain'}>{enabled ? 'On' : 'Off'}</Badge>,
        extra: (
          <Toggle
            aria-label={key}
            isSelected={enabled}
            onChange={(on) => void update.run({ input: { id, enabled: on } })}
          />
        ),
      })}
      remove={async ({ id }) => {
        const { refusal, problem } = await uninstall.run({ input: { id } })
        return (refusal ?? problem)?.message ?? null
      }}
    />
  )
}

function InstallExtension({ workspaceId, onClose }: { workspaceId: string; onClose(): void }) {
  const action = useAction(useInstallExtensionMutation())
  const send = async (fields: FormData) => {
    const version = textOf(fields, 'version')
    const { payload } = await action.run({
      input: { workspaceId, key: textOf(fields, 'key'), ...(version ? { version } : {}) },
    })
    if (payload) onClose()
  }
  return (
    <Ask
      title="Install an extension"
      isOpen
      onClose={onClose}
      submit="Install"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={(fields) => void send(fields)}
    >
      <Field label="Extension" name="key" placeholder="@acme/charts" isRequired autoFocus />
      <Field label="Version" name="version" placeholder="1.0.0" />
    </Ask>
  )
}
