import { type ScopeShown, useRoles } from '../lib/scope.ts'
import { Choice } from '../ui/controls.tsx'

interface PickerProps {
  scope: ScopeShown
  value: string | null
  onChange(key: string): void
  label?: string
}

/** One of the roles that can be held here. */
export function RolePicker({ scope, value, onChange, label = 'Role' }: PickerProps) {
  const roles = useRoles(scope)
  return (
    <Choice
      label={label}
      name="role"
      options={roles.map(({ key, name, description }) => ({ id: key, label: name, about: description }))}
      value={value}
      onChange={onChange}
    />
  )
}
