import { useMutation } from '@apollo/client/react'
import type { FormEvent } from 'react'
import { graphql } from './__generated__/index.ts'

const SIGN_IN = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      __typename
      ... on SignInPayload { user { id fullName } }
      ... on Error { message }
    }
  }
`)

export function SignIn({ onSignedIn }: { onSignedIn(): void }) {
  const [signIn, { data, error, loading }] = useMutation(SIGN_IN, {
    onCompleted: ({ signIn: result }) => result?.__typename === 'SignInPayload' && onSignedIn(),
    // It is in `error`; without this, the promise of the call would be rejected too.
    onError: () => undefined,
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const input = { email: String(fields.get('email')), password: String(fields.get('password')) }
    void signIn({ variables: { input } })
  }
  const refusal = data?.signIn && 'message' in data.signIn ? data.signIn.message : error?.message
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
      <button type="submit" disabled={loading}>
        Sign in
      </button>
      <p role="alert">{refusal}</p>
    </form>
  )
}
