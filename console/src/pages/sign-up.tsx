import { useSignUpMutation } from '@atrium/client'
import { Link, useNavigate } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { useSession } from '../lib/session.tsx'
import { Field } from '../ui/controls.tsx'
import { PageForm, rawText, textOf } from '../ui/form.tsx'
import { Front } from '../ui/front.tsx'

export function SignUpPage() {
  const action = useAction(useSignUpMutation())
  const { restart } = useSession()
  const navigate = useNavigate()
  const send = async (fields: FormData) => {
    const organizationName = textOf(fields, 'organizationName')
    const { payload } = await action.run({
      input: {
        email: textOf(fields, 'email'),
        password: rawText(fields, 'password'),
        fullName: textOf(fields, 'fullName'),
        ...(organizationName ? { organizationName } : {}),
      },
    })
    if (!payload) return
    restart()
    void navigate('/', { replace: true })
  }
  return (
    <Front
      title="Create an account"
      foot={
        <>
          Have one already? <Link to="/sign-in">Sign in</Link>
        </>
      }
    >
      <PageForm action={action} submit="Create account" onSubmit={(fields) => void send(fields)}>
        <Field label="Your name" name="fullName" autoComplete="name" isRequired autoFocus />
        <Field label="E-mail" name="email" type="email" autoComplete="username" isRequired />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={8}
          hint="8 characters or more"
          isRequired
        />
        <Field
          label="Organization"
          name="organizationName"
          autoComplete="organization"
          hint="You own it, with a first workspace in it. Left empty, it has your name."
        />
      </PageForm>
    </Front>
  )
}
