import { createClient } from 'graphql-sse'
import {
  Environment,
  type FetchFunction,
  Network,
  Observable,
  RecordSource,
  Store,
  type SubscribeFunction,
} from 'relay-runtime'

// A session cookie goes along by itself; this header tells the service that no foreign site has sent the request.
const GUARD = { 'x-requested-with': 'relay' }

/** What Atrium says of a refused field: `code` is UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, BAD_USER_INPUT, … */
interface CodedError {
  message: string
  path?: (string | number)[]
  extensions: { code: string; permission?: string; reason?: string; retryAfter?: number }
}

/** Every root field of an answer was refused, so there is nothing to show. */
export class Problem extends Error {
  readonly code: string

  constructor({ message, extensions }: CodedError) {
    super(message)
    this.code = extensions.code
  }
}

const fetchAnswer: FetchFunction = async ({ text, name }, variables) => {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...GUARD },
    body: JSON.stringify({ query: text, operationName: name, variables }),
  })
  const answer = await response.json()
  const [first] = (answer.errors ?? []) as CodedError[]
  // Root fields are nullable: when all of them are null, the first error says why. A part that is missing deeper inside
  // stays null, and `@catch` or `@throwOnFieldError` finds its error.
  if (first && Object.values(answer.data ?? {}).every((field) => field === null)) throw new Problem(first)
  return answer
}

const stream = createClient({ url: '/graphql', headers: GUARD, retryAttempts: 20 })

const subscribe: SubscribeFunction = ({ text, name }, variables) =>
  Observable.create((sink) =>
    stream.subscribe({ query: text ?? '', operationName: name, variables }, sink as never),
  )

/**
 * The store keeps objects by their id alone. `Event.subject` is the one thing whose id is not its own: it is the id of what
 * the event is about, which would be mixed up with it.
 */
const getDataID = (object: Record<string, unknown>, type: string) =>
  type === 'EventSubject' ? undefined : object.id

/** A new one for whoever signs in: nothing of one person is shown to another. */
export const createEnvironment = (): Environment =>
  new Environment({
    network: Network.create(fetchAnswer, subscribe),
    store: new Store(new RecordSource()),
    getDataID,
  })
