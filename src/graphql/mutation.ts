import type { FieldMap, InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core'
import { renewAccess } from '../access/access.ts'
import type { Gate } from '../access/rules.ts'
import type { Context } from '../context.ts'
import { Refusal } from '../platform/refusal.ts'
import { builder, type InputFields, type ObjectFields, type Types } from './builder.ts'
import { ValidationErrorType } from './errors.ts'

interface MutationOptions<Fields extends InputFieldMap, Payload extends object> {
  /** verbNoun; the names of input, payload and result follow from it. */
  name: string
  description: string
  /** Who may call it: the gate in front of the resolver. */
  gate: Gate
  input?: (t: InputFields) => Fields
  payload: {
    description: string
    fields: (t: ObjectFields<Payload>) => FieldMap
  }
  /** The refusals that it can answer, beside ValidationError. */
  errors: readonly ObjectRef<Types, Refusal>[]
  /** Calls one use case. */
  resolve: (context: Context, input: InputShapeFromFields<Fields>) => Promise<Payload>
  /** Whether the viewer belongs somewhere else afterwards, so that what the payload shows is looked up with their new standing. */
  changesViewer?: (context: Context, input: InputShapeFromFields<Fields>) => boolean
}

const refused = new WeakSet<object>()

/** A refusal as an answer: GraphQL would throw an Error that a resolver returns. */
function asData(refusal: Refusal): object {
  const data = { ...refusal, name: refusal.name, message: refusal.message }
  refused.add(data)
  return data
}

/**
 * Adds a mutation in the one form that all of them have (api.md → Writing):
 * `verbNoun(input: VerbNounInput!): VerbNounResult`, a union of the payload and its errors.
 */
export function defineMutation<Fields extends InputFieldMap, Payload extends object>(
  options: MutationOptions<Fields, Payload>,
): void {
  const { name } = options
  const Name = name[0]?.toUpperCase() + name.slice(1)
  const payload = builder.objectRef<Payload>(`${Name}Payload`).implement({
    description: options.payload.description,
    fields: options.payload.fields as never,
  })
  const result = builder.unionType(`${Name}Result`, {
    description: `What \`${name}\` answers: its payload, or why it was refused.`,
    types: [payload, ...options.errors, ...(options.input ? [ValidationErrorType] : [])] as never,
    resolveType: (value) => (refused.has(value as object) ? (value as Refusal).name : `${Name}Payload`),
  })
  const run = async (context: Context, input: unknown) => {
    try {
      const given = input as InputShapeFromFields<Fields>
      const payload = await options.resolve(context, given)
      await renewAccess(context, options.changesViewer?.(context, given) ?? false)
      return payload
    } catch (error) {
      if (error instanceof Refusal) return asData(error)
      throw error
    }
  }
  const common = {
    type: result,
    nullable: true,
    description: options.description,
    extensions: { gate: options.gate },
  } as const
  const { input } = options
  if (!input) {
    builder.mutationField(name, (t) =>
      t.field({ ...common, resolve: (_root, _args, context) => run(context, {}) as never }),
    )
    return
  }
  const inputType = builder.inputType(`${Name}Input`, {
    description: `The input of \`${name}\`.`,
    fields: input,
  })
  builder.mutationField(name, (t) =>
    t.field({
      ...common,
      args: { input: t.arg({ type: inputType, required: true, description: 'What to do.' }) },
      resolve: (_root, args, context) => run(context, (args as { input: unknown }).input) as never,
    }),
  )
}
