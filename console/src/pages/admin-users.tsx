import {
  AdminUsersDocument,
  type PlatformRole,
  type UpdateUserInput,
  type UserFieldsFragment,
  useCreateUserMutation,
  useDeleteUserMutation,
  useUpdateUserMutation,
} from '@atrium/client'
import { useState } from 'react'
import { useAction } from '../lib/action.ts'
import { useDebounced } from '../lib/debounced.ts'
import { useEndless } from '../lib/endless.ts'
import { useUser } from '../lib/session.tsx'
import { dateOf } from '../lib/words.ts'
import { Button, Check, Choice, Field, Search, Toggle } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { rawText, textOf } from '../ui/form.tsx'
import { EndlessList } from '../ui/list.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Avatar, Badge, Empty } from '../ui/states.tsx'

const ROLES = [
  { id: 'USER', label: 'User' },
  { id: 'ADMIN', label: 'Platform administrator' },
] as const

type Asked = { what: 'create' } | { what: 'edit' | 'delete'; user: UserFieldsFragment }

export function AdminUsersPage() {
  const [search, setSearch] = useState('')
  const [asked, setAsked] = useState<Asked | null>(null)
  const text = useDebounced(search.trim())
  const list = useEndless(
    AdminUsersDocument,
    { first: 50, ...(text ? { search: text } : {}) },
    ({ admin }) => admin?.users,
  )
  const close = () => setAsked(null)
  return (
    <>
      <div className="toolbar">
        <Search label="Search people" value={search} onChange={setSearch} />
        <Button kind="primary" onPress={() => setAsked({ what: 'create' })}>
          New account
        </Button>
      </div>
      <EndlessList
        label="People"
        list={list}
        nouns={['person', 'people']}
        keyOf={({ id }) => id}
        empty={<Empty title="Nobody matches" />}
        row={(user) => <UserRow user={user} onAsk={(what) => setAsked({ what, user })} />}
      />
      {asked?.what === 'create' && <CreateUser onClose={close} />}
      {asked?.what === 'edit' && <EditUser user={asked.user} onClose={close} />}
      {asked?.what === 'delete' && <DeleteUser user={asked.user} onClose={close} />}
    </>
  )
}

function UserRow({ user, onAsk }: { user: UserFieldsFragment; onAsk(what: 'edit' | 'delete'): void }) {
  const isSelf = useUser().id === user.id
  return (
    <div className="row-line">
      <div className="row">
        <Avatar name={user.fullName} />
        <span className="row-main">
          <span className="row-title">{user.fullName}</span>
          <span className="hint">
            {user.email} · since {dateOf(user.createdAt)}
          </span>
        </span>
        {user.platformRole === 'ADMIN' && <Badge tone="accent">Platform administrator</Badge>}
        {!user.emailVerified && <Badge>Not confirmed</Badge>}
        {user.suspendedAt && <Badge tone="bad">Suspended</Badge>}
        {isSelf && <Badge>You</Badge>}
      </div>
      <div className="row-actions">
        <Button small aria-label={`Edit ${user.fullName}`} onPress={() => onAsk('edit')}>
          Edit
        </Button>
        {!isSelf && (
          <Button small kind="quiet" aria-label={`Delete ${user.fullName}`} onPress={() => onAsk('delete')}>
            Delete
          </Button>
        )}
      </div>
    </div>
  )
}

function CreateUser({ onClose }: { onClose(): void }) {
  const action = useAction(useCreateUserMutation())
  const notify = useNotify()
  const [platformRole, setRole] = useState<PlatformRole>('USER')
  const send = async (fields: FormData) => {
    const { payload } = await action.run({
      input: {
        email: textOf(fields, 'email'),
        fullName: textOf(fields, 'fullName'),
        password: rawText(fields, 'password'),
        emailVerified: fields.has('emailVerified'),
        platformRole,
      },
    })
    if (!payload) return
    notify(`${payload.user.fullName} has an account now.`)
    onClose()
  }
  return (
    <Ask
      title="New account"
      isOpen
      onClose={onClose}
      submit="Create"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={(fields) => void send(fields)}
    >
      <Field label="Name" name="fullName" isRequired autoFocus />
      <Field label="E-mail" name="email" type="email" autoComplete="off" isRequired />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={8}
        isRequired
      />
      <Choice label="On the platform" options={ROLES} value={platformRole} onChange={setRole} />
      <Check name="emailVerified" value="yes">
        I vouch for the address; no mail asks to confirm it
      </Check>
    </Ask>
  )
}

interface UserProps {
  user: UserFieldsFragment
  onClose(): void
}

function EditUser({ user, onClose }: UserProps) {
  const action = useAction(useUpdateUserMutation())
  const notify = useNotify()
  const [platformRole, setRole] = useState<PlatformRole>(user.platformRole)
  const [suspended, setSuspended] = useState(user.suspendedAt !== null)
  const send = async (fields: FormData) => {
    const email = textOf(fields, 'email')
    const input: UpdateUserInput = {
      id: user.id,
      fullName: textOf(fields, 'fullName'),
      platformRole,
      suspended,
    }
    const { payload } = await action.run({ input: email === user.email ? input : { ...input, email } })
    if (!payload) return
    notify(`${payload.user.fullName} was changed.`)
    onClose()
  }
  return (
    <Ask
      title={`Edit ${user.fullName}`}
      isOpen
      onClose={onClose}
      submit="Save"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={(fields) => void send(fields)}
    >
      <Field label="Name" name="fullName" defaultValue={user.fullName} isRequired autoFocus />
      <Field label="E-mail" name="email" type="email" defaultValue={user.email ?? ''} isRequired />
      <Choice label="On the platform" options={ROLES} value={platformRole} onChange={setRole} />
      <Toggle isSelected={suspended} onChange={setSuspended}>
        Suspended: signs in nowhere, and all sessions and tokens end
      </Toggle>
    </Ask>
  )
}

function DeleteUser({ user, onClose }: UserProps) {
  const action = useAction(useDeleteUserMutation())
  const notify = useNotify()
  const me = useUser()
  const [isMine, setMine] = useState(false)
  const send = async () => {
    const { payload } = await action.run({
      input: { id: user.id, ...(isMine ? { transferOwnershipTo: me.id } : {}) },
    })
    if (!payload) return
    notify(`${user.fullName} was deleted.`)
    onClose()
  }
  const owned = action.refusal?.__typename === 'SoleOwner' ? action.refusal.organizations : []
  return (
    <Ask
      title={`Delete ${user.fullName}?`}
      isOpen
      onClose={onClose}
      submit="Delete for ever"
      isDangerous
      busy={action.busy}
      message={action.message}
      onSubmit={() => void send()}
    >
      <p>There is no way back. Suspending keeps the account, and keeps the person out.</p>
      {owned.length > 0 && <p>Theirs alone: {owned.map(({ name }) => name).join(', ')}.</p>}
      <Check isSelected={isMine} onChange={setMine}>
        I become an owner of what they alone own
      </Check>
    </Ask>
  )
}
