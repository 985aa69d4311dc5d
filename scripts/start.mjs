#!/usr/bin/env node
// Builds what is not up to date and runs the service in this same process: signals reach it, and its exit code is npm's.
import { buildOrExit } from './build.mjs'

process.env.NODE_ENV ??= 'production'
process.setSourceMapsEnabled(true)
await buildOrExit()
await import('../dist/main.js')
