import {
  SessionsDocument,
  useChangePasswordMutation,
  useCloseAccountMutation,
  useRevokeOtherSessionsMutation,
  useRevokeSessionMutation,
  useUpdateProfileMutation,
} from '@atrium/client'
import { useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { useEndless } from '../lib/endless.ts'
import { useSession, useUser } from '../lib/session.tsx'
import { timeOf } from '../lib/words.ts'
import { Button, Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { PageForm, rawText, textOf } from '../ui/form.tsx'
import { EndlessList } from '../ui/list.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Page, Section } from '../ui/page.tsx'
import { Badge } from '../ui/states.tsx'
import { AccessTokens } from './access-tokens.tsx'

/** What belongs to the person who is signed in. */
export function AccountPage() {
  const user = useUser()
  return (
    <Page title="Account" about={user.email}>
      <div className="columns">
        <Section title="Profile">
          <Profile />
        </Section>
        <Section title="Password">
          <Password />
        </Section>
      </div>
      <AccessTokens />
      <Sessions />
      <CloseAccount />
    </Page>
  )
}

function Profile() {
  const user = useUser()
  const action = useAction(useUpdateProfileMutation())
  const notify = useNotify()
  const send = async (fields: FormData) => {
    const { payload } = await action.run({ input: { fullName: textOf(fields, 'fullName') } })
    if (payload) notify('Your profile was saved.')
  }
  return (
    <div className="card">
      <PageForm action={action} submit="Save profile" onSubmit={(fields) => void send(fields)}>
        <Field label="Name" name="fullName" defaultValue={user.fullName} isRequired />
      </PageForm>
    </div>
  )
}

function Password() {
  const action = useAction(useChangePasswordMutation())
  const notify = useNotify()
  const [round, setRound] = useState(0)
  const send = async (fields: FormData) => {
    const { payload } = await action.run({
      input: {
        currentPassword: rawText(fields, 'currentPassword'),
        newPassword: rawText(fields, 'newPassword'),
      },
    })
    if (!payload) return
    setRound(round + 1)
    notify('The password was changed. Your other sessions and tokens have ended.')
  }
  return (
    <div className="card">
      <PageForm key={round} action={action} submit="Change password" onSubmit={(fields) => void send(fields)}>
        <Field
          label="Current password"
          name="currentPassword"
          type="password"
          autoComplete="current-password"
          isRequired
        />
        <Field
          label="New password"
          name="newPassword"
          type="password"
          autoComplete="new-password"
          minLength={8}
          isRequired
        />
      </PageForm>
    </div>
  )
}

function Sessions() {
  const list = useEndless(SessionsDocument, { first: 20 }, ({ viewer }) => viewer?.sessions)
  const one = useAction(useRevokeSessionMutation())
  const others = useAction(useRevokeOtherSessionsMutation())
  const notify = useNotify()
  const endOthers = async () => {
    const { payload } = await others.run({})
    if (payload) notify('All other sessions have ended.')
  }
  return (
    <Section
      title="Sessions"
      about="Where you are signed in."
      actions={
        list.rows.length > 1 && (
          <Button isPending={others.busy} onPress={() => void endOthers()}>
            End all others
          </Button>
        )
      }
    >
      <EndlessList
        label="Sessions"
        list={list}
        nouns={['session', 'sessions']}
        keyOf={({ id }) => id}
        empty={null}
        row={({ id, userAgent, current, lastSeenAt }) => (
          <div className="row-line">
            <div className="row">
              <span className="row-main">
                <span className="row-title">{userAgent ?? 'A program that did not say which'}</span>
                <span className="hint">last seen {timeOf(lastSeenAt)}</span>
              </span>
              {current && <Badge tone="good">This one</Badge>}
            </div>
            {!current && (
              <Button small kind="quiet" onPress={() => void one.run({ input: { id } })}>
                End
              </Button>
            )}
          </div>
        )}
      />
    </Section>
  )
}

function CloseAccount() {
  const action = useAction(useCloseAccountMutation())
  const { restart } = useSession()
  const navigate = useNavigate()
  const [isOpen, setOpen] = useState(false)
  const send = async (fields: FormData) => {
    const { payload } = await action.run({ input: { password: rawText(fields, 'password') } })
    if (!payload) return
    restart()
    void navigate('/sign-in')
  }
  const soleOwner = action.refusal?.__typename === 'SoleOwner' ? action.refusal.organizations : []
  return (
    <Section title="Close the account">
      <Button kind="danger" onPress={() => setOpen(true)}>
        Close my account
      </Button>
      <Ask
        title="Close your account?"
        isOpen={isOpen}
        onClose={() => {
          action.clear()
          setOpen(false)
        }}
        submit="Close for ever"
        isDangerous
        busy={action.busy}
        issues={action.issues}
        message={action.message}
        onSubmit={(fields) => void send(fields)}
      >
        <p>There is no way back. What you have made stays with its organizations.</p>
        {soleOwner.length > 0 && <p>Yours alone: {soleOwner.map(({ name }) => name).join(', ')}.</p>}
        <Field
          label="Your password"
          name="password"
          type="password"
          autoComplete="current-password"
          isRequired
        />
      </Ask>
    </Section>
  )
}
