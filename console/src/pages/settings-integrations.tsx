import { useState } from 'react'
import { timeOf } from '../lib/words.ts'
import { Button, Field, Toggle } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { rawText, textOf } from '../ui/form.tsx'
import type { SettingsShown } from './settings.tsx'
import { isOpen, SettingRow } from './settings-row.tsx'

type Integration = SettingsShown['settings']['effective']['integrations'][number]

/** What is connected: its configuration, and which secrets it has. */
export function Integrations(shown: SettingsShown) {
  const [edited, setEdited] = useState<Integration | 'new' | null>(null)
  const { integrations } = shown.settings.effective
  return (
    <>
      {integrations.length > 0 && (
        <div className="rows">
          {integrations.map((one) => (
            <SettingRow
              key={one.key}
              title={one.key}
              about={
                one.secrets.length
                  ? `Secrets: ${one.secrets.map(({ key, setAt }) => `${key} (${timeOf(setAt)})`).join(', ')}`
                  : 'No secrets'
              }
              path={`integrations.${one.key}`}
              source={one.source}
              locked={one.locked}
              shown={shown}
            >
              <Toggle
                aria-label={`${one.key}: ${one.enabled ? 'On' : 'Off'}`}
                isSelected={one.enabled}
                isDisabled={!isOpen(shown, one.locked)}
                onChange={(on) => void shown.save({ integrations: [{ key: one.key, enabled: on }] })}
              >
                {one.enabled ? 'On' : 'Off'}
              </Toggle>
              {isOpen(shown, one.locked) && (
                <Button small aria-label={`Edit ${one.key}`} onPress={() => setEdited(one)}>
                  Edit
                </Button>
              )}
            </SettingRow>
          ))}
        </div>
      )}
      {integrations.length === 0 && <p className="hint">None was set.</p>}
      {shown.mayChange && (
        <div className="add">
          <Button onPress={() => setEdited('new')}>New integration</Button>
        </div>
      )}
      {edited && (
        <EditIntegration
          integration={edited === 'new' ? null : edited}
          save={shown.save}
          onClose={() => setEdited(null)}
        />
      )}
    </>
  )
}

interface EditProps {
  integration: Integration | null
  save: SettingsShown['save']
  onClose(): void
}

function EditIntegration({ integration, save, onClose }: EditProps) {
  const [issue, setIssue] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async (fields: FormData) => {
    const config = parsed(textOf(fields, 'config') || '{}')
    if (!config) {
      setIssue('The configuration has to be a JSON object.')
      return
    }
    const [secretKey, value] = [textOf(fields, 'secretKey'), rawText(fields, 'secretValue')]
    setBusy(true)
    const saved = await save({
      integrations: [
        {
          key: integration?.key ?? textOf(fields, 'key'),
          config,
          ...(integration ? {} : { enabled: true }),
          ...(secretKey ? { secrets: [{ key: secretKey, value: value || null }] } : {}),
        },
      ],
    })
    setBusy(false)
    if (saved) onClose()
  }
  return (
    <Ask
      title={integration ? `Edit ${integration.key}` : 'New integration'}
      isOpen
      onClose={onClose}
      submit="Save"
      busy={busy}
      message={issue}
      onSubmit={(fields) => void send(fields)}
    >
      {!integration && <Field label="Name" name="key" isRequired autoFocus />}
      <Field
        label="Configuration"
        name="config"
        rows={5}
        isCode
        defaultValue={JSON.stringify(integration?.config ?? {}, null, 2)}
        hint="A JSON object. Everybody who sees the settings sees it: put secrets below."
      />
      <Field label="Secret" name="secretKey" autoComplete="off" hint="Its name, to set or replace one." />
      <Field
        label="Value of the secret"
        name="secretValue"
        type="password"
        autoComplete="off"
        hint="Kept encrypted, and never shown again. Left empty, the secret is taken away."
      />
    </Ask>
  )
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return value && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
