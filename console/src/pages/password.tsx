import { useRequestPasswordResetMutation, useResetPasswordMutation } from '@atrium/client'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { Field } from '../ui/controls.tsx'
import { PageForm, rawText, textOf } from '../ui/form.tsx'
import { Front } from '../ui/front.tsx'

const back = <Link to="/sign-in">Back to signing in</Link>

export function ForgotPage() {
  const action = useAction(useRequestPasswordResetMutation())
  const [sentTo, setSentTo] = useState<string | null>(null)
  const send = async (fields: FormData) => {
    const { payload } = await action.run({ input: { email: textOf(fields, 'email') } })
    if (payload) setSentTo(payload.email)
  }
  if (sentTo) {
    return (
      <Front title="Look into your mail" foot={back}>
        <p role="status">
          If <strong>{sentTo}</strong> has an account, a link to choose a new password is on its way.
        </p>
      </Front>
    )
  }
  return (
    <Front title="Forgot your password?" foot={back}>
      <PageForm action={action} submit="Send me a link" onSubmit={(fields) => void send(fields)}>
        <Field label="E-mail" name="email" type="email" autoComplete="username" isRequired autoFocus />
      </PageForm>
    </Front>
  )
}

export function ResetPage() {
  const action = useAction(useResetPasswordMutation())
  const [query] = useSearchParams()
  const [isDone, setDone] = useState(false)
  const send = async (fields: FormData) => {
    const input = { token: query.get('token') ?? '', newPassword: rawText(fields, 'newPassword') }
    const { payload } = await action.run({ input })
    if (payload) setDone(true)
  }
  if (isDone) {
    return (
      <Front title="Your password is changed">
        <p role="status">All other sessions have ended. Sign in with the new password.</p>
        <Link className="button primary" to="/sign-in">
          Sign in
        </Link>
      </Front>
    )
  }
  return (
    <Front title="Choose a new password" foot={back}>
      <PageForm action={action} submit="Change the password" onSubmit={(fields) => void send(fields)}>
        <Field
          label="New password"
          name="newPassword"
          type="password"
          autoComplete="new-password"
          minLength={8}
          hint="8 characters or more"
          isRequired
          autoFocus
        />
      </PageForm>
    </Front>
  )
}
