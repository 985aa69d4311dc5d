import { useSetWorkspacesMlEnabledMutation, type WorkspaceFieldsFragment } from '@atrium/client'
import { useAction } from '../lib/action.ts'
import { plural } from '../lib/words.ts'
import { Button } from '../ui/controls.tsx'
import { useNotify } from '../ui/notices.tsx'
import { isUsable, type Selection } from '../ui/selection.tsx'
import type { OrganizationShown } from './organization.tsx'

interface SwitchProps {
  organization: OrganizationShown
  selection: Selection<WorkspaceFieldsFragment>
}

/** Machine learning for all the chosen workspaces, or for none of them. */
export function SwitchMl({ organization, selection }: SwitchProps) {
  const action = useAction(useSetWorkspacesMlEnabledMutation())
  const notify = useNotify()
  const write = async (workspaceIds: string[], enabled: boolean) => {
    const input = { organizationId: organization.id, workspaceIds, enabled }
    const { payload, refusal, problem } = await action.run({ input })
    if (!payload) notify((refusal ?? problem)?.message ?? 'Nothing was switched.')
    return payload
  }
  const set = async (enabled: boolean) => {
    const { chosen } = selection
    const others = chosen.filter(({ mlEnabled }) => mlEnabled !== enabled).map(({ id }) => id)
    const payload = await write(
      chosen.map(({ id }) => id),
      enabled,
    )
    if (!payload) return
    selection.setAll(false)
    const bringBack = async () => {
      const undone = await write(others, !enabled)
      if (undone) notify(`Machine learning is as it was for ${plural(others.length, 'workspace')}.`)
    }
    notify(
      `Machine learning is ${enabled ? 'on' : 'off'} for ${plural(chosen.length, 'workspace')}.`,
      others.length > 0 ? () => void bringBack() : undefined,
    )
  }
  const isOffered = isUsable(selection)
  return (
    <>
      <span>Machine learning</span>
      {[true, false].map((enabled) => (
        <Button
          key={String(enabled)}
          small
          aria-label={`Machine learning ${enabled ? 'on' : 'off'}`}
          isDisabled={!isOffered}
          isPending={action.busy}
          onPress={() => void set(enabled)}
        >
          {enabled ? 'On' : 'Off'}
        </Button>
      ))}
    </>
  )
}
