import { useVerifyEmailMutation } from '@atrium/client'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { useSession } from '../lib/session.tsx'
import { PageForm } from '../ui/form.tsx'
import { Front } from '../ui/front.tsx'

/** Opening the link does nothing yet: mail scanners open links too. */
export function VerifyPage() {
  const action = useAction(useVerifyEmailMutation())
  const { restart } = useSession()
  const [query] = useSearchParams()
  const [email, setEmail] = useState<string | null>(null)
  const send = async () => {
    const { payload } = await action.run({ input: { token: query.get('token') ?? '' } })
    if (payload) setEmail(payload.user.email ?? '')
  }
  if (email !== null) {
    return (
      <Front title="Your address is confirmed">
        <p role="status">
          <strong>{email}</strong> is yours. Everything is open to you now.
        </p>
        <Link className="button primary" to="/" onClick={restart}>
          Go on
        </Link>
      </Front>
    )
  }
  return (
    <Front title="Confirm your address">
      <PageForm action={action} submit="Confirm" onSubmit={() => void send()}>
        <p>One step is left: say that the mail has reached you.</p>
      </PageForm>
    </Front>
  )
}
