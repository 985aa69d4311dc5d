import {
  type MemberFieldsFragment,
  useAddMemberMutation,
  useRemoveMemberMutation,
  useSetMemberRoleMutation,
} from '@atrium/client'
import { type ReactNode, useState } from 'react'
import { useAction } from '../lib/action.ts'
import { useDebounced } from '../lib/debounced.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { PEOPLE, type ScopeShown, useMembers, useRoles } from '../lib/scope.ts'
import { useUser } from '../lib/session.tsx'
import { Button, Check, Choice, Field, Search } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { EndlessList } from '../ui/list.tsx'
import { useNotify } from '../ui/notices.tsx'
import { isUsable, SelectionBar, useSelection } from '../ui/selection.tsx'
import { Avatar, Badge, Empty, Why } from '../ui/states.tsx'
import { SetMemberRoles } from './member-roles.tsx'
import { RolePicker } from './role-picker.tsx'

/** Who is here, with which role, and where it comes from. */
export function Members({ scope }: { scope: ScopeShown }) {
  const [search, setSearch] = useState('')
  const [isAdding, setAdding] = useState(false)
  const [removed, setRemoved] = useState<MemberFieldsFragment | null>(null)
  const asked = useDebounced(search.trim())
  const list = useMembers(scope, asked)
  const selection = useSelection(list.rows, ({ user }) => user.id)
  const [isSetting, setSetting] = useState(false)
  const permission = PEOPLE[scope.kind].members
  const mayManage = may(scope, permission)
  return (
    <>
      <div className="toolbar">
        <Search label="Search members" value={search} onChange={setSearch} />
        {mayManage && (
          <Button kind="primary" onPress={() => setAdding(true)}>
            Add member
          </Button>
        )}
      </div>
      {!mayManage && <Why>{whyNot(scope, permission)}</Why>}
      {mayManage && list.rows.length > 0 && (
        <SelectionBar nouns={['member', 'members']} selection={selection}>
          <Button small isDisabled={!isUsable(selection)} onPress={() => setSetting(true)}>
            Change role
          </Button>
        </SelectionBar>
      )}
      <EndlessList
        label="Members"
        list={list}
        nouns={['member', 'members']}
        keyOf={({ id }) => id}
        empty={<Empty title={asked ? 'Nobody matches' : 'Nobody is here'} />}
        row={(member) => (
          <MemberRow
            scope={scope}
            member={member}
            check={
              mayManage && (
                <Check
                  aria-label={`Choose ${member.user.fullName}`}
                  isSelected={selection.has(member)}
                  onChange={(isChosen) => selection.set(member, isChosen)}
                />
              )
            }
            mayManage={mayManage}
            onRemove={() => setRemoved(member)}
          />
        )}
      />
      {isSetting && (
        <SetMemberRoles
          scope={scope}
          members={selection.chosen}
          onClose={() => {
            setSetting(false)
            selection.setAll(false)
          }}
        />
      )}
      <AddMember scope={scope} isOpen={isAdding} onClose={() => setAdding(false)} />
      <RemoveMember scope={scope} member={removed} onClose={() => setRemoved(null)} />
    </>
  )
}

interface RowProps {
  scope: ScopeShown
  member: MemberFieldsFragment
  /** Chooses this row. */
  check: ReactNode
  mayManage: boolean
  onRemove(): void
}

function MemberRow({ scope, member, check, mayManage, onRemove }: RowProps) {
  const { user, role, source } = member
  const isSelf = useUser().id === user.id
  const isInherited = scope.kind === 'WORKSPACE' && source === 'ORGANIZATION'
  return (
    <div className="row-line">
      {check}
      <div className="row">
        <Avatar name={user.fullName} />
        <span className="row-main">
          <span className="row-title">
            {user.fullName} {isSelf && <Badge>You</Badge>}
          </span>
          <span className="hint">{user.email}</span>
        </span>
        {isInherited && <Badge>From the organization</Badge>}
        {(!mayManage || isInherited) && <Badge tone="accent">{role.name}</Badge>}
      </div>
      {mayManage && (
        <div className="row-actions">
          <ChangeRole scope={scope} member={member} isInherited={isInherited} />
          {!isInherited && (
            <Button small kind="quiet" aria-label={`Remove ${user.fullName}`} onPress={onRemove}>
              Remove
            </Button>
          )}
        </div>
      )}
    </div>
  )
}

