import { useState } from 'react'
import { Button, Field, Toggle } from '../ui/controls.tsx'
import type { SettingsShown } from './settings.tsx'
import { isOpen, SettingRow } from './settings-row.tsx'

/** Features by name: on, off, or as inherited. */
export function Features(shown: SettingsShown) {
  const [name, setName] = useState('')
  const { effective, own } = shown.settings
  const add = async () => {
    if (await shown.save({ features: [{ key: name.trim(), enabled: true }] })) setName('')
  }
  return (
    <>
      {effective.features.length > 0 && (
        <div className="rows">
          {effective.features.map(({ key, enabled, source, locked }) => (
            <SettingRow
              key={key}
              title={key}
              path={`features.${key}`}
              source={source}
              locked={locked}
              shown={shown}
            >
              <Toggle
                aria-label={`${key}: ${enabled ? 'On' : 'Off'}`}
                isSelected={enabled}
                isDisabled={!isOpen(shown, locked)}
                onChange={(on) => void shown.save({ features: [{ key, enabled: on }] })}
              >
                {enabled ? 'On' : 'Off'}
              </Toggle>
              {shown.mayChange && own.features.some((feature) => feature.key === key) && (
                <Button
                  small
                  kind="quiet"
                  aria-label={`Reset ${key} to what is inherited`}
                  onPress={() => void shown.save({ features: [{ key, enabled: null }] })}
                >
                  Reset
                </Button>
              )}
            </SettingRow>
          ))}
        </div>
      )}
      {effective.features.length === 0 && <p className="hint">None was set.</p>}
      {shown.mayChange && (
        <div className="inline add">
          <Field label="New feature" value={name} onChange={setName} placeholder="beta-search" />
          <Button isDisabled={!name.trim()} onPress={() => void add()}>
            Switch on
          </Button>
        </div>
      )}
    </>
  )
}
