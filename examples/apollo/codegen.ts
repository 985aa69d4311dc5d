import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: ['src/*.tsx'],
  generates: {
    // Typed documents: `graphql(...)` of this folder knows the variables and the answer of each operation.
    'src/__generated__/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsConst: true,
        scalars: { DateTime: 'string', JSON: 'Record<string, unknown>' },
      },
    },
    // What an interface or a union can be: the cache needs it to match `... on Error`.
    'src/__generated__/possible-types.ts': {
      plugins: ['fragment-matcher'],
      config: { apolloClientVersion: 3 },
    },
  },
}

export default config
