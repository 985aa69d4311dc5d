import { OrganizationOperationsDocument, useProvisionWorkspacesMutation } from '@atrium/client'
import { useState } from 'react'
import { DropZone, FileTrigger, isFileDropItem, Text } from 'react-aria-components'
import { Link, useNavigate } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { type Desired, readDesired, Unreadable } from '../lib/desired.ts'
import { useEndless } from '../lib/endless.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { plural, timeOf } from '../lib/words.ts'
import { Button, Field, Toggle } from '../ui/controls.tsx'
import { EndlessList } from '../ui/list.tsx'
import { Section } from '../ui/page.tsx'
import { Badge, Empty, Refused, Why } from '../ui/states.tsx'
import { OperationItems, PlanCounts, STATES } from './operation-parts.tsx'
import { useOrganization } from './organization.tsx'

const EXAMPLE = `workspaces:
  - key: rhine
    name: Rhine valley
    labels: [survey]
    members:
      - { email: grace@example.com, role: editor }`

/** Workspaces out of a file: the plan first, then the work, then what came of it. */
export function ProvisionPage() {
  const organization = useOrganization()
  return (
    <>
      {may(organization, 'WORKSPACE_CREATE') ? (
        <Provision organizationId={organization.id} slug={organization.slug} />
      ) : (
        <Why>{whyNot(organization, 'WORKSPACE_CREATE')}</Why>
      )}
      <Operations />
    </>
  )
}

function Provision({ organizationId, slug }: { organizationId: string; slug: string }) {
  const plan = useAction(useProvisionWorkspacesMutation())
  const work = useAction(useProvisionWorkspacesMutation())
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [isAtomic, setAtomic] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [planned, setPlanned] = useState<{ id: string; desired: Desired } | null>(null)
  const change = (changed: string) => {
    setText(changed)
    setPlanned(null)
    setTrouble(null)
  }
  const inputOf = ({ workspaces, mode }: Desired) => ({
    organizationId,
    workspaces,
    mode: isAtomic ? ('ATOMIC' as const) : (mode ?? ('BEST_EFFORT' as const)),
  })
  const preview = async () => {
    const desired = readOrSay(text, setTrouble)
    if (!desired) return
    const { payload } = await plan.run({ input: { ...inputOf(desired), validateOnly: true } })
    if (payload) setPlanned({ id: payload.operation.id, desired })
  }
  const carryOut = async () => {
    if (!planned) return
    const { payload } = await work.run({ input: { ...inputOf(planned.desired), planId: planned.id } })
    if (payload) void navigate(`/organizations/${slug}/operations/${payload.operation.id}`)
  }
  const issues = Object.entries(plan.issues).map(([path, message]) => `${path}: ${message}`)
  const answered = plan.refusal?.__typename === 'ValidationError' ? plan.refusal.issues : []
  return (
    <Section
      title="Provision workspaces"
      about="Paste or drop YAML, JSON or CSV. Nothing happens before you have seen the plan."
    >
      <DropZone
        className="drop"
        onDrop={({ items }) => {
          const file = items.find(isFileDropItem)
          if (file) void file.getText().then(change)
        }}
      >
        <Text slot="label">Drop a file here</Text>
        <FileTrigger
          acceptedFileTypes={['.yaml', '.yml', '.json', '.csv', 'text/plain']}
          onSelect={(files) => void files?.[0]?.text().then(change)}
        >
          <Button small>Choose a file</Button>
        </FileTrigger>
      </DropZone>
      <div className="form provision">
        <Field
          label="Workspaces, as YAML, JSON or CSV"
          rows={10}
          isCode
          value={text}
          onChange={change}
          placeholder={EXAMPLE}
        />
        <Toggle isSelected={isAtomic} onChange={setAtomic}>
          All or nothing: one refused workspace stops the rest
        </Toggle>
        <Refused
          message={trouble ?? plan.message ?? work.message ?? (answered.length ? null : (issues[0] ?? null))}
        />
        {answered.length > 0 && (
          <ul className="refused" role="alert" aria-label="What is wrong">
            {answered.slice(0, 20).map(({ path, message }) => (
              <li key={path + message}>
                <code>{path}</code>: {message}
              </li>
            ))}
          </ul>
        )}
        <div className="actions start">
          <Button isDisabled={!text.trim()} isPending={plan.busy} onPress={() => void preview()}>
            Show the plan
          </Button>
          {planned && (
            <Button kind="primary" isPending={work.busy} onPress={() => void carryOut()}>
              Carry it out
            </Button>
          )}
        </div>
      </div>
      {planned && (
        <section className="card" aria-label="The plan">
          <PlanCounts id={planned.id} />
          <OperationItems id={planned.id} slug={slug} />
        </section>
      )}
    </Section>
  )
}

function readOrSay(text: string, say: (trouble: string | null) => void): Desired | null {
  try {
    say(null)
    return readDesired(text)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    say(error.message)
    return null
  }
}

function Operations() {
  const organization = useOrganization()
  const list = useEndless(
    OrganizationOperationsDocument,
    { id: organization.id, first: 20, where: { validateOnly: { eq: false } } },
    (data) => data.organization?.operations,
  )
  return (
    <Section title="Operations" about="What was asked for, and how far it is.">
      <EndlessList
        label="Operations"
        list={list}
        nouns={['operation', 'operations']}
        keyOf={({ id }) => id}
        empty={<Empty title="None yet" />}
        row={({ id, state, progress, createdAt, requestedBy }) => (
          <Link className="row" to={`/organizations/${organization.slug}/operations/${id}`}>
            <span className="row-main">
              <span className="row-title">{plural(progress.total, 'workspace')}</span>
              <span className="hint">
                {timeOf(createdAt)} by {requestedBy?.fullName ?? 'somebody who is gone'}
              </span>
            </span>
            {progress.failed > 0 && <Badge tone="bad">{progress.failed} refused</Badge>}
            <Badge tone={STATES[state].tone}>{STATES[state].text}</Badge>
          </Link>
        )}
      />
    </Section>
  )
}
