import { useCreateWorkspaceMutation } from '@atrium/client'
import { useMemo, useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import type { Area } from '../lib/area.ts'
import { polygonOf } from '../lib/area.ts'
import { AreaField } from '../ui/area-field.tsx'
import { Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { LabelsField } from '../ui/labels-field.tsx'
import type { OrganizationShown } from './organization.tsx'

interface CreateProps {
  organization: OrganizationShown
  isOpen: boolean
  onClose(): void
}

export function CreateWorkspace({ organization, isOpen, onClose }: CreateProps) {
  const action = useAction(useCreateWorkspaceMutation())
  const navigate = useNavigate()
  const [labels, setLabels] = useState<string[]>([])
  const [area, setArea] = useState<Area | null>(null)
  const send = async (fields: FormData) => {
    const [key, system] = [textOf(fields, 'key'), textOf(fields, 'defaultCoordinateSystem')]
    const { payload } = await action.run({
      input: {
        organizationId: organization.id,
        name: textOf(fields, 'name'),
        description: textOf(fields, 'description'),
        labels,
        ...(key ? { key } : {}),
        ...(system ? { defaultCoordinateSystem: system } : {}),
        ...(area ? { boundingBox: polygonOf(area) } : {}),
      },
    })
    if (payload) void navigate(`/organizations/${organization.slug}/workspaces/${payload.workspace.key}`)
  }
  const { refusal } = action
  const isTaken = refusal?.__typename === 'KeyTaken'
  const issues = useMemo(
    () => (refusal?.__typename === 'KeyTaken' ? { key: refusal.message } : action.issues),
    [refusal, action.issues],
  )
  return (
    <Ask
      title="New workspace"
      wide
      isOpen={isOpen}
      onClose={onClose}
      submit="Create"
      busy={action.busy}
      issues={issues}
      message={isTaken ? null : action.message}
      onSubmit={(fields) => void send(fields)}
    >
      <Field label="Name" name="name" isRequired autoFocus />
      <Field
        label="Key"
        name="key"
        hint="Its name for machines, for ever. Left empty, it is made from the name."
      />
      <Field label="Description" name="description" rows={2} />
      <LabelsField labels={labels} onChange={setLabels} />
      <Field label="Coordinate system" name="defaultCoordinateSystem" placeholder="EPSG:4326" />
      <AreaField area={area} onChange={setArea} issue={action.issues.boundingBox} />
    </Ask>
  )
}
