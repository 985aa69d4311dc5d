import type { GraphQLSchema } from 'graphql'
import { execute, GraphQLError, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { createYoga } from 'graphql-yoga'
import type { Context, ContextFactory } from '../context.ts'
import type { Env } from '../env.ts'
import type { Logger } from '../platform/log.ts'
import { DocumentCache, nothingCached } from './document-cache.ts'
import type { Exchange } from './exchange.ts'
import { createFastGraphql, type FastGraphql } from './fast-graphql.ts'
import { TOKEN_PLACEHOLDER } from './graphiql-examples.ts'
import { refuseUnsafe } from './guard.ts'
import { limitPlugins } from './limits.ts'
import { MAX_OBJECTS, objectsAskedFor } from './page-cost.ts'
import { readParams } from './params.ts'
import type { Answer } from './plain-answer.ts'
import type { Result } from './present-errors.ts'
import { presentErrors } from './present-errors.ts'
import { RequestError } from './request-error.ts'

export interface GraphqlOptions {
  env: Pick<Env, 'FAST_PATHS'>
  schema: GraphQLSchema
  log: Logger
  publicOrigin: string
  contextOf: ContextFactory
}

interface ServerContext {
  exchange: Exchange
}

/**
 * Answers GraphQL requests: reads the parameters, lets Yoga run the operation, and gives every error its code.
 *
 * @returns a handler that throws a RequestError when the request is refused by its head
 */
export function createGraphqlHandler(options: GraphqlOptions): (exchange: Exchange) => Promise<Answer> {
  const fast = options.env.FAST_PATHS ? createFastGraphql(options) : null
  const yoga = createYoga<ServerContext, Context>({
    schema: options.schema,
    context: ({ request, exchange }) => openContext(options, request, exchange),
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
    logging: false,
    // Errors are masked in present-errors.ts, which knows the request; bodies are bounded before Yoga.
    maskedErrors: false,
    maxRequestBodySize: false,
    parserAndValidationCache: { documentCache: new DocumentCache(), errorCache: nothingCached },
    plugins: [
      readsParams(),
      executesInOrder(),
      ...limitPlugins(),
      notesOperation(),
      limitsPages(),
      presentsErrors(options.log),
      ...(fast ? [learnsDocuments(fast)] : []),
    ],
  })
  const { Request } = yoga.fetchAPI
  return async (exchange) => {
    refuseUnsafe(exchange, options.publicOrigin)
    const answer = await fast?.answer(exchange)
    if (answer) return answer
    const { url, method, headers, signal } = exchange
    const request = new Request(url.href, { method, headers, signal })
    // An example tab of GraphiQL whose placeholder nobody has filled in yet is simply not signed in.
    if (exchange.header('authorization') === `Bearer ${TOKEN_PLACEHOLDER}`)
      request.headers.delete('authorization')
    const response = await yoga.fetch(request, { exchange })
    if (response.status === 200) fast?.learnMediaType(exchange, response.headers.get('content-type'))
    return response.status >= 400 && !response.body ? refuseEmpty(response) : response
  }
}

async function openContext(options: GraphqlOptions, request: Request, exchange: Exchange): Promise<Context> {
  try {
    const context = await options.contextOf(request, exchange.requestId, exchange.clientAddress)
    exchange.responseHeaders = context.responseHeaders
    return context
  } catch (error) {
    // As one error, even when it holds several: Yoga would tell them apart.
    throw new GraphQLError('The context could not be opened.', { originalError: error as Error })
  }
}

/** Yoga answers some refusals with an empty body; a client gets a sentence instead. */
function refuseEmpty(response: Response): never {
  if (response.status === 406) {
    throw new RequestError(
      'NOT_ACCEPTABLE',
      'Accept application/graphql-response+json or application/json, and text/event-stream for subscriptions.',
      { status: 406 },
    )
  }
  throw new RequestError('INVALID_REQUEST', 'The request was not understood.', { status: response.status })
}

function readsParams(): Plugin<object, ServerContext> {
  return {
    onRequestParse: ({ serverContext, setRequestParser }) => {
      setRequestParser(() => readParams(serverContext.exchange))
    },
  }
}

/** Yoga's own executor gives the fields of an object in the order in which they were ready, not as they were asked for. */
function executesInOrder(): Plugin<object, ServerContext> {
  return { onExecute: ({ setExecuteFn }) => setExecuteFn(execute as Parameters<typeof setExecuteFn>[0]) }
}

/** Behind all that can refuse a document: what is learned has passed. */
function learnsDocuments(fast: FastGraphql): Plugin<object, ServerContext> {
  return {
    onValidate: ({ params: { documentAST }, context }) => {
      const { query } = (context as unknown as { params: { query?: unknown } }).params
      return ({ valid }) => {
        if (valid && typeof query === 'string') fast.learnDocument(query, documentAST)
      }
    },
  }
}

/** For the access log and the meters. */
function notesOperation(): Plugin<object, ServerContext> {
  return {
    onParse: ({ context }) => {
      const { exchange, params } = context as unknown as ServerContext & {
        params: { operationName?: unknown }
      }
      return ({ result }) => {
        const given = typeof params.operationName === 'string' ? params.operationName : undefined
        const operation = result && 'kind' in result ? getOperationAST(result, given) : undefined
        const name = operation?.name?.value ?? given
        exchange.operation = { kind: operation?.operation ?? 'unknown', name: name?.slice(0, 100) }
      }
    },
  }
}

function limitsPages(): Plugin<object, ServerContext> {
  interface Args {
    schema: GraphQLSchema
    document: Parameters<typeof objectsAskedFor>[1]
    operationName?: string | null
    variableValues?: Record<string, unknown> | null
  }
  const refusalOf = ({ schema, document, operationName, variableValues }: Args): RequestError | undefined => {
    const operation = getOperationAST(document, operationName)
    if (!operation) return undefined
    const objects = objectsAskedFor(schema, document, operation, variableValues ?? {})
    if (objects <= MAX_OBJECTS) return undefined
    const message = `This asks for up to ${objects} objects in one answer, the limit is ${MAX_OBJECTS}. Ask for smaller pages.`
    return new RequestError('QUERY_TOO_EXPENSIVE', message, { status: 400, spec: true })
  }
  return {
    onExecute: ({ args, setResultAndStopExecution }) => {
      const refusal = refusalOf(args as Args)
      if (refusal) setResultAndStopExecution({ errors: [refusal] })
    },
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const refusal = refusalOf(args as Args)
      if (refusal) setResultAndStopExecution({ errors: [refusal] })
    },
  }
}

function presentsErrors(log: Logger): Plugin<object, ServerContext> {
  return {
    onResultProcess: async ({ result, setResult, resultProcessor, serverContext: { exchange } }) => {
      if (!isAsyncIterable(result)) {
        setResult(presentErrors(result as Result, exchange, log) as typeof result)
      } else if (resultProcessor) {
        setResult(mapped(result, (one) => presentErrors(one as Result, exchange, log) as typeof one))
      } else {
        // Nobody will read it: the client does not accept an event stream.
        await result[Symbol.asyncIterator]().return?.()
      }
    },
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<never> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** Maps without a generator: ending one waits for the event that it is waiting for. */
function mapped<T>(source: AsyncIterable<T>, map: (value: T) => T): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]()
      return {
        next: async () => {
          const step = await iterator.next()
          return step.done ? step : { done: false, value: map(step.value) }
        },
        return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}
