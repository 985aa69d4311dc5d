import {
  type SettingsFieldsFragment,
  type SettingsInput,
  useOrganizationSettingsQuery,
  useUpdateOrganizationSettingsMutation,
  useUpdateWorkspaceSettingsMutation,
  useWorkspaceSettingsQuery,
} from '@atrium/client'
import { useRef } from 'react'
import { useAction } from '../lib/action.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { problemIn } from '../lib/problems.ts'
import type { ScopeShown } from '../lib/scope.ts'
import { useTurns } from '../lib/turns.ts'
import { useNotify } from '../ui/notices.tsx'
import { Section } from '../ui/page.tsx'
import { Empty, Failure, Loading, Why } from '../ui/states.tsx'
import { Features } from './settings-features.tsx'
import { Integrations } from './settings-integrations.tsx'
import { PermissionSettings } from './settings-permissions.tsx'

/** What the parts of the settings page know of the whole. */
export interface SettingsShown {
  kind: ScopeShown['kind']
  settings: SettingsFieldsFragment
  mayChange: boolean
  /** @returns whether it was saved */
  save(settings: SettingsInput): Promise<boolean>
  isLocked(path: string): boolean
  /** Only for an organization: keeps its workspaces from having a value of their own. */
  setLock(path: string, locked: boolean): void
}

/** The settings as they were last read or saved. */
interface Saved {
  version: number
  settings?: SettingsFieldsFragment | null
}

/** Only organizations have locks. */
type Change = { settings: SettingsInput } | { settings?: never; locks: string[] }

/** The settings of an organization or a workspace: what counts, where it comes from, and who may change it. */
export function Settings({ scope }: { scope: ScopeShown }) {
  const isOrganization = scope.kind === 'ORGANIZATION'
  const variables = { id: scope.id }
  const [own, reloadOwn] = useOrganizationSettingsQuery({ variables, pause: !isOrganization })
  const [inherited, reloadInherited] = useWorkspaceSettingsQuery({ variables, pause: isOrganization })
  const ofOrganization = useAction(useUpdateOrganizationSettingsMutation())
  const ofWorkspace = useAction(useUpdateWorkspaceSettingsMutation())
  const notify = useNotify()
  const inTurn = useTurns()
  const latest = useRef<Saved | null>(null)
  const shown = isOrganization ? own.data?.organization : inherited.data?.workspace
  const problem = problemIn(own.error ?? inherited.error)
  if (problem) {
    const reload = isOrganization ? reloadOwn : reloadInherited
    return <Failure problem={problem} retry={() => reload({ requestPolicy: 'network-only' })} />
  }
  if (!shown) return <Loading />
  const { settings } = shown
  // A switch that is pressed right behind another builds on what that one saves, before it is shown.
  if (shown.version >= (latest.current?.version ?? 0)) latest.current = shown
  const permission = isOrganization ? 'ORGANIZATION_SETTINGS' : 'SETTINGS_WRITE'
  if (!settings) {
    return (
      <Empty title="Not for you to see">
        <p>{whyNot(scope, isOrganization ? 'ORGANIZATION_SETTINGS' : 'SETTINGS_READ')}</p>
      </Empty>
    )
  }
  const write = (change: (now: Saved) => Change) =>
    inTurn(async () => {
      const now = latest.current ?? shown
      const input = { expectedVersion: now.version, ...change(now) }
      const { payload, refusal, problem } = isOrganization
        ? await ofOrganization.run({ input: { organizationId: scope.id, ...input } })
        : await ofWorkspace.run({ input: { workspaceId: scope.id, settings: {}, ...input } })
      if (payload) latest.current = 'organization' in payload ? payload.organization : payload.workspace
      notify(payload ? 'Saved.' : ((refusal ?? problem)?.message ?? 'It was not saved.'))
      return payload !== null
    })
  const setLock = (path: string, locked: boolean) =>
    write((now) => {
      const others = now.settings?.locks.filter((lock) => lock !== path) ?? []
      return { locks: locked ? [...others, path] : others }
    })
  const all: SettingsShown = {
    kind: scope.kind,
    settings,
    mayChange: may(shown, permission),
    save: (changed) => write(() => ({ settings: changed })),
    isLocked: (path) => settings.locks.some((lock) => path === lock || path.startsWith(`${lock}.`)),
    setLock: (path, locked) => void setLock(path, locked),
  }
  return (
    <>
      {!all.mayChange && <Why>{whyNot(scope, permission)}</Why>}
      <Section title="Who may do what" about={isOrganization ? 'Workspaces inherit these.' : undefined}>
        <PermissionSettings {...all} />
      </Section>
      <Section title="Features" about="Switches that your product asks for by name.">
        <Features {...all} />
      </Section>
      <Section
        title="Integrations"
        about="Configuration and secrets for what is connected. Secrets are never shown again."
      >
        <Integrations {...all} />
      </Section>
    </>
  )
}
