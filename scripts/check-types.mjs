#!/usr/bin/env node
// Checks the types of the service, of the client package and of the console, each with the globals of where it runs.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const failed = ['.', 'client', 'console'].filter((project) => {
  const compiler = ['node_modules/typescript7/bin/tsc', '--noEmit', '-p', project]
  return spawnSync(process.execPath, compiler, { cwd: ROOT, stdio: 'inherit' }).status !== 0
})
process.exitCode = failed.length ? 1 : 0
