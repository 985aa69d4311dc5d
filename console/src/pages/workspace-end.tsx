import { useDeleteWorkspaceMutation, useLeaveMutation, useRestoreWorkspaceMutation } from '@atrium/client'
import { useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { dateOf, plural } from '../lib/words.ts'
import { Button } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Section } from '../ui/page.tsx'
import { Why } from '../ui/states.tsx'
import type { WorkspaceShown } from './workspace.tsx'

/** Ways to be rid of a workspace: for oneself, or for everybody. */
export function WorkspaceEnd({ workspace }: { workspace: WorkspaceShown }) {
  const [asked, setAsked] = useState<'delete' | 'leave' | null>(null)
  const mayDelete = may(workspace, 'WORKSPACE_DELETE')
  const close = () => setAsked(null)
  return (
    <Section title="Leave or delete">
      {!mayDelete && <Why>{whyNot(workspace, 'WORKSPACE_DELETE')}</Why>}
      <div className="actions start">
        <Button onPress={() => setAsked('leave')}>Leave the workspace</Button>
        {mayDelete && (
          <Button kind="danger" onPress={() => setAsked('delete')}>
            Delete the workspace
          </Button>
        )}
      </div>
      <Delete workspace={workspace} isOpen={asked === 'delete'} onClose={close} />
      <Leave workspace={workspace} isOpen={asked === 'leave'} onClose={close} />
    </Section>
  )
}

interface EndProps {
  workspace: WorkspaceShown
  isOpen: boolean
  onClose(): void
}

function Delete({ workspace, isOpen, onClose }: EndProps) {
  const action = useAction(useDeleteWorkspaceMutation())
  const restore = useAction(useRestoreWorkspaceMutation())
  const notify = useNotify()
  const navigate = useNavigate()
  const home = `/organizations/${workspace.organization.slug}/workspaces`
  const bringBack = async () => {
    const { payload } = await restore.run({ input: { id: workspace.id } })
    notify(payload ? `${workspace.name} is back.` : `${workspace.name} could not be restored.`)
  }
  const send = async () => {
    const { payload } = await action.run({ input: { id: workspace.id, expectedVersion: workspace.version } })
    if (!payload) return
    const until = payload.workspace.purgeAt
    const kept = until ? ` It can be restored until ${dateOf(until)}.` : ''
    void navigate(home)
    notify(`${workspace.name} was deleted.${kept}`, () => void bringBack())
  }
  const refusal = action.refusal
  const rest =
    refusal?.__typename === 'WorkspaceNotEmpty'
      ? ` It holds ${plural(refusal.repositories, 'repository', 'repositories')} and ${plural(refusal.buckets, 'bucket')}.`
      : ''
  return (
    <Ask
      title={`Delete ${workspace.name}?`}
      isOpen={isOpen}
      onClose={() => {
        action.clear()
        onClose()
      }}
      submit="Delete"
      isDangerous
      busy={action.busy}
      message={action.message && action.message + rest}
      onSubmit={() => void send()}
    >
      <p>Nobody reaches it any more. It can be restored for a while, from the list of deleted workspaces.</p>
    </Ask>
  )
}

function Leave({ workspace, isOpen, onClose }: EndProps) {
  const action = useAction(useLeaveMutation())
  const notify = useNotify()
  const navigate = useNavigate()
  const send = async () => {
    const { payload } = await action.run({ input: { scopeId: workspace.id } })
    if (!payload) return
    notify(
      payload.remainingAccess
        ? `You gave up your own role on ${workspace.name}. Your role in the organization still reaches it.`
        : `You left ${workspace.name}.`,
    )
    void navigate('/')
  }
  return (
    <Ask
      title={`Leave ${workspace.name}?`}
      isOpen={isOpen}
      onClose={onClose}
      submit="Leave"
      isDangerous
      busy={action.busy}
      message={action.message}
      onSubmit={() => void send()}
    >
      <p>Only somebody who manages its members can bring you back.</p>
    </Ask>
  )
}
