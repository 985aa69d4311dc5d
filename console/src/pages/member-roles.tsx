import type { PayloadOf } from '@atrium/client'
import {
  type MemberFieldsFragment,
  type SetMemberRolesMutation,
  useSetMemberRolesMutation,
} from '@atrium/client'
import { useState } from 'react'
import { useAction } from '../lib/action.ts'
import type { ScopeShown } from '../lib/scope.ts'
import { plural } from '../lib/words.ts'
import { Ask } from '../ui/dialog.tsx'
import { Badge } from '../ui/states.tsx'
import { RolePicker } from './role-picker.tsx'

type Results = PayloadOf<NonNullable<SetMemberRolesMutation['setMemberRoles']>>['results']

const OUTCOME = {
  ADDED: { text: 'Has it now', tone: 'good' },
  CHANGED: { text: 'Changed', tone: 'good' },
  UNCHANGED: { text: 'Had it already', tone: 'plain' },
  REFUSED: { text: 'Refused', tone: 'bad' },
} as const

interface RolesProps {
  scope: ScopeShown
  members: readonly MemberFieldsFragment[]
  onClose(): void
}

/** One role for several members: what may be done is done, and each of them has an outcome. */
export function SetMemberRoles({ scope, members, onClose }: RolesProps) {
  const action = useAction(useSetMemberRolesMutation())
  // Who was chosen at first: behind the change the list may show other rows for them.
  const [people] = useState(members.map(({ user }) => user))
  const [role, setRole] = useState<string | null>(null)
  const [results, setResults] = useState<Results | null>(null)
  const send = async () => {
    const { payload } = await action.run({
      input: { scopeId: scope.id, members: people.map(({ id }) => ({ userId: id, role: role ?? '' })) },
    })
    if (payload) setResults(payload.results)
  }
  const issue = Object.values(action.issues)[0]
  return (
    <Ask
      title={`Change the role of ${plural(people.length, 'member')}`}
      isOpen
      onClose={onClose}
      submit="Change roles"
      busy={action.busy}
      message={action.message ?? (role === null && issue ? 'Choose a role first.' : (issue ?? null))}
      isDone={results !== null}
      onSubmit={() => void send()}
    >
      {results ? (
        <ul className="outcomes" aria-label="What came of it">
          {results.map(({ userId, outcome, message }) => (
            <li key={userId}>
              <Badge tone={OUTCOME[outcome].tone}>{OUTCOME[outcome].text}</Badge>
              <strong>{people.find(({ id }) => id === userId)?.fullName}</strong>
              <span className="hint">{message}</span>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <p>
            {people
              .slice(0, 5)
              .map(({ fullName }) => fullName)
              .join(', ')}
            {people.length > 5 && ` and ${people.length - 5} more`}
          </p>
          <RolePicker scope={scope} value={role} onChange={setRole} />
        </>
      )}
    </Ask>
  )
}
