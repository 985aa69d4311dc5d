import type { CodegenConfig } from '@graphql-codegen/cli'

/** Typed documents for the tests: `graphql(...)` literals in test/ become types from schema.graphql. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/**/*.ts', '!test/generated/**'],
  ignoreNoDocuments: true,
  generates: {
    'test/generated/': {
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
