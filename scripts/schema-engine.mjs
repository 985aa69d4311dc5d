#!/usr/bin/env node
// What PRISMA_SCHEMA_ENGINE_BINARY points to (see prisma.config.ts): the Prisma CLI runs it as a program.
import { tsImport } from 'tsx/esm/api'

const { main } = await tsImport('./schema-engine-rpc.ts', import.meta.url)
await main(process.argv.slice(2))
