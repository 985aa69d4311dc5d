import { createAtriumClient, type UserFieldsFragment, useViewerQuery } from '@atrium/client'
import { createContext, type ReactNode, useContext, useMemo, useRef, useState } from 'react'
import { Navigate, useLocation } from 'react-router-dom'
import { Provider } from 'urql'
import { Failure, Loading } from '../ui/states.tsx'
import { problemIn } from './problems.ts'

interface Session {
  /** Forgets everything that was read: somebody else is signed in now, or nobody. */
  restart(): void
  /** Says that somebody is signed in, so that an answer without a session means that it has ended. */
  noteSignedIn(): void
}

const SessionContext = createContext<Session | null>(null)
const UserContext = createContext<UserFieldsFragment | null>(null)

/** Where the API is: beside the console, below the same path. */
const API = new URL('../graphql', document.baseURI).href

/** The client of the page. A new session gets a new one, so that nothing of one person is shown to another. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [round, setRound] = useState(0)
  const signedIn = useRef(false)
  const [client, session] = useMemo(() => {
    const restart = () => {
      signedIn.current = false
      setRound(round + 1)
    }
    const onProblem = ({ code }: { code: string }) => {
      if (code === 'UNAUTHENTICATED' && signedIn.current) restart()
    }
    const noteSignedIn = () => {
      signedIn.current = true
    }
    return [createAtriumClient({ url: API, onProblem }), { restart, noteSignedIn }] as const
  }, [round])
  return (
    <SessionContext value={session}>
      <Provider value={client} key={round}>
        {children}
      </Provider>
    </SessionContext>
  )
}

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('SessionProvider is missing')
  return session
}

/** Shows its children to whoever is signed in, and the sign-in page to others. */
export function SignedIn({ children }: { children: ReactNode }) {
  const [{ data, fetching, error }, reload] = useViewerQuery()
  const { noteSignedIn } = useSession()
  const { pathname, search } = useLocation()
  const user = data?.viewer?.user
  if (user) {
    noteSignedIn()
    return <UserContext value={user}>{children}</UserContext>
  }
  if (fetching) return <Loading />
  const problem = problemIn(error)
  if (!problem || problem.code === 'UNAUTHENTICATED') {
    const next = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`
    return <Navigate to={`/sign-in${next}`} replace />
  }
  return <Failure problem={problem} retry={() => reload({ requestPolicy: 'network-only' })} />
}

/** Who is signed in. */
export function useUser(): UserFieldsFragment {
  const user = useContext(UserContext)
  if (!user) throw new Error('Only pages behind SignedIn know a user')
  return user
}
