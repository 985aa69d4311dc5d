import { useState } from 'react'
import { Button, Choice, Field } from '../ui/controls.tsx'
import type { SettingsShown } from './settings.tsx'
import { isOpen, SettingRow } from './settings-row.tsx'

const LEVEL = { ADMIN: 'Administrators', OWNER: 'Owners' } as const
const INHERIT = 'INHERIT'

/** The four settings about who may do what. */
export function PermissionSettings(shown: SettingsShown) {
  const inherited = shown.kind === 'ORGANIZATION' ? 'Default' : 'As the organization'
  return (
    <div className="rows">
      <Level shown={shown} name="whoMayInvite" title="Who may invite" inherited={inherited} />
      <Level shown={shown} name="workspaceDeletion" title="Who may delete workspaces" inherited={inherited} />
      <CloneByWriters shown={shown} inherited={inherited} />
      <Domains shown={shown} />
    </div>
  )
}

interface LevelProps {
  shown: SettingsShown
  name: 'whoMayInvite' | 'workspaceDeletion'
  title: string
  inherited: string
}

function Level({ shown, name, title, inherited }: LevelProps) {
  const { value, source, locked } = shown.settings.effective.permissions[name]
  const own = shown.settings.own.permissions[name]
  const options = [
    { id: INHERIT, label: inherited },
    { id: 'ADMIN', label: LEVEL.ADMIN },
    { id: 'OWNER', label: LEVEL.OWNER },
  ] as const
  return (
    <SettingRow
      title={title}
      about={`What counts: ${LEVEL[value]}`}
      path={`permissions.${name}`}
      source={source}
      locked={locked}
      shown={shown}
    >
      <Choice
        label={title}
        hideLabel
        options={options}
        value={own ?? INHERIT}
        isDisabled={!isOpen(shown, locked)}
        onChange={(id) => void shown.save({ permissions: { [name]: id === INHERIT ? null : id } })}
      />
    </SettingRow>
  )
}

function CloneByWriters({ shown, inherited }: { shown: SettingsShown; inherited: string }) {
  const { value, source, locked } = shown.settings.effective.permissions.cloneByWriters
  const own = shown.settings.own.permissions.cloneByWriters
  const options = [
    { id: INHERIT, label: inherited },
    { id: 'YES', label: 'Everybody on it' },
    { id: 'NO', label: 'Administrators' },
  ] as const
  const chosen = own == null ? INHERIT : own ? 'YES' : 'NO'
  return (
    <SettingRow
      title="Who may clone a workspace"
      about={`What counts: ${value ? 'everybody on it' : 'administrators'}`}
      path="permissions.cloneByWriters"
      source={source}
      locked={locked}
      shown={shown}
    >
      <Choice
        label="Who may clone a workspace"
        hideLabel
        options={options}
        value={chosen}
        isDisabled={!isOpen(shown, locked)}
        onChange={(id) =>
          void shown.save({ permissions: { cloneByWriters: id === INHERIT ? null : id === 'YES' } })
        }
      />
    </SettingRow>
  )
}

function Domains({ shown }: { shown: SettingsShown }) {
  const { value, source, locked } = shown.settings.effective.permissions.allowedEmailDomains
  const own = shown.settings.own.permissions.allowedEmailDomains
  const [text, setText] = useState((own ?? []).join(', '))
  const save = () => {
    const domains = text.split(/[\s,;]+/).filter(Boolean)
    void shown.save({ permissions: { allowedEmailDomains: domains.length ? domains : null } })
  }
  return (
    <SettingRow
      title="Addresses that may be invited"
      about={value.length ? `What counts: ${value.join(', ')}` : 'What counts: all'}
      path="permissions.allowedEmailDomains"
      source={source}
      locked={locked}
      shown={shown}
    >
      <div className="inline">
        <Field
          label="Domains"
          value={text}
          onChange={setText}
          placeholder="example.com"
          isDisabled={!isOpen(shown, locked)}
        />
        <Button isDisabled={!isOpen(shown, locked)} onPress={save}>
          Save domains
        </Button>
      </div>
    </SettingRow>
  )
}
