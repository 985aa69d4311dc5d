import {
  type PreferencesFieldsFragment,
  type UpdateViewerPreferencesInput,
  useUpdateViewerPreferencesMutation,
  useUpdateWorkspacePreferencesMutation,
  useWorkspacePreferencesQuery,
} from '@atrium/client'
import { useAction } from '../lib/action.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { problemIn } from '../lib/problems.ts'
import { Choice, Field } from '../ui/controls.tsx'
import { PageForm, textOf } from '../ui/form.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Section } from '../ui/page.tsx'
import { Badge, Failure, Loading, Why } from '../ui/states.tsx'
import { useWorkspace } from './workspace.tsx'

type Values = Omit<UpdateViewerPreferencesInput, 'workspaceId'>

const SOURCES = { DEFAULT: 'Default', WORKSPACE: 'Of the workspace', VIEWER: 'Your own' } as const
const NAMES = {
  landingPage: 'Page that opens first',
  locale: 'Language and region',
  theme: 'Theme',
  timeZone: 'Time zone',
  weekStart: 'First day of the week',
} as const
const KEYS = Object.keys(NAMES) as (keyof typeof NAMES)[]

/** How the workspace presents itself: to everybody, and to me. */
export function PreferencesPage() {
  const workspace = useWorkspace()
  const [{ data, error }, reload] = useWorkspacePreferencesQuery({ variables: { id: workspace.id } })
  const mine = useAction(useUpdateViewerPreferencesMutation())
  const everybody = useAction(useUpdateWorkspacePreferencesMutation())
  const notify = useNotify()
  const problem = problemIn(error)
  if (problem) return <Failure problem={problem} retry={() => reload({ requestPolicy: 'network-only' })} />
  const preferences = data?.workspace?.preferences
  if (!preferences) return <Loading />
  const mayWrite = may(workspace, 'PREFERENCES_WRITE')
  const saveMine = async (values: Values) => {
    const { payload } = await mine.run({ input: { workspaceId: workspace.id, ...values } })
    if (payload) notify('Your preferences were saved.')
  }
  const saveAll = async (values: Values) => {
    const { payload } = await everybody.run({ input: { workspaceId: workspace.id, ...values } })
    if (payload) notify('The preferences of the workspace were saved.')
  }
  return (
    <>
      <Section title="What counts for you">
        <Effective preferences={preferences} />
      </Section>
      <div className="columns">
        <Section title="Mine" about="For you alone, in this workspace.">
          <div className="card">
            <PreferencesForm
              own={preferences.viewer}
              action={mine}
              onSave={(values) => void saveMine(values)}
            />
          </div>
        </Section>
        <Section title="Of the workspace" about="For everybody who has none of their own.">
          {mayWrite ? (
            <div className="card">
              <PreferencesForm
                own={preferences.workspace}
                action={everybody}
                onSave={(values) => void saveAll(values)}
              />
            </div>
          ) : (
            <Why>{whyNot(workspace, 'PREFERENCES_WRITE')}</Why>
          )}
        </Section>
      </div>
    </>
  )
}

function Effective({ preferences }: { preferences: PreferencesFieldsFragment }) {
  return (
    <dl className="facts card">
      {KEYS.map((key) => {
        const { value, source } = preferences.effective[key]
        return (
          <div className="fact" key={key}>
            <dt>{NAMES[key]}</dt>
            <dd>
              {wordFor(value)}{' '}
              <Badge tone={source === 'VIEWER' ? 'accent' : 'plain'}>{SOURCES[source]}</Badge>
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

const INHERIT = 'INHERIT'
const THEMES = [
  { id: INHERIT, label: 'Not set' },
  { id: 'SYSTEM', label: 'As the system' },
  { id: 'LIGHT', label: 'Light' },
  { id: 'DARK', label: 'Dark' },
] as const
const DAYS = [
  { id: INHERIT, label: 'Not set' },
  { id: 'MONDAY', label: 'Monday' },
  { id: 'FRIDAY', label: 'Friday' },
  { id: 'SATURDAY', label: 'Saturday' },
  { id: 'SUNDAY', label: 'Sunday' },
] as const

/** An enum's value as the choices call it. */
const wordFor = (value: string): string =>
  [...THEMES, ...DAYS].find(({ id }) => id === value && id !== INHERIT)?.label ?? value

interface FormProps {
  own: PreferencesFieldsFragment['viewer']
  action: { issues: Record<string, string>; message: string | null; busy: boolean }
  onSave(values: Values): void
}

/** An empty field takes the own value away. */
function PreferencesForm({ own, action, onSave }: FormProps) {
  const chosen = <Id extends string>(options: readonly { id: Id }[], value: string) => {
    const found = options.find(({ id }) => id === value)?.id
    return found === undefined || found === INHERIT ? null : (found as Exclude<Id, typeof INHERIT>)
  }
  const send = (fields: FormData) =>
    onSave({
      landingPage: textOf(fields, 'landingPage') || null,
      locale: textOf(fields, 'locale') || null,
      timeZone: textOf(fields, 'timeZone') || null,
      theme: chosen(THEMES, textOf(fields, 'theme')),
      weekStart: chosen(DAYS, textOf(fields, 'weekStart')),
    })
  return (
    <PageForm action={action} submit="Save" onSubmit={send}>
      <Field
        label={NAMES.landingPage}
        name="landingPage"
        defaultValue={own.landingPage ?? ''}
        placeholder="overview"
      />
      <Field label={NAMES.locale} name="locale" defaultValue={own.locale ?? ''} placeholder="en" />
      <Field label={NAMES.timeZone} name="timeZone" defaultValue={own.timeZone ?? ''} placeholder="UTC" />
      <Choice label={NAMES.theme} name="theme" options={THEMES} defaultValue={own.theme ?? INHERIT} />
      <Choice
        label={NAMES.weekStart}
        name="weekStart"
        options={DAYS}
        defaultValue={own.weekStart ?? INHERIT}
      />
    </PageForm>
  )
}
