import type { SettingSource } from '@atrium/client'
import type { ReactNode } from 'react'
import { Toggle } from '../ui/controls.tsx'
import { Badge } from '../ui/states.tsx'
import type { SettingsShown } from './settings.tsx'

const SOURCES: Record<SettingSource, string> = {
  DEFAULT: 'Default',
  ORGANIZATION: 'From the organization',
  WORKSPACE: 'Own value',
}

interface RowProps {
  title: string
  about?: ReactNode
  path: string
  source: SettingSource
  locked: boolean
  shown: SettingsShown
  children: ReactNode
}

/** One setting: what counts, where it comes from, its lock, and its control. */
export function SettingRow({ title, about, path, source, locked, shown, children }: RowProps) {
  const isOrganization = shown.kind === 'ORGANIZATION'
  return (
    <div className="row-line">
      <div className="row">
        <span className="row-main">
          <span className="row-title">{title}</span>
          {about && <span className="hint">{about}</span>}
        </span>
        <Badge tone={source === 'DEFAULT' ? 'plain' : 'accent'}>
          {isOrganization && source === 'ORGANIZATION' ? 'Own value' : SOURCES[source]}
        </Badge>
        {!isOrganization && locked && <Badge tone="bad">Locked by the organization</Badge>}
      </div>
      <div className="row-actions">
        {children}
        {isOrganization && (
          <Toggle
            isSelected={shown.isLocked(path)}
            isDisabled={!shown.mayChange}
            onChange={(on) => shown.setLock(path, on)}
            aria-label={`Lock ${title} for workspaces`}
          >
            Lock
          </Toggle>
        )}
      </div>
    </div>
  )
}

/** Whether the viewer can give this setting a value here. */
export const isOpen = ({ kind, mayChange }: SettingsShown, locked: boolean): boolean =>
  mayChange && (kind === 'ORGANIZATION' || !locked)
