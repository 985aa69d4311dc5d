import { Kind, visit } from 'graphql'

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

/**
 * Asks every object for its `__typename`, so that unions can be narrowed and a cache can tell objects apart, without any
 * work at run time.
 */
export const transform = ({ documents }) =>
  documents.map((file) => ({ ...file, document: file.document && withTypenames(file.document) }))

function withTypenames(document) {
  return visit(document, {
    SelectionSet(node, _key, parent) {
      if (parent.kind === Kind.OPERATION_DEFINITION) return undefined
      const hasIt = node.selections.some((one) => one.kind === Kind.FIELD && one.name.value === '__typename')
      return hasIt ? undefined : { ...node, selections: [TYPENAME, ...node.selections] }
    },
  })
}
