import { ApolloProvider } from '@apollo/client/react'
import { useState } from 'react'
import { createApolloClient } from './client.ts'
import { Workspaces } from './workspaces.tsx'

export function App() {
  const [client, setClient] = useState(createApolloClient)
  return (
    <ApolloProvider client={client}>
      <Workspaces onSignedIn={() => setClient(createApolloClient())} />
    </ApolloProvider>
  )
}
