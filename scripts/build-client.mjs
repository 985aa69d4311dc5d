#!/usr/bin/env node
// Builds the client package alone: client/dist, as its users get it.
import { buildClient } from './build.mjs'

await buildClient()
