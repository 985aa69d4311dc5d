import { useState } from 'react'
import { Button as AriaButton, Label, Tag, TagGroup, TagList } from 'react-aria-components'
import { Button, Field } from './controls.tsx'

interface LabelsProps {
  labels: readonly string[]
  onChange(labels: string[]): void
}

/** Labels that can be added and taken away, by keyboard too. */
export function LabelsField({ labels, onChange }: LabelsProps) {
  const [text, setText] = useState('')
  const add = () => {
    const more = text
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== '' && !labels.includes(label))
    if (more.length > 0) onChange([...labels, ...new Set(more)])
    setText('')
  }
  return (
    <div className="labels">
      <TagGroup
        onRemove={(keys) => onChange(labels.filter((label) => !keys.has(label)))}
        selectionMode="none"
      >
        <Label>Labels</Label>
        <TagList className="tags" renderEmptyState={() => <span className="hint">None yet</span>}>
          {labels.map((label) => (
            <Tag key={label} id={label} textValue={label} className="tag">
              {label}
              <AriaButton slot="remove" className="tag-remove" aria-label={`Remove ${label}`}>
                ×
              </AriaButton>
            </Tag>
          ))}
        </TagList>
      </TagGroup>
      <div className="inline">
        <Field label="New label" value={text} onChange={setText} />
        <Button onPress={add} isDisabled={text.trim() === ''}>
          Add
        </Button>
      </div>
    </div>
  )
}
