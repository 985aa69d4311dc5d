import { createRequire } from 'node:module'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    // vitest would load a second copy of graphql beside the one that dependencies require, and types would not match.
    alias: { graphql: createRequire(import.meta.url).resolve('graphql') },
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/kit/cluster.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Everything in a file runs beside everything else: each test owns a tenant of its own.
    sequence: { concurrent: false },
    server: { deps: { inline: [/pothos/, /graphql-yoga/, /graphql-shield/] } },
  },
})
