import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import { execute, GraphQLError, getVariableValues } from 'graphql'
import type { Context, ContextFactory } from '../context.ts'
import type { Completed } from '../graphql/completion/completion.ts'
import type { Logger } from '../platform/log.ts'
import { BoundedMap } from '../platform/reading/bounded-map.ts'
import type { Exchange } from './exchange.ts'
import { TOKEN_PLACEHOLDER } from './graphiql-examples.ts'
import { type KnownOperation, KnownOperations } from './known-operations.ts'
import { MAX_OBJECTS, objectsAskedFor } from './page-cost.ts'
import { PlainAnswer } from './plain-answer.ts'
import { presentErrors } from './present-errors.ts'

export interface FastGraphqlOptions {
  schema: GraphQLSchema
  log: Logger
  contextOf: ContextFactory
}

/**
 * The short way for requests like one that was answered before: a POST of a document that Yoga has parsed, validated and
 * held against the limits, by a client whose `Accept` Yoga has answered. It leaves out the ponyfill of fetch and the chain
 * of plugins, not a single check: whatever is new, wrong or unusual is left to Yoga, before anything has run.
 */
export interface FastGraphql {
  /** Remembers a document that has passed every check. */
  learnDocument(text: string, document: DocumentNode): void
  /** Remembers which media type an answer to this request had. */
  learnMediaType(exchange: Exchange, contentType: string | null): void
  /** @returns null when Yoga is to answer */
  answer(exchange: Exchange): Promise<PlainAnswer | null>
}

/** Values of `Accept` that are remembered. */
const MOST_ACCEPTS = 100
const LONGEST_ACCEPT = 200

interface Params {
  query: string
  operationName: string | null | undefined
  variables: Record<string, unknown>
}

export function createFastGraphql(options: FastGraphqlOptions): FastGraphql {
  const known = new KnownOperations(options.schema)
  const mediaTypes = new BoundedMap<string, string>(MOST_ACCEPTS)
  return {
    learnDocument: (text, document) => known.learn(text, document),
    learnMediaType: (exchange, contentType) => {
      const accept = exchange.header('accept') ?? ''
      const isAnswer = exchange.operation?.kind === 'query' || exchange.operation?.kind === 'mutation'
      const isJson = /^application\/(json|graphql-response\+json);/.test(contentType ?? '')
      if (isAnswer && isJson && accept.length <= LONGEST_ACCEPT) mediaTypes.set(accept, String(contentType))
    },
    answer: async (exchange) => {
      const contentType = exchange.method === 'POST' && mediaTypes.get(exchange.header('accept') ?? '')
      if (!contentType || exchange.header('authorization') === `Bearer ${TOKEN_PLACEHOLDER}`) return null
      const params = await paramsOf(exchange)
      const found = params && known.find(params.query, params.operationName)
      if (!params || !found) return null
      return begin(options, exchange, params, found, contentType)
    },
  }
}

/** @returns null for anything but a well-formed body with nothing unusual in it */
async function paramsOf(exchange: Exchange): Promise<Params | null> {
  try {
    const body = await exchange.body()
    if (!body) return null
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
    return plainParams(JSON.parse(text) as unknown)
  } catch {
    return null
  }
}

function plainParams(parsed: unknown): Params | null {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null
  const { query, operationName, variables, ...more } = parsed as Record<string, unknown>
  if (typeof query !== 'string' || Object.values(more).some((value) => value != null)) return null
  if (operationName != null && typeof operationName !== 'string') return null
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) return null
  return { query, operationName, variables: (variables ?? {}) as Record<string, unknown> }
}

/** @returns null when Yoga is to refuse it */
async function begin(
  { schema, contextOf, log }: FastGraphqlOptions,
  exchange: Exchange,
  { operationName, variables }: Params,
  { document, operation, workspacesAsked, complete }: KnownOperation,
  contentType: string,
): Promise<PlainAnswer | null> {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
  if (errors || objectsAskedFor(schema, document, operation, variables) > MAX_OBJECTS) return null
  const name = operation.name?.value ?? operationName ?? undefined
  exchange.operation = { kind: operation.operation, name: name?.slice(0, 100) }
  const contextValue = await openContext(contextOf, exchange, workspacesAsked(coerced))
  if (!contextValue) return null
  exchange.responseHeaders = contextValue.responseHeaders
  const completed = await complete?.(contextValue, coerced)
  if (completed) return completedAnswer(completed, contentType, exchange, log)
  const args = {
    schema,
    document,
    contextValue,
    variableValues: variables,
    operationName: operationName ?? null,
  }
  return resultOf(await execute(args), contentType, exchange, log)
}

function completedAnswer(
  { data, errors: raised }: Completed,
  contentType: string,
  exchange: Exchange,
  log: Logger,
): PlainAnswer {
  if (raised.length === 0) return new PlainAnswer(200, contentType, `{"data":${data}}`)
  const { errors = [] } = presentErrors({ errors: raised, data: null }, exchange, log)
  const body = `{"errors":${JSON.stringify(errors.map(withoutHint))},"data":${data}}`
  return new PlainAnswer(statusOf(errors, contentType.startsWith('application/json')), contentType, body)
}

/** Yoga tells why a context can't be opened. */
async function openContext(
  contextOf: ContextFactory,
  exchange: Exchange,
  workspaceIds: string[],
): Promise<Context | null> {
  const headers = { get: (name: string) => exchange.header(name) }
  try {
    return await contextOf({ headers }, exchange.requestId, exchange.clientAddress, workspaceIds)
  } catch {
    return null
  }
}

/** The result in the form that Yoga gives it. */
function resultOf(
  result: ExecutionResult,
  contentType: string,
  exchange: Exchange,
  log: Logger,
): PlainAnswer {
  if (!result.errors) return new PlainAnswer(200, contentType, JSON.stringify(result))
  const { errors = [], ...rest } = presentErrors(result, exchange, log)
  const isLenient = contentType.startsWith('application/json')
  const body = JSON.stringify({ errors: errors.map(withoutHint), ...rest })
  return new PlainAnswer(statusOf(errors, isLenient), contentType, body)
}

interface Hint {
  status?: number
  spec?: boolean
}

const hintOf = ({ extensions }: GraphQLError) => extensions.http as Hint | undefined

function statusOf(errors: readonly GraphQLError[], isLenient: boolean): number {
  const asked = errors.flatMap((error) => {
    const { status, spec } = hintOf(error) ?? {}
    return status && !(isLenient && spec) ? [status] : []
  })
  return asked.length > 0 ? Math.max(...asked) : 200
}

function withoutHint(error: GraphQLError): GraphQLError {
  if (!hintOf(error)) return error
  const { http: _http, ...extensions } = error.extensions
  const { nodes, source, positions, path } = error
  return new GraphQLError(error.message, { nodes, source, positions, path, extensions })
}
