const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
/** Prisma's names and PostgreSQL's SQLSTATEs for a server that is away, starting, stopping or full. */
const DATABASE_CODES = /^(P1001|P1002|P1008|P1017|P2024|08\w{3}|57P0[1-3]|53300)$/
const KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'])
const TEXTS =
  /Connection terminated|timeout exceeded when trying to connect|Can't reach database server|database system is (starting up|shutting down)|Cannot use a pool after calling end|Client has encountered a connection error/i

/**
 * Whether an error means that the database could not be reached, rather than that the code is wrong. Prisma, its driver
 * adapter and pg each wrap that fact in their own way.
 */
export function isDatabaseOutage(error: unknown, depth = 0): boolean {
  if (depth > 6 || typeof error !== 'object' || error === null) return false
  const { code, message, kind, cause, originalError, errors, meta } = error as Record<string, unknown>
  if (typeof code === 'string' && (SOCKET_CODES.has(code) || DATABASE_CODES.test(code))) return true
  if (typeof kind === 'string' && KINDS.has(kind)) return true
  if (typeof message === 'string' && TEXTS.test(message)) return true
  const inner = [
    cause,
    originalError,
    meta,
    (meta as Record<string, unknown> | undefined)?.driverAdapterError,
  ]
  if (Array.isArray(errors)) inner.push(...errors)
  return inner.some((one) => isDatabaseOutage(one, depth + 1))
}
