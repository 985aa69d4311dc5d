import {
  type AccessLevel,
  type Permission,
  type RoleFieldsFragment,
  type ScopeKind,
  useCreateRoleMutation,
  useDeleteRoleMutation,
  useUpdateRoleMutation,
} from '@atrium/client'
import { useState } from 'react'
import { CheckboxGroup, Label } from 'react-aria-components'
import { useAction } from '../lib/action.ts'
import { ALL_PERMISSIONS, isOrganizational, LEVELS, PERMISSIONS, plural } from '../lib/words.ts'
import { Check, Choice, Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { useNotify } from '../ui/notices.tsx'

const SCOPES = [
  { id: 'WORKSPACE', label: 'On workspaces' },
  { id: 'ORGANIZATION', label: 'In the organization' },
] as const

type LevelChoice = AccessLevel | 'NONE'
const levelOptions = (scope: ScopeKind): { id: LevelChoice; label: string }[] => [
  ...(scope === 'ORGANIZATION' ? [{ id: 'NONE' as const, label: 'No workspace by itself' }] : []),
  ...(['READ', 'WRITE', 'ADMIN', 'OWNER'] as const)
    .filter((level) => scope === 'WORKSPACE' || level !== 'OWNER')
    .map((id) => ({ id, label: LEVELS[id] })),
]

interface EditProps {
  organizationId: string
  /** Null for a new one. */
  role: RoleFieldsFragment | null
  onClose(): void
}

export function EditRole({ organizationId, role, onClose }: EditProps) {
  const create = useAction(useCreateRoleMutation())
  const update = useAction(useUpdateRoleMutation())
  const notify = useNotify()
  const [scope, setScope] = useState<ScopeKind>(role?.scope ?? 'WORKSPACE')
  const [level, setLevel] = useState<LevelChoice>(role ? (role.level ?? 'NONE') : 'READ')
  const [permissions, setPermissions] = useState<string[]>(role?.permissions ?? [])
  const action = role ? update : create
  const send = async (fields: FormData) => {
    const chosen = ALL_PERMISSIONS.filter((permission) => permissions.includes(permission))
    const common = {
      name: textOf(fields, 'name'),
      description: textOf(fields, 'description'),
      level: level === 'NONE' ? null : level,
      permissions: chosen.filter((permission) => scope === 'ORGANIZATION' || !isOrganizational(permission)),
    }
    const { payload } = role
      ? await update.run({ input: { id: role.id, expectedVersion: role.version, ...common } })
      : await create.run({ input: { organizationId, scope, ...common } })
    if (!payload) return
    notify(`The role ${payload.role.name} was saved.`)
    onClose()
  }
  return (
    <Ask
      title={role ? `Edit ${role.name}` : 'New role'}
      wide
      isOpen
      onClose={onClose}
      submit="Save"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={(fields) => void send(fields)}
    >
      <Field label="Name" name="name" defaultValue={role?.name ?? ''} isRequired autoFocus />
      <Field label="Description" name="description" defaultValue={role?.description ?? ''} />
      {!role && <Choice label="Held" options={SCOPES} value={scope} onChange={setScope} />}
      <Choice
        label="Reach on workspaces"
        name="level"
        options={levelOptions(scope)}
        value={level}
        onChange={setLevel}
        hint="Reading comes with every reach. A role permits at most what the built-in role of its reach does."
      />
      <CheckboxGroup className="field" value={permissions} onChange={setPermissions}>
        <Label>May</Label>
        <div className="columns">
          {ALL_PERMISSIONS.filter((permission) => isOffered(permission, scope)).map((permission) => (
            <Check key={permission} value={permission}>
              {PERMISSIONS[permission]}
            </Check>
          ))}
        </div>
      </CheckboxGroup>
    </Ask>
  )
}

/** Owners alone delete and hand over an organization. */
function isOffered(permission: Permission, scope: ScopeKind): boolean {
  if (permission === 'ORGANIZATION_DELETE' || permission === 'ORGANIZATION_TRANSFER') return false
  return scope === 'ORGANIZATION' || !isOrganizational(permission)
}

interface DeleteProps {
  role: RoleFieldsFragment
  roles: readonly RoleFieldsFragment[]
  onClose(): void
}

export function DeleteRole({ role, roles, onClose }: DeleteProps) {
  const action = useAction(useDeleteRoleMutation())
  const notify = useNotify()
  const [other, setOther] = useState<string | null>(null)
  const send = async () => {
    const { payload } = await action.run({ input: { id: role.id, ...(other ? { reassignTo: other } : {}) } })
    if (!payload) return
    const moved = payload.reassignedMembers
    notify(`${role.name} was deleted.${moved ? ` ${plural(moved, 'grant')} moved to the other role.` : ''}`)
    onClose()
  }
  const options = roles
    .filter(({ id, scope }) => id !== role.id && scope === role.scope)
    .map(({ key, name }) => ({ id: key, label: name }))
  return (
    <Ask
      title={`Delete ${role.name}?`}
      isOpen
      onClose={onClose}
      submit="Delete"
      isDangerous
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={() => void send()}
    >
      <p>
        {plural(role.memberCount, 'person holds', 'people hold')} it. They get the role that you choose here.
      </p>
      <Choice label="Instead" options={options} value={other} onChange={setOther} />
    </Ask>
  )
}
