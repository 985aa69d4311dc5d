import { type ReactNode, useState } from 'react'
import { Link } from 'react-router-dom'
import type { Endless } from '../lib/endless.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { Button } from '../ui/controls.tsx'
import { EndlessList } from '../ui/list.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Section } from '../ui/page.tsx'
import { Empty, Why } from '../ui/states.tsx'
import type { WorkspaceShown } from './workspace.tsx'

interface RegistryProps<Row extends { id: string }> {
  workspace: WorkspaceShown
  title: string
  about: string
  nouns: readonly [one: string, many: string]
  permission: 'RESOURCE_WRITE' | 'EXTENSION_WRITE' | 'CAPABILITY_WRITE' | 'EVENTS_WRITE'
  list: Endless<Row>
  addLabel: string
  /** What is in the dialog that adds one. */
  dialog(close: () => void): ReactNode
  row(row: Row): { title: string; to?: string; hint: ReactNode; badge?: ReactNode; extra?: ReactNode }
  removeLabel: string
  /** @returns what went wrong; null when it is gone */
  remove(row: Row): Promise<string | null>
}

/** A list of what is registered, with a way to add and to remove. */
export function Registry<Row extends { id: string }>(props: RegistryProps<Row>) {
  const { workspace, title, about, nouns, permission, list, addLabel, row, removeLabel } = props
  const [isAdding, setAdding] = useState(false)
  const notify = useNotify()
  const mayWrite = may(workspace, permission)
  const remove = async (one: Row) => {
    const trouble = await props.remove(one)
    notify(trouble ?? `${row(one).title} was removed.`)
  }
  return (
    <Section
      title={title}
      about={about}
      actions={mayWrite && <Button onPress={() => setAdding(true)}>{addLabel}</Button>}
    >
      {!mayWrite && <Why>{whyNot(workspace, permission)}</Why>}
      <EndlessList
        label={title}
        list={list}
        nouns={nouns}
        keyOf={({ id }) => id}
        empty={<Empty title={`No ${nouns[1]}`} />}
        row={(one) => {
          const { title: name, to, hint, badge, extra } = row(one)
          return (
            <div className="row-line">
              <div className="row">
                <span className="row-main">
                  <span className="row-title">{to ? <Link to={to}>{name}</Link> : name}</span>
                  <span className="hint">{hint}</span>
                </span>
                {badge}
              </div>
              {mayWrite && (
                <div className="row-actions">
                  {extra}
                  <Button
                    small
                    kind="quiet"
                    aria-label={`${removeLabel} ${name}`}
                    onPress={() => void remove(one)}
                  >
                    {removeLabel}
                  </Button>
                </div>
              )}
            </div>
          )
        }}
      />
      {isAdding && props.dialog(() => setAdding(false))}
    </Section>
  )
}
