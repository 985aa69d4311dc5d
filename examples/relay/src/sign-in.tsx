import { type FormEvent, useState } from 'react'
import { graphql, useMutation } from 'react-relay'
import type { signInMutation } from './__generated__/signInMutation.graphql.ts'

export function SignIn({ onSignedIn }: { onSignedIn(): void }) {
  const [message, setMessage] = useState('')
  const [signIn, isBusy] = useMutation<signInMutation>(graphql`
    mutation signInMutation($input: SignInInput!) {
      signIn(input: $input) {
        ... on SignInPayload { user { fullName } }
        ... on Error { message }
      }
    }
  `)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const input = { email: String(fields.get('email')), password: String(fields.get('password')) }
    signIn({
      variables: { input },
      onCompleted: ({ signIn: result }) => (result?.user ? onSignedIn() : setMessage(result?.message ?? '')),
      onError: (error) => setMessage(error.message),
    })
  }
  return (
    <form onSubmit={submit}>
      <input
        name="email"
        type="email"
        aria-label="E-mail"
        autoComplete="username"
        defaultValue="ada@demo.localhost"
      />
      <input name="password" type="password" aria-label="Password" autoComplete="current-password" />
      <button type="submit" disabled={isBusy}>
        Sign in
      </button>
      <p role="alert">{message}</p>
    </form>
  )
}
