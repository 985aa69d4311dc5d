import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'
import { EMBEDDED_URL } from './scripts/embedded-url.ts'

// Without it the CLI downloads an engine before any command. Ours runs the same engine, as WASM from npm.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(
  new URL('./scripts/schema-engine.mjs', import.meta.url),
)

// the engine runs in another folder
process.env.DATA_DIR = resolve(process.env.DATA_DIR || '.data')

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL || EMBEDDED_URL },
})
