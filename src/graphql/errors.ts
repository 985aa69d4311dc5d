import type { FieldMap, ObjectRef } from '@pothos/core'
import { type Refusal, ValidationError, type ValidationIssue, VersionConflict } from '../platform/refusal.ts'
import { builder, type ObjectFields, type Types } from './builder.ts'

export const ErrorInterface = builder.interfaceRef<Refusal>('Error').implement({
  description: 'Why a mutation was refused. Nothing was changed.',
  resolveType: (refusal) => refusal.name,
  fields: (t) => ({
    message: t.exposeString('message', {
      description: 'A sentence that can be shown to the person who asked.',
    }),
  }),
})

/** The class of one refusal; its name is the GraphQL type's name. */
type RefusalClass<T extends Refusal> = new (...args: never[]) => T

/**
 * The GraphQL type of a refusal: a member of the result unions of the mutations that can answer it.
 *
 * @param fields what it tells beside its message
 */
export function errorType<T extends Refusal>(
  refusal: RefusalClass<T>,
  options: { description: string; fields?: (t: ObjectFields<T>) => FieldMap },
): ObjectRef<Types, Refusal> {
  const ref = builder.objectRef<T>(refusal.name)
  builder.objectType(ref, {
    description: options.description,
    interfaces: () => [ErrorInterface],
    fields: options.fields as never,
  } as never)
  return ref as never
}

const ValidationIssueType = builder.objectRef<ValidationIssue>('ValidationIssue').implement({
  description: 'One field of the input that can not be accepted.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where it is in the input, as in `invites.3.email`.' }),
    message: t.exposeString('message', { description: 'What is wrong with it, and what would be right.' }),
  }),
})

export const ValidationErrorType = errorType(ValidationError, {
  description: 'Fields of the input break their documented limits.',
  fields: (t) => ({
    issues: t.field({
      type: [ValidationIssueType],
      description: 'All that is wrong, so that a form can mark every field at once.',
      resolve: (error) => error.issues,
    }),
  }),
})

export const VersionConflictType = errorType(VersionConflict, {
  description: 'Somebody else has changed it since it was read. Nothing was overwritten.',
  fields: (t) => ({ current: t.exposeInt('current', { description: 'The version that it has now.' }) }),
})
