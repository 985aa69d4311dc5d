import { Component, type ReactNode, Suspense, useState } from 'react'
import { RelayEnvironmentProvider } from 'react-relay'
import { createEnvironment, Problem } from './environment.ts'
import { SignIn } from './sign-in.tsx'
import { Workspaces } from './workspaces.tsx'

export function App() {
  const [{ environment, visit }, setVisit] = useState(() => ({ environment: createEnvironment(), visit: 1 }))
  const reset = () => setVisit({ environment: createEnvironment(), visit: visit + 1 })
  return (
    <RelayEnvironmentProvider environment={environment}>
      <Entrance key={visit} onSignedIn={reset}>
        <Suspense fallback={<p>Loading…</p>}>
          <Workspaces />
        </Suspense>
      </Entrance>
    </RelayEnvironmentProvider>
  )
}

/** Queries throw what was refused, so that one boundary tells what to do about it. */
class Entrance extends Component<{ children: ReactNode; onSignedIn(): void }, { error: Error | null }> {
  override state = { error: null as Error | null }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    if (error instanceof Problem && error.code === 'UNAUTHENTICATED')
      return <SignIn onSignedIn={this.props.onSignedIn} />
    return <p role="alert">{error.message}</p>
  }
}
