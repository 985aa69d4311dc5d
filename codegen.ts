import type { CodegenConfig } from '@graphql-codegen/cli'

/**
 * The client package: typed documents and hooks from schema.graphql and client/operations. What it makes is committed, so
 * that a change of the API shows in a review what it does to frontends.
 */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  emitLegacyCommonJSImports: false,
  documents: ['client/operations/*.graphql'],
  config: {
    useTypeImports: true,
    enumsAsConst: true,
    onlyOperationTypes: true,
    nonOptionalTypename: true,
    skipTypeNameForRoot: true,
    mergeFragmentTypes: true,
    documentMode: 'documentNode',
    optimizeDocumentNode: true,
    dedupeFragments: true,
    scalars: {
      DateTime: 'string',
      ID: 'string',
      JSON: { input: 'Record<string, unknown>', output: 'Record<string, unknown>' },
    },
  },
  generates: {
    'client/src/generated/operations.ts': {
      documentTransforms: ['./client/codegen-typename.mjs'],
      plugins: ['typescript', 'typescript-operations', 'typed-document-node'],
    },
    'client/src/generated/hooks.ts': {
      plugins: ['typescript-urql'],
      config: {
        documentMode: 'external',
        importOperationTypesFrom: 'Operations',
        importDocumentNodeExternallyFrom: './operations.js',
      },
    },
    'client/src/generated/schema-facts.ts': { plugins: ['./client/codegen-schema-facts.mjs'] },
  },
}

export default config
