import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { OperationTypeNode, print } from 'graphql'
import { createClient as createStream } from 'graphql-sse'
import { Observable } from 'rxjs'
import possible from './__generated__/possible-types.ts'

// A session cookie goes along by itself; this header tells the service that no foreign site has sent the request.
const headers = { 'x-requested-with': 'apollo' }

/** Pages are joined as long as these arguments stay the same; other ones begin another list. */
const pages = () => relayStylePagination(['filter', 'orderBy', 'where', 'sort', 'deleted', 'organizationId'])

const cache = () =>
  new InMemoryCache({
    possibleTypes: possible.possibleTypes,
    typePolicies: {
      // It has no id, and there is one of it.
      Viewer: { keyFields: [], fields: { workspaces: pages(), organizations: pages() } },
      Organization: { fields: { workspaces: pages(), members: pages() } },
      Workspace: { fields: { members: pages() } },
    },
  })

/** Subscriptions are server-sent events, which come back by themselves after a lost connection. */
function streamLink(): ApolloLink {
  const stream = createStream({ url: '/graphql', headers, retryAttempts: 20 })
  return new ApolloLink(
    ({ query, operationName, variables }) =>
      new Observable((sink) =>
        stream.subscribe(
          { query: print(query), operationName, variables },
          {
            next: (answer) => sink.next(answer as ApolloLink.Result),
            error: (error) => sink.error(error),
            complete: () => sink.complete(),
          },
        ),
      ),
  )
}

declare module '@apollo/client' {
  namespace ApolloClient {
    namespace DeclareDefaultOptions {
      interface WatchQuery {
        errorPolicy: 'all'
      }
    }
  }
}

/** A new one for whoever signs in: nothing of one person is shown to another. */
export const createApolloClient = () =>
  new ApolloClient({
    cache: cache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      streamLink(),
      new HttpLink({ uri: '/graphql', headers }),
    ),
    // A field that the viewer may not see is null beside everything else: show what is there, and say what is not.
    defaultOptions: { watchQuery: { errorPolicy: 'all' } },
  })

/** What Atrium says of a refusal: UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, BAD_USER_INPUT, RATE_LIMITED, … */
export const codeOf = (error: unknown): unknown =>
  CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.code : undefined
