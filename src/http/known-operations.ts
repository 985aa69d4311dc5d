import type {
  DocumentNode,
  FieldNode,
  GraphQLField,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql'
import { getArgumentValues, getOperationAST, Kind } from 'graphql'
import { gateOf } from '../access/guard.ts'
import { type Complete, compileCompletion } from '../graphql/completion/completion.ts'
import { DocumentCache } from './document-cache.ts'

/** One operation of a document that has passed parsing, validation and the limits. */
export interface KnownOperation {
  document: DocumentNode
  operation: OperationDefinitionNode
  /** The workspaces that the gates of its root fields will ask about, as far as the arguments tell. */
  workspacesAsked(variables: Record<string, unknown>): string[]
  /** Writes its answer without graphql-js; null when that has to execute it. */
  complete: Complete | null
}

/** More than a document can have under other names. */
const MOST_WORKSPACES = 50

/** The operations of documents that were answered before. A document that is wrong in any way is never among them. */
export class KnownOperations {
  readonly #documents = new DocumentCache<Map<string, KnownOperation | null>>()
  readonly #parsed = new WeakMap<Map<string, KnownOperation | null>, DocumentNode>()

  constructor(readonly schema: GraphQLSchema) {}

  /** @param document what this text was parsed to, and found valid */
  learn(text: string, document: DocumentNode): void {
    if (this.#documents.get(text)) return
    const operations = new Map<string, KnownOperation | null>()
    this.#parsed.set(operations, document)
    this.#documents.set(text, operations)
  }

  /** @returns undefined for a document that is not known; null when it has no such operation, or a subscription */
  find(text: string, name: string | null | undefined): KnownOperation | null | undefined {
    const operations = this.#documents.get(text)
    const document = operations && this.#parsed.get(operations)
    if (!operations || !document) return undefined
    const key = name ?? ''
    const present = operations.get(key)
    if (present !== undefined) return present
    const operation = getOperationAST(document, name)
    const known =
      operation && operation.operation !== 'subscription' ? this.#prepare(document, operation) : null
    // A name that there is not could be anything: those are not kept.
    if (known) operations.set(key, known)
    return known
  }

  #prepare(document: DocumentNode, operation: OperationDefinitionNode): KnownOperation {
    const root = this.schema.getRootType(operation.operation)
    const asking = root ? gatedFields(root, operation) : []
    return {
      document,
      operation,
      complete: compileCompletion(this.schema, document, operation),
      workspacesAsked: (variables) => {
        const ids = new Set<string>()
        for (const one of asking) {
          const id = workspaceNamedBy(one, variables)
          if (id !== null) ids.add(id)
        }
        return [...ids].slice(0, MOST_WORKSPACES)
      },
    }
  }
}

interface GatedField {
  field: GraphQLField<unknown, unknown>
  node: FieldNode
}

function gatedFields(root: GraphQLObjectType, operation: OperationDefinitionNode): GatedField[] {
  return operation.selectionSet.selections.flatMap((node) => {
    const field = node.kind === Kind.FIELD ? root.getFields()[node.name.value] : undefined
    return field && node.kind === Kind.FIELD && gateOf(field)?.named ? [{ field, node }] : []
  })
}

/** An argument that is wrong names nothing: the gate will say so. */
function workspaceNamedBy({ field, node }: GatedField, variables: Record<string, unknown>): string | null {
  try {
    const found = gateOf(field)?.named?.(getArgumentValues(field, node, variables))
    return found?.kind === 'Workspace' ? found.id : null
  } catch {
    return null
  }
}
