import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  locatedError,
  type OperationDefinitionNode,
} from 'graphql'
import type { Context } from '../../context.ts'
import { Unfit } from './leaves.ts'
import { Compiler, type Written } from './objects.ts'
import { Run } from './run.ts'

/** An answer that was written without graphql-js. */
export interface Completed {
  /** The value of `data`, as JSON. */
  data: string
  errors: GraphQLError[]
}

/** Writes the answer of one operation; null when graphql-js is to execute it after all. */
export type Complete = (context: Context, variables: Record<string, unknown>) => Promise<Completed | null>

/**
 * Compiles a query whose fields are columns, relations and lists that the resolvers of its roots load as a whole. The roots
 * are resolved as always, behind their gates; what is beneath them is written as JSON straight from the rows. Anything that
 * is not known to come out the same is left to graphql-js: then this returns null, before anything has run.
 *
 * @param operation of a valid document
 */
export function compileCompletion(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Complete | null {
  const root = schema.getQueryType()
  if (operation.operation !== 'query' || !root) return null
  const fragments: Record<string, FragmentDefinitionNode> = {}
  for (const one of document.definitions)
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments[one.name.value] = one
  const write = attempt(() => new Compiler(schema, fragments).roots(root, operation.selectionSet))
  return write && ((context, variables) => run(write, { schema, fragments, operation, context, variables }))
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof Unfit) return null
    throw error
  }
}

type Environment = ConstructorParameters<typeof Run>[0]

/** A root that is refused is null with its error, as graphql-js has it; all else that is unfit is left to graphql-js. */
async function run(roots: Written[], environment: Environment): Promise<Completed | null> {
  const running = new Run(environment)
  const errors: GraphQLError[] = []
  const settled = await Promise.allSettled(
    roots.map(({ write }) => Promise.resolve().then(() => write({}, running, undefined))),
  )
  const parts: string[] = []
  for (const [at, { key, nullable, nodes }] of roots.entries()) {
    const one = settled[at]
    if (one?.status === 'fulfilled') {
      parts.push(`${JSON.stringify(key)}:${one.value}`)
      continue
    }
    // The order of several errors is that in which they came: graphql-js knows it.
    if (!nullable || one?.reason instanceof Unfit || running.hasBegunBeneath || roots.length > 1) return null
    errors.push(locatedError(one?.reason, nodes, [key]))
    parts.push(`${JSON.stringify(key)}:null`)
  }
  return { data: `{${parts.join(',')}}`, errors }
}
