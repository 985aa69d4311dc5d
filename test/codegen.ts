import type { CodegenConfig } from '@graphql-codegen/cli'

/**
 * Typed documents from schema.graphql: `graphql(...)` literals in test/, and the operations of the command line. Not committed: it follows
 * from the schema. What is committed, the client package, stands in codegen.ts.
 */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  ignoreNoDocuments: true,
  generates: {
    // What `npm run provision` sends.
    'scripts/provision/generated/operations.ts': {
      documents: ['scripts/provision/operations.graphql'],
      plugins: ['typescript', 'typescript-operations', 'typed-document-node'],
      config: {
        onlyOperationTypes: true,
        useTypeImports: true,
        enumsAsTypes: true,
        skipTypename: true,
        scalars: { DateTime: 'string', ID: 'string', JSON: 'unknown' },
      },
    },
    'test/generated/': {
      documents: ['test/**/*.ts', '!test/generated/**', '!test/client/**'],
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        documentMode: 'documentNode',
        scalars: { DateTime: 'string', ID: 'string', JSON: 'unknown' },
      },
    },
  },
}

export default config
