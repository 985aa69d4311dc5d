/** Hooks, typed documents and a ready client for React and urql. Without React: `@atrium/client/fetch`. */
export type { ClientOptions } from './access.js'
export * from './answers.js'
export { atriumCache, type CacheOptions } from './cache.js'
export { type AtriumClientOptions, createAtriumClient } from './client.js'
export * from './generated/hooks.js'
export { useOperationProgressSubscription as useOperationSubscription } from './generated/hooks.js'
export * from './generated/operations.js'
