import { useSignInMutation } from '@atrium/client'
import { Link, useNavigate, useSearchParams } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { useSession } from '../lib/session.tsx'
import { Field } from '../ui/controls.tsx'
import { PageForm, rawText, textOf } from '../ui/form.tsx'
import { Front } from '../ui/front.tsx'

export function SignInPage() {
  const action = useAction(useSignInMutation())
  const { restart } = useSession()
  const navigate = useNavigate()
  const [query] = useSearchParams()
  const send = async (fields: FormData) => {
    const input = { email: textOf(fields, 'email'), password: rawText(fields, 'password') }
    const { payload } = await action.run({ input })
    if (!payload) return
    restart()
    void navigate(placeOf(query.get('next')), { replace: true })
  }
  return (
    <Front
      title="Sign in"
      foot={
        <>
          New here? <Link to="/sign-up">Create an account</Link>
        </>
      }
    >
      <PageForm action={action} submit="Sign in" onSubmit={(fields) => void send(fields)}>
        <Field label="E-mail" name="email" type="email" autoComplete="username" isRequired autoFocus />
        <Field label="Password" name="password" type="password" autoComplete="current-password" isRequired />
        <Link className="aside" to="/forgot-password">
          Forgot your password?
        </Link>
      </PageForm>
    </Front>
  )
}

/** Where to go on; only within the console. */
export const placeOf = (next: string | null): string => (next && /^\/(?![/\\])/.test(next) ? next : '/')
