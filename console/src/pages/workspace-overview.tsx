import { useUpdateWorkspaceMutation, useWorkspaceQuery } from '@atrium/client'
import { useState } from 'react'
import { useAction } from '../lib/action.ts'
import { type Area, areaOf, polygonOf } from '../lib/area.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { timeOf } from '../lib/words.ts'
import { AreaField } from '../ui/area-field.tsx'
import { Button, Field } from '../ui/controls.tsx'
import { PageForm, textOf } from '../ui/form.tsx'
import { LabelsField } from '../ui/labels-field.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Section } from '../ui/page.tsx'
import { Badge, Why } from '../ui/states.tsx'
import { CloneWorkspace } from './clone-workspace.tsx'
import { useWorkspace, type WorkspaceShown } from './workspace.tsx'
import { WorkspaceEnd } from './workspace-end.tsx'

export function WorkspaceOverviewPage() {
  const workspace = useWorkspace()
  const [, reload] = useWorkspaceQuery({ variables: { id: workspace.id }, pause: true })
  const [isEditing, setEditing] = useState(false)
  const [isCloning, setCloning] = useState(false)
  const mayUpdate = may(workspace, 'WORKSPACE_UPDATE')
  return (
    <>
      {isEditing ? (
        // A new version is a new form: what others have changed is not written back.
        <Edit
          key={workspace.version}
          workspace={workspace}
          onDone={() => setEditing(false)}
          onReload={() => reload({ requestPolicy: 'network-only' })}
        />
      ) : (
        <Section
          title="About"
          actions={
            <>
              {may(workspace, 'WORKSPACE_CLONE') && <Button onPress={() => setCloning(true)}>Clone</Button>}
              {mayUpdate && <Button onPress={() => setEditing(true)}>Edit</Button>}
            </>
          }
        >
          {!mayUpdate && <Why>{whyNot(workspace, 'WORKSPACE_UPDATE')}</Why>}
          <About workspace={workspace} />
        </Section>
      )}
      <WorkspaceEnd workspace={workspace} />
      {isCloning && <CloneWorkspace workspace={workspace} onClose={() => setCloning(false)} />}
    </>
  )
}

function About({ workspace }: { workspace: WorkspaceShown }) {
  const { description, labels, defaultCoordinateSystem, databaseName, url, createdBy, updatedBy } = workspace
  const area = areaOf(workspace.boundingBox)
  return (
    <div className="columns">
      <dl className="facts card">
        <dt>Description</dt>
        <dd>{description || 'None'}</dd>
        <dt>Labels</dt>
        <dd>{labels.length ? labels.map((label) => <Badge key={label}>{label}</Badge>) : 'None'}</dd>
        <dt>Coordinate system</dt>
        <dd>{defaultCoordinateSystem ?? 'None'}</dd>
        <dt>Database</dt>
        <dd>
          <code>{databaseName}</code>
        </dd>
        <dt>Address</dt>
        <dd>
          <code>{url}</code>
        </dd>
        <dt>Machine learning</dt>
        <dd>{workspace.mlEnabled ? 'On' : 'Off'}</dd>
        <dt>Created</dt>
        <dd>
          {timeOf(workspace.createdAt)} by {createdBy?.fullName ?? 'somebody who is gone'}
        </dd>
        <dt>Changed</dt>
        <dd>
          {timeOf(workspace.updatedAt)}
          {updatedBy ? ` by ${updatedBy.fullName}` : ''}, version {workspace.version}
        </dd>
      </dl>
      <div className="card">
        <AreaField area={area} onChange={() => {}} isReadOnly />
        {!area && <p className="hint">No area was set.</p>}
      </div>
    </div>
  )
}

interface EditProps {
  workspace: WorkspaceShown
  onDone(): void
  onReload(): void
}

function Edit({ workspace, onDone, onReload }: EditProps) {
  const action = useAction(useUpdateWorkspaceMutation())
  const notify = useNotify()
  const [labels, setLabels] = useState<string[]>(workspace.labels)
  const [area, setArea] = useState<Area | null>(areaOf(workspace.boundingBox))
  const [isAreaChanged, setAreaChanged] = useState(false)
  const changeArea = (changed: Area | null) => {
    setArea(changed)
    setAreaChanged(true)
  }
  const send = async (fields: FormData) => {
    const { payload } = await action.run({
      input: {
        id: workspace.id,
        expectedVersion: workspace.version,
        name: textOf(fields, 'name'),
        description: textOf(fields, 'description'),
        labels,
        defaultCoordinateSystem: textOf(fields, 'defaultCoordinateSystem') || null,
        ...(isAreaChanged ? { boundingBox: area && polygonOf(area) } : {}),
      },
    })
    if (!payload) return
    notify('The workspace was changed.')
    onDone()
  }
  return (
    <Section title="Edit the workspace">
      <div className="card">
        <PageForm
          action={action}
          submit="Save"
          onSubmit={(fields) => void send(fields)}
          extra={
            <>
              <Button kind="quiet" onPress={onDone}>
                Cancel
              </Button>
              {action.refusal?.__typename === 'VersionConflict' && (
                <Button onPress={onReload}>Load the current version</Button>
              )}
            </>
          }
        >
          <Field label="Name" name="name" defaultValue={workspace.name} isRequired autoFocus />
          <Field label="Description" name="description" defaultValue={workspace.description} rows={3} />
          <LabelsField labels={labels} onChange={setLabels} />
          <Field
            label="Coordinate system"
            name="defaultCoordinateSystem"
            defaultValue={workspace.defaultCoordinateSystem ?? ''}
            placeholder="EPSG:4326"
            hint="An EPSG code, or well-known text."
          />
          <AreaField area={area} onChange={changeArea} issue={action.issues.boundingBox} />
        </PageForm>
      </div>
    </Section>
  )
}
