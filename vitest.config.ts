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
    // Two cores may have other work: a test that waits for something is not one about time.
    expect: { poll: { interval: 50, timeout: 15_000 } },
    // Files share the modules of their process: each has a database of its own, and importing the schema takes seconds.
    isolate: false,
    // A worker waits for PostgreSQL half of its time, so each core takes one.
    maxWorkers: '100%',
    server: { deps: { inline: [/pothos/, /graphql-yoga/, /graphql-shield/] } },
  },
})