interface ChangeProps {
  scope: ScopeShown
  member: MemberFieldsFragment
  isInherited: boolean
}

function ChangeRole({ scope, member, isInherited }: ChangeProps) {
  const action = useAction(useSetMemberRoleMutation())
  const notify = useNotify()
  const roles = useRoles(scope)
  const { user, role } = member
  const set = async (key: string) => {
    const { payload, refusal, problem } = await action.run({
      input: { scopeId: scope.id, userId: user.id, role: key },
    })
    if (payload) notify(`${user.fullName} is ${payload.member.role.name} now.`)
    else notify((refusal ?? problem)?.message ?? 'The role was not changed.')
  }
  return (
    <Choice
      label={`Role of ${user.fullName}`}
      hideLabel
      placeholder={isInherited ? 'Give a role of its own' : role.name}
      options={roles.map(({ key, name, description }) => ({ id: key, label: name, about: description }))}
      value={isInherited ? null : role.key}
      isDisabled={action.busy}
      onChange={(key) => void (key !== role.key && set(key))}
    />
  )
}

interface DialogProps {
  scope: ScopeShown
  isOpen: boolean
  onClose(): void
}

function AddMember({ scope, isOpen, onClose }: DialogProps) {
  const action = useAction(useAddMemberMutation())
  const notify = useNotify()
  const [role, setRole] = useState<string | null>(null)
  const send = async (fields: FormData) => {
    const { payload } = await action.run({
      input: { scopeId: scope.id, email: textOf(fields, 'email'), role: role ?? '' },
    })
    if (!payload) return
    notify(`${payload.member.user.fullName} was added.`)
    onClose()
  }
  return (
    <Ask
      title={`Add a member to ${scope.name}`}
      isOpen={isOpen}
      onClose={onClose}
      submit="Add"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={(fields) => void send(fields)}
    >
      <p className="hint">
        Somebody with an account whom you share an organization with. Invite everybody else.
      </p>
      <Field label="E-mail" name="email" type="email" isRequired autoFocus />
      <RolePicker scope={scope} value={role} onChange={setRole} />
    </Ask>
  )
}

interface RemoveProps {
  scope: ScopeShown
  member: MemberFieldsFragment | null
  onClose(): void
}

function RemoveMember({ scope, member, onClose }: RemoveProps) {
  const action = useAction(useRemoveMemberMutation())
  const again = useAction(useAddMemberMutation())
  const notify = useNotify()
  const name = member?.user.fullName ?? ''
  const send = async () => {
    if (!member) return
    const { user, role } = member
    const { payload } = await action.run({ input: { scopeId: scope.id, userId: user.id } })
    if (!payload) return
    const bringBack = async () => {
      const added = await again.run({ input: { scopeId: scope.id, userId: user.id, role: role.key } })
      notify(added.payload ? `${name} is back.` : `${name} could not be added again.`)
    }
    notify(`${name} was removed.`, () => void bringBack())
    onClose()
  }
  return (
    <Ask
      title={`Remove ${name}?`}
      isOpen={member !== null}
      onClose={() => {
        action.clear()
        onClose()
      }}
      submit="Remove"
      isDangerous
      busy={action.busy}
      message={action.message}
      onSubmit={() => void send()}
    >
      <p>
        Their role in {scope.name} ends at once
        {scope.kind === 'ORGANIZATION' ? ', with all their roles on its workspaces.' : '.'}
      </p>
    </Ask>
  )
}
